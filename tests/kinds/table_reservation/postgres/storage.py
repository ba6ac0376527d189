"""Table reservations in PostgreSQL: rows in a schema of their own, and tables that nobody has twice at one time."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import BigInteger, DateTime, MetaData, Text, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from adapters.postgres.kind import KindStorage
from adapters.postgres.notices import Notices
from adapters.postgres.row_sets import Json, RowSet
from adapters.postgres.tables.notices import DeviceColumns, NoticeColumns
from domain.errors import SlotTaken
from tests.kinds.table_reservation.domain.booking import TableBooking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION

SCHEMA = "tables"


class TablesBase(DeclarativeBase):
    metadata = MetaData()
    type_annotation_map = {datetime: DateTime(timezone=True), str: Text()}  # noqa: RUF012 - SQLAlchemy reads it


class TableRow(TablesBase):
    __tablename__ = "table_bookings"

    booking_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    house: Mapped[str]
    number: Mapped[int]
    starts_at: Mapped[datetime]
    bill: Mapped[int | None] = mapped_column(BigInteger)


class UserNotification(NoticeColumns, TablesBase):
    __tablename__ = "user_notifications"


class DeviceToken(DeviceColumns, TablesBase):
    __tablename__ = "device_tokens"


_UNWANTED = """
    EXISTS (SELECT FROM unwanted AS w WHERE w.user_id = :person AND w.about = :about AND w.channel = :channel)
"""


def _rows(booking: TableBooking) -> Iterable[Json]:
    given = {"house": booking.house, "number": booking.table, "starts_at": booking.starts_at, "bill": booking.bill}
    return (given,)


_HOLD = text(
    """
    INSERT INTO held_tables (booking_id, leg, house, number, span) VALUES (:booking, :leg, :house, :table,
        tstzrange(CAST(CAST(:from AS text) AS timestamptz), CAST(CAST(:until AS text) AS timestamptz)))
    ON CONFLICT (booking_id, leg) DO UPDATE
    SET house = excluded.house, number = excluded.number, span = excluded.span
    """
)
_RELEASE = text("DELETE FROM held_tables WHERE booking_id = :booking AND leg = ANY(CAST(:legs AS text[]))")


async def reserve(connection: AsyncConnection, booking_id: int, legs: Mapping[str, Json]) -> None:
    for leg, wanted in legs.items():
        try:
            await connection.execute(_HOLD, {"booking": booking_id, "leg": leg, **wanted})
        except IntegrityError as broken:
            if "ex_held_tables" not in str(broken.orig):
                raise
            raise SlotTaken(f"table {wanted['table']} is taken then", leg=leg, next_free_slots=[]) from None


async def release(connection: AsyncConnection, booking_id: int, legs: Collection[str]) -> None:
    await connection.execute(_RELEASE, {"booking": booking_id, "legs": list(legs)})


STORAGE: KindStorage[TableBooking] = KindStorage(
    kind=TABLE_RESERVATION,
    schema=SCHEMA,
    metadata=TablesBase.metadata,
    migrations=Path(__file__).parents[1] / "migrations",
    detail=RowSet(TableRow, (), _rows),
    filters={"house": "EXISTS (SELECT FROM table_bookings AS t WHERE t.booking_id = b.id AND t.house = :house)"},
    notices=Notices(_UNWANTED),
    locks=("held_tables",),
    reserve=reserve,
    release=release,
)
