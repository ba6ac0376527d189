"""`python -m devstack.install LOCK`: install the locked packages and say how it gets on.

Runs before anything is installed, so it stands on the standard library alone.
"""

import re
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path

from devstack.progress import clock

_EVERY = 5.0


class Installation:
    """One run of pip, watched: pip itself is silent for half a minute while it unpacks."""

    def __init__(self, lock: Path) -> None:
        self._lock = lock
        self._total = len(re.findall(r"^[A-Za-z0-9]\S*==", lock.read_text(), re.MULTILINE))
        self._collected = 0
        self._unpacking = False
        self._began = time.monotonic()
        self._over = threading.Event()

    def run(self) -> int:
        words = ["install", "--require-hashes", "--disable-pip-version-check", "--progress-bar", "off"]
        process = subprocess.Popen(
            [sys.executable, "-m", "pip", *words, "-r", str(self._lock)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        print(f"setup: installing {self._total} locked packages", flush=True)
        threading.Thread(target=self._speak, daemon=True).start()
        lines = []
        for line in process.stdout:
            lines.append(line)
            self._collected += line.startswith(("Collecting ", "Requirement already satisfied"))
            self._unpacking = self._unpacking or line.startswith("Installing collected")
        code = process.wait()
        self._over.set()
        if code:
            print("".join(lines[-25:]), "setup: pip could not install the locked packages", file=sys.stderr, flush=True)
        else:
            print(f"setup: packages installed in {clock(self._began)}", flush=True)
        return code

    def _speak(self) -> None:
        while not self._over.wait(_EVERY):
            if self._unpacking:
                there = len(list(Path(sysconfig.get_path("purelib")).glob("*.dist-info")))
                done = f"{min(there, self._total)} of {self._total} packages unpacked"
            else:
                done = f"{self._collected} of {self._total} packages fetched"
            print(f"setup: {clock(self._began)}  {done}", flush=True)


if __name__ == "__main__":
    sys.exit(Installation(Path(sys.argv[1])).run())
