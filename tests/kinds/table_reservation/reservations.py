"""Reservations for tests, made by the engine's own ``first_version`` and ``decide``."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.billing.provider import OrderFacts, ProviderOrder, ProviderPayment
from domain.booking import RULES_OF_TODAY, Customer, PolicyTerms
from domain.commands import Command
from domain.decide import decide, first_version
from domain.people import Actor
from tests.kinds.table_reservation.domain.booking import PayDeposit, Status, TableBooking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.domain.rules import due

NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
TINA = Customer("TBL000001")
OMAR = Customer("TBL000002")
GUEST, HOST = Actor("customer", TINA.id), Actor("host", "TBL000009")
DEPOSIT = 50_000


class Reservation:
    """A reservation and what happened to it."""

    def __init__(self, **given: Any) -> None:
        new = TableBooking(
            **{
                "id": 7,
                "customer": TINA,
                "policy": PolicyTerms(gst_percent=Decimal(5), **RULES_OF_TODAY),
                "created_at": NOON,
                "status": Status.RESERVED,
                "house": "north",
                "host": HOST.id,
                "table": 4,
                "deposit": DEPOSIT,
                "starts_at": NOON + timedelta(hours=7),
                "ends_at": NOON + timedelta(hours=9),
                **given,
            }
        )
        self.before = new
        self.booking = first_version(TABLE_RESERVATION, new, GUEST, NOON)

    def asks(self, command: Command, later: timedelta = timedelta(minutes=1)) -> "Reservation":
        self.before = self.booking
        self.booking = decide(TABLE_RESERVATION, self.booking, command, NOON + later)
        return self

    def ordered(self) -> "Reservation":
        order = ProviderOrder("order_1", due(self.booking), "INR", "created", None)
        return self.asks(replace(PayDeposit(GUEST), order=order))

    def facts(self, status: str = "captured") -> OrderFacts:
        """What the provider says when the whole order is paid."""
        amount = self.booking.payments[0].amount
        captured = status == "captured"
        payment = ProviderPayment("pay_1", "order_1", amount, "INR", status, captured, 0, "upi", None, 1)
        return OrderFacts(ProviderOrder("order_1", amount, "INR", "paid", None), (payment,), ())
