"""The streams of migrations: the engine's, and for each kind the people's and its own.

A stream has revisions of its own and a version table in the schema where it works. The schema is not named in a
revision: it is the first of the search path.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text

from adapters.postgres.database import search_path
from adapters.postgres.essentials import insert_roles
from adapters.postgres.kind import KindStorage, distinct
from adapters.postgres.schemas import PEOPLE_VERSIONS, PUBLIC, VERSIONS
from adapters.postgres.tables import Base, PeopleBase
from migrations.essentials import insert_of_engine, insert_of_kind
from migrations.schemas import installed

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Stream:
    """Revisions in ``folder`` for one schema; ``essentials`` follow them."""

    name: str
    folder: Path
    schema: str
    version_table: str
    metadata: MetaData
    essentials: Callable[[Connection], None] | None = None

    @property
    def script(self) -> ScriptDirectory:
        """The revisions."""
        return _read(self.folder)

    def current(self, connection: Connection) -> str | None:
        """The revision at which the schema is."""
        return self._context(connection).get_current_revision()

    def upgrade(self, connection: Connection) -> None:
        """Apply what is missing, in the caller's transaction."""
        script = self.script

        def missing(revision: Any, _context: Any) -> Any:
            return script._upgrade_revs("head", revision)

        self.run(connection, missing)
        if self.essentials is not None:
            self.essentials(connection)

    def run(self, connection: Connection, steps: Callable[[Any, Any], Any]) -> None:
        """Take these steps of the stream."""
        self.enter(connection)
        context = self._context(connection, fn=steps)
        with Operations.context(context):
            context.run_migrations()

    def enter(self, connection: Connection) -> None:
        """Work in the schema of the stream until the transaction ends."""
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"'))
        connection.execute(text(f"SET LOCAL search_path = {search_path(self.schema)}"))

    def _context(self, connection: Connection, **more: Any) -> MigrationContext:
        versions = {"version_table": self.version_table, "version_table_schema": self.schema}
        return MigrationContext.configure(connection, opts={**versions, **more})


@cache
def _read(folder: Path) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("version_locations", str(folder))
    config.set_main_option("path_separator", "newline")
    return ScriptDirectory.from_config(config)


def read_revisions() -> None:
    """Read the files of every stream now, so that no transaction waits for it later."""
    for stream in streams():
        stream.script.get_current_head()


def streams(storages: Sequence[KindStorage[Any]] | None = None) -> tuple[Stream, ...]:
    """Every stream, in the order in which they are applied."""
    found = [Stream("engine", _HERE / "engine", PUBLIC, VERSIONS, Base.metadata, insert_of_engine)]
    for storage in distinct(installed() if storages is None else storages):
        schema = storage.schema
        roles = partial(insert_roles, roles=storage.roles)
        found.append(Stream(f"{schema} people", _HERE / "people", schema, PEOPLE_VERSIONS, PeopleBase.metadata, roles))
        own = partial(insert_of_kind, storage=storage)
        found.append(Stream(schema, storage.migrations, schema, VERSIONS, storage.metadata, own))
    return tuple(found)


def differences(connection: Connection) -> list[str]:
    """What keeps the tables from being those that the code expects, schema by schema."""
    return behind(connection) or [each for storage in installed() for each in _compared(connection, storage)]


def behind(connection: Connection) -> list[str]:
    """The schemas that are not at their newest revision, each a sentence."""
    found: list[str] = []
    for stream in streams():
        head, current = stream.script.get_current_head(), stream.current(connection)
        if current != head:
            found.append(f"{stream.name} is at {current or 'nothing'}, the newest is {head}")
    return found


def _compared(connection: Connection, storage: KindStorage[Any]) -> list[str]:
    """The engine's tables and those of one kind, as its connections see them."""

    def is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compared_to: Any) -> bool:
        return not (kind == "table" and name in (VERSIONS, PEOPLE_VERSIONS))

    connection.execute(text(f"SET LOCAL search_path = {search_path(storage.schema)}"))
    context = MigrationContext.configure(connection, opts={"include_object": is_ours})
    known = [Base.metadata, PeopleBase.metadata, storage.metadata]
    return [str(difference) for difference in compare_metadata(context, known)]  # type: ignore[arg-type]
