"""The Mongo-wire server: a `mongod` on PATH, else FerretDB over SQLite, built by `devstack.builder`."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from devstack import builder
from devstack.child import Command
from devstack.parts.base import Given, Part, Site

_DATABASE = "revcare"


class MongoDB(Part):
    """Holds queries, content and GST documents."""

    name = "mongodb"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._port = site.folder.port("mongodb")

    @staticmethod
    def server(say: Callable[[str], None]) -> Path:
        """The program: `mongod` or ours."""
        return Path(found) if (found := shutil.which("mongod")) else builder.mongowire(say)

    @classmethod
    def given(cls, site: Site) -> Part | None:
        uri = site.env.get("MONGODB_URI") or site.env.get("MONGODB_URL")
        if not uri:
            return None
        database = site.env.get("MONGODB_DB") or urlsplit(uri).path.strip("/") or _DATABASE
        return Given(site, cls.name, {"mongodb": uri}, {"MONGODB_URI": uri, "MONGODB_DB": database})

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self._port}/{_DATABASE}"

    def command(self) -> Command:
        server = self.server(self.site.say)
        # Each keeps its own files: a machine that gains a `mongod` later starts with an empty folder of its own.
        folder = self.site.folder.data("mongodb") / server.name
        folder.mkdir(exist_ok=True)
        if server.name == "mongod":
            words = [str(server), "--bind_ip", "127.0.0.1", "--port", str(self._port), "--dbpath", str(folder)]
        else:
            words = [str(server), "-listen", f"127.0.0.1:{self._port}", "-data", str(folder)]
        return Command(words, self.site.environment(), folder)

    def ready(self) -> bool:
        client: MongoClient[dict[str, Any]] = MongoClient(self.uri, serverSelectionTimeoutMS=500)
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        finally:
            client.close()
        return True

    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    def facts(self) -> dict[str, Any]:
        return {"mongodb": self.uri}

    def exports(self) -> dict[str, str]:
        return {"MONGODB_URI": self.uri, "MONGODB_DB": _DATABASE}
