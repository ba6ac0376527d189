"""What the product is compared with and looked at by: installed on first use, for the benchmark alone.

The packages come from a lock of their own into a folder of the user's cache: neither the product nor its development
environment has them.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

from bench.results import Say
from devstack import builder

LOCK = Path(__file__).with_name("requirements.lock")
_WITHIN = 240


class NotInstalled(Exception):
    """The peers are not to be had here."""


def installed(say: Say) -> Path:
    """The folder with the programs of the peers, ``python`` among them.

    Raises:
        NotInstalled: they cannot be had.
    """
    place = builder.cache().parent / f"peers-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    programs, done = place / "bin", place / "installed"
    if not done.exists():
        say("installing the peers, once for this user")
        pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK)]
        for words in ([sys.executable, "-m", "venv", "--clear", str(place)], pip):
            try:
                subprocess.run(words, check=True, capture_output=True, text=True, timeout=_WITHIN)  # noqa: S603 - our own commands
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as fault:
                reason = str(fault.stderr or fault)[-200:]
                raise NotInstalled(f"the peers cannot be installed here: {reason}") from None
        done.touch()
    return programs
