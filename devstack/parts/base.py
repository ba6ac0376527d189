"""What every part of the stack has in common."""

import os
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from devstack.child import MARK, Command
from devstack.stack_folder import StackFolder

REPOSITORY = Path(__file__).resolve().parents[2]
# What would lead a child to somebody else's server; each is set anew from the parts of this stack.
_STRANGERS = ("TEMPORAL_", "PG", "RZP_", "FCM_")
_STORES = ("POSTGRESQL_URL", "MONGODB_URI", "MONGODB_URL", "MONGODB_DB", "MAIL_USERNAME", "MAIL_PASSWORD")


@dataclass
class Site:
    """One stack: its folder, the settings from the environment, and what the parts export to each other.

    ``lasting`` says that its data is meant to be there after the machine has crashed: nobody waits for the disk else.
    """

    folder: StackFolder
    env: Mapping[str, str]
    say: Callable[[str], None]
    lasting: bool = True

    def __post_init__(self) -> None:
        self.secrets = self.folder.secrets()
        self.exports: dict[str, str] = {
            "REVCARE_ENVIRONMENT": "development",
            "SECRET_KEY": self.secrets["secret_key"],
            "REFRESH_SECRET_KEY": self.secrets["refresh_secret_key"],
            "BACKUP_DIR": self.env.get("BACKUP_DIR") or str(self.folder.path / "backups"),
            "MIN_BACKUP_AGE_DAYS": "0",
        }

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a child: ours without strangers, what the parts export, then what the person asked for."""
        base = {
            name: value
            for name, value in (dict(os.environ) | dict(self.env)).items()
            if not name.startswith(_STRANGERS) and name not in _STORES
        }
        asked = {
            name: value for name, value in self.env.items() if value and name.startswith(("REVCARE_", "RAZORPAY_"))
        }
        mark = {MARK: str(self.folder.root), "PYTHONUNBUFFERED": "1"}
        return base | self.exports | more | asked | mark

    def python(self, *words: str, **env: str) -> Command:
        """One of our own programs, run from the repository."""
        return Command([sys.executable, *words], self.environment(**env), REPOSITORY)


class Part:
    """One process of the stack. `ready` is one quick question, asked again and again while the part starts."""

    name = "?"
    timeout = 60.0

    def __init__(self, site: Site) -> None:
        self.site = site

    @classmethod
    def given(cls, site: Site) -> "Part | None":
        """The part as the environment gives it, when it does."""
        return None

    def command(self) -> Command | None:
        """How to run it, None when it runs already; called before every start, also after a crash."""
        raise NotImplementedError

    def ready(self) -> bool:
        raise NotImplementedError

    def address(self) -> str:
        return ""

    def facts(self) -> dict[str, Any]:
        """What goes into stack.json."""
        return {}

    def exports(self) -> dict[str, str]:
        """What the product reads from its environment."""
        return {}


class Given(Part):
    """A part that somebody else runs."""

    def __init__(self, site: Site, name: str, facts: dict[str, Any], exports: dict[str, str]) -> None:
        super().__init__(site)
        self.name, self._facts, self._exports = name, facts, exports

    def command(self) -> None:
        return None

    def ready(self) -> bool:
        return True

    def address(self) -> str:
        return "given by the environment"

    def facts(self) -> dict[str, Any]:
        return self._facts

    def exports(self) -> dict[str, str]:
        return self._exports


def listening(port: int) -> bool:
    """Whether something takes connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(url: str) -> bool:
    """Whether a GET succeeds."""
    try:
        return _http().get(url).is_success
    except httpx.HTTPError:
        return False


@cache
def _http() -> httpx.Client:
    """Made once, for it reads all certificates and a starting part is asked many times; loopback has no proxy."""
    return httpx.Client(timeout=2, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
