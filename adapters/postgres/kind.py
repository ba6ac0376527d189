"""What a kind of booking brings to PostgreSQL: its rows, its filters, and the things that bookings contend for."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.personal_data import Held
from adapters.postgres.booking_queries import NOTHING_MORE
from adapters.postgres.driver import StatementRunner
from adapters.postgres.notices import Notices
from adapters.postgres.retention import Rule
from adapters.postgres.row_sets import RowSet
from adapters.postgres.schemas import PEOPLE_VERSIONS, PUBLIC, VERSIONS, RestoreRules
from adapters.postgres.tables import Base, PeopleBase
from domain.accounts import AccountAct
from domain.errors import BookingError
from domain.kind import B, BookingKind, Json
from domain.people import RoleSpec

_RESERVED = {*Base.metadata.tables, *PeopleBase.metadata.tables, PEOPLE_VERSIONS, VERSIONS}


async def _lock_nothing(connection: AsyncConnection, booking: Any) -> None:
    return None


async def _reserve_nothing(connection: AsyncConnection, booking_id: int, wanted: Mapping[str, Json]) -> None:
    return None


async def _find_nothing(connection: AsyncConnection, booking: Any) -> Json | None:
    return None


async def _release_nothing(connection: AsyncConnection, booking_id: int, legs: Collection[str]) -> None:
    return None


def _nothing_else(connection: Connection) -> None:
    return None


async def _record_nothing(connection: AsyncConnection, act: AccountAct) -> None:
    return None


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What keeps a person from leaving: a query over ``:id`` that answers the number of a booking, and the refusal,
    which says so with the number in braces."""

    query: str
    refusal: str


@dataclass(frozen=True, kw_only=True)
class KindStorage(Generic[B]):
    """One kind of booking in PostgreSQL. What it locks, it locks in the order of ``adapters.postgres.lock_order``."""

    kind: BookingKind[B]
    schema: str
    """The schema of the kind's people and tables: need not be the kind's name, and is never renamed."""
    metadata: MetaData
    """Its own tables; those of people come with every kind."""
    migrations: Path
    """The folder of its own revisions."""
    detail: RowSet[B]
    children: tuple[RowSet[B], ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    """List filter -> SQL condition over ``b``, a row of bookings; its parameter has the filter's name."""
    essentials: Callable[[Connection], None] = _nothing_else
    """Insert the rows without which its code does not work, as far as they are missing; after every migration.
    Roles with their scopes and the categories of e-mails are there by then."""
    notices: Notices | None = None
    """How its people are told of their bookings in the application; without it what ``BookingKind.notices`` says is
    told to nobody."""
    personal_data: Mapping[str, Held] = field(default_factory=dict)
    """What its own tables hold of people, an entry for each: what goes when somebody leaves, what an export has."""
    open_work: Mapping[str, OpenWork] = field(default_factory=dict)
    """Role -> what keeps its people; those of any other role are kept by an open booking in which they take part."""
    retention: Mapping[str, Rule] = field(default_factory=dict)
    """How long the rows of its own tables are kept, a rule for each; what has none is kept for good."""
    restoring: RestoreRules = field(default_factory=RestoreRules)
    locks: tuple[str, ...] = ()
    """The tables whose rows the next three functions lock, in the lock order."""
    lock_owners: Callable[[AsyncConnection, B], Awaitable[None]] = _lock_nothing
    """Hold what a new booking belongs to until the transaction ends; raises NotFound for what has gone."""
    reserve: Callable[[AsyncConnection, int, Mapping[str, Json]], Awaitable[None]] = _reserve_nothing
    """Hold these instead of what the same legs held: all of them, or SlotTaken; a repeat changes nothing."""
    find_free: Callable[[AsyncConnection, B], Awaitable[Json | None]] = _find_nothing
    """What a new booking that leaves something open can reserve now; locks nothing. None: nothing is free."""
    release: Callable[[AsyncConnection, int, Collection[str]], Awaitable[None]] = _release_nothing
    """Give back what these legs hold."""
    shown: str = NOTHING_MORE
    """SQL over ``b``, a row of bookings: a JSON object as text with what a view has beside the state
    (``ViewContext.rows``)."""
    beside: tuple[Callable[[StatementRunner, B], Awaitable[None]], ...] = ()
    """What each version of a booking writes into rows that are not its own (of people, say), in its transaction and
    after its rows. A version may be written again: whatever is added is keyed by booking and version."""
    record_act: Callable[[AsyncConnection, AccountAct], Awaitable[None]] = _record_nothing
    """Keep what was done to an account, in the transaction that does it."""
    refusals: Mapping[str, Callable[[B], BookingError]] = field(default_factory=dict)
    """Unique index or foreign key -> what its violation means to whoever opens or changes a booking."""

    @property
    def email_categories(self) -> tuple[str, ...]:
        """Those of its e-mails."""
        return tuple(email.category for email in self.kind.emails.values())

    @property
    def roles(self) -> tuple[RoleSpec, ...]:
        """Those of its people."""
        return self.kind.roles


def distinct(storages: Sequence[KindStorage[Any]]) -> Sequence[KindStorage[Any]]:
    """The storages, of which each has a schema of its own, names of tables that no other stream has there, and numbers
    of documents that nobody else issues.

    Statements name tables without a schema: one of a kind would be found in place of the engine's of that name. A
    document whose number is taken can never be issued.

    Raises:
        ValueError: two cannot stand side by side.
    """
    taken = {PUBLIC}
    for storage in storages:
        if storage.schema in taken:
            raise ValueError(f"the schema {storage.schema} is taken: every kind needs one of its own")
        taken.add(storage.schema)
        if both := sorted(storage.metadata.tables.keys() & _RESERVED):
            raise ValueError(f"tables of the schema {storage.schema} have names of the engine's: {', '.join(both)}")
    _must_number_apart([storage.kind for storage in storages])
    return storages


def _must_number_apart(kinds: Sequence[BookingKind[Any]]) -> None:
    issuers: dict[str, str] = {}
    for kind in kinds:
        for company, series in kind.series.items():
            for prefix, documents in ((series.invoice, "invoices"), (series.credit_note, "credit notes")):
                issuer = f"{documents} of {company or 'the shop'} ({kind.name})"
                if (other := issuers.setdefault(prefix, issuer)) != issuer:
                    raise ValueError(f"{issuer} and {other} have one prefix, {prefix}: every series needs its own")
