"""What our bookings know of the money that a page of the provider's lists is about."""

from collections.abc import Collection

from pydantic import TypeAdapter
from sqlalchemy import text

from adapters.postgres.database import Database
from domain.billing.account_news import BookingMoney

_MONEY = text(
    """
    SELECT jsonb_build_object('kind', b.kind, 'booking_id', b.id, 'payments', b.state -> 'payments',
        'refunds', b.state -> 'refunds', 'disputes', b.state -> 'disputes')::text AS money
    FROM bookings AS b WHERE b.id IN (
        SELECT p.booking_id FROM payments AS p WHERE p.order_id = ANY(CAST(:orders AS text[]))
        UNION SELECT p.booking_id FROM payments AS p WHERE p.payment_id = ANY(CAST(:payments AS text[])))
    """
)
_BOOKING: TypeAdapter[BookingMoney] = TypeAdapter(BookingMoney)


class AccountRows:
    """Payments, refunds and disputes as the bookings have recorded them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def money_of(self, orders: Collection[str], payments: Collection[str]) -> list[BookingMoney]:
        """The bookings that these orders and payments belong to."""
        given = {"orders": sorted(orders), "payments": sorted(payments)}
        async with self._database.read.connect() as connection:
            return [_BOOKING.validate_json(row.money) for row in await connection.execute(_MONEY, given)]
