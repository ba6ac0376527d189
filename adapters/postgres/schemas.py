"""Schemas with their tables: the engine's in ``public``, each kind's people and tables in its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import MetaData, Table

from adapters.personal_data import Held

PUBLIC = "public"
VERSIONS, PEOPLE_VERSIONS = "alembic_version", "people_version"
"""Tables that say at which revision a schema is, and its tables of people."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table in a schema; the same table of people stands in several."""

    schema: str
    table: Table

    @property
    def name(self) -> str:
        """As people read it: the engine's tables by their name, a kind's with its schema."""
        return self.table.name if self.schema == PUBLIC else f"{self.schema}.{self.table.name}"

    @property
    def sql(self) -> str:
        """As a statement names it, whatever the search path."""
        return f'"{self.schema}"."{self.table.name}"'


@dataclass(frozen=True, slots=True)
class RestoreRules:
    """What a restore that keeps bookings has to know of a schema's tables.

    ``early``: tables of bookings that are written before the booking's version says so. ``derived``: a table -> the
    query that counts it anew, with the other tables by name in braces. ``companions``: a table that says what a person
    is -> its column with the person's id; its rows come along with a person who is kept. ``external``: tables of what
    others have seen or hold; the rows of now stay, beside those of the backup that are no longer there.
    """

    early: frozenset[str] = frozenset()
    derived: Mapping[str, str] = field(default_factory=dict)
    companions: Mapping[str, str] = field(default_factory=dict)
    external: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema and the metadata of what stands in it, those first to which the others refer.

    Where people stand in it, ``kind`` is the name of theirs, and ``personal_data`` what its own tables hold of them.
    """

    name: str
    metadata: tuple[MetaData, ...]
    restoring: RestoreRules = RestoreRules()
    kind: str = ""
    personal_data: Mapping[str, Held] = field(default_factory=dict)

    def places(self) -> list[Place]:
        """Its tables, parents before children."""
        return [Place(self.name, table) for each in self.metadata for table in each.sorted_tables]


def places_of(schemas: Iterable[Schema]) -> list[Place]:
    """The tables of all schemas, parents before children."""
    return [place for schema in schemas for place in schema.places()]
