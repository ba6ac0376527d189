"""Local services in PostgreSQL, as the engine uses them."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.kind import KindStorage
from adapters.postgres.schemas import RestoreRules
from domain.errors import NotFound
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.errors import ListingInactive
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.postgres import held_time
from kinds.local_services.postgres.acts_noted import note_acts_of_admins
from kinds.local_services.postgres.booking_data import BOOKING_DATA, RETENTION_OF_BOOKINGS
from kinds.local_services.postgres.listing_data import LISTING_DATA, RETENTION_OF_LISTINGS
from kinds.local_services.postgres.messages_held import PERSONAL_DATA_OF_MESSAGES, RETENTION_OF_MESSAGES
from kinds.local_services.postgres.moves_told import tell_move
from kinds.local_services.postgres.notes import SHOWN
from kinds.local_services.postgres.notices import NOTICES, NOTICES_DATA, RETENTION_OF_NOTICES
from kinds.local_services.postgres.open_work import OPEN_WORK
from kinds.local_services.postgres.personal_data import PEOPLE_DATA
from kinds.local_services.postgres.reputations import renew_after_move
from kinds.local_services.postgres.request_facts import take_turn
from kinds.local_services.postgres.retention import RETENTION_OF_PEOPLE
from kinds.local_services.postgres.rows import CHILDREN, DETAIL
from kinds.local_services.postgres.security import record_and_tell
from kinds.local_services.postgres.tables import SCHEMA, TablesBase

# Locked against leaving and hiding until the booking is there: who goes first wins, the other one hears of it.
_PARTIES = text("SELECT id, deleted_at IS NOT NULL AS gone FROM users WHERE id = ANY(:both) ORDER BY id FOR KEY SHARE")
_OFFERED = text("SELECT is_active AND deleted_at IS NULL AS offered FROM listings WHERE id = :id FOR KEY SHARE")


async def _lock_owners(connection: AsyncConnection, booking: ServiceBooking) -> None:
    await take_turn(connection, booking.requester)
    both = {"both": [booking.requester, booking.provider]}
    for person in await connection.execute(_PARTIES, both):
        if person.gone:
            raise NotFound(f"there is no person {person.id}")
    if not (await connection.execute(_OFFERED, {"id": booking.listing.id})).scalar():
        raise ListingInactive(f"listing {booking.listing.id} takes no requests")


STORAGE: KindStorage[ServiceBooking] = KindStorage(
    kind=LOCAL_SERVICES,
    schema=SCHEMA,
    metadata=TablesBase.metadata,
    migrations=Path(__file__).parents[1] / "migrations",
    detail=DETAIL,
    children=CHILDREN,
    personal_data={**PEOPLE_DATA, **LISTING_DATA, **BOOKING_DATA, **PERSONAL_DATA_OF_MESSAGES, **NOTICES_DATA},
    retention={
        **RETENTION_OF_PEOPLE,
        **RETENTION_OF_LISTINGS,
        **RETENTION_OF_BOOKINGS,
        **RETENTION_OF_MESSAGES,
        **RETENTION_OF_NOTICES,
    },
    notices=NOTICES,
    record_act=record_and_tell,
    shown=SHOWN,
    beside=(renew_after_move, tell_move, note_acts_of_admins),
    restoring=RestoreRules(
        early=frozenset({"provider_time"}), companions={"profiles": "user_id"}, external=frozenset(NOTICES_DATA)
    ),
    open_work=OPEN_WORK,
    locks=("users", "listings", "provider_time"),
    lock_owners=_lock_owners,
    reserve=held_time.reserve,
    release=held_time.release,
)
