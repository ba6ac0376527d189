"""Bookings for tests, made by the engine's own ``first_version`` and ``decide``: Ravi cleans, Asha asks for it."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.billing.payout_steps import Doing, payout_steps
from domain.billing.provider import ProviderOrder, ProviderPayment, RefundStatus
from domain.booking import RULES_OF_TODAY, Customer
from domain.closing import due_document
from domain.commands import (
    Command,
    RecordInvoice,
    RecordRefund,
    RecordRelease,
    RecordReversal,
    RecordTransfer,
    TakePayment,
)
from domain.decide import decide, first_version
from domain.people import Actor
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.parts import Listing, Offer, Place, PricingUnit, Rates, TaxCase
from kinds.local_services.domain.policy import ServicePolicy
from kinds.local_services.domain.roles import Role
from kinds.local_services.settings import LocalServicesSettings

NOW = datetime(2026, 12, 10, 3, 30, tzinfo=UTC)
START = NOW + timedelta(days=3)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOON = timedelta(minutes=1)
ASHA = Actor(Role.SEEKER, "USR000021")
RAVI = Actor(Role.PROVIDER, "USR000009")
STRANGER = Actor(Role.SEEKER, "USR000077")
ADMIN = Actor(Role.ADMIN, "ADM000001")
RATES = Rates(Decimal(18), Decimal(15), Decimal("0.5"), TaxCase.NONE)
CLEANING = Listing(12, "Deep clean", PricingUnit.HOUR, 45_000, None, 3, "House-keeping", "998533")
HOME = Place("12 MG Road", 18.5123, 73.8567, "411001")


def policy(**given: Any) -> ServicePolicy:
    """The windows as they are by default."""
    settings = LocalServicesSettings()
    names = {each.name for each in fields(ServicePolicy)} & set(LocalServicesSettings.model_fields)
    return ServicePolicy(**{name: getattr(settings, name) for name in names} | RULES_OF_TODAY | given)


class Request:
    """A booking of three hours at 1350.00, and what happened to it; ``at`` is the clock."""

    def __init__(self, total: int | None = 135_000, **given: Any) -> None:
        self.at = NOW
        new = ServiceBooking(
            **{
                "id": 1007,
                "customer": Customer(ASHA.id),
                "provider": RAVI.id,
                "listing": CLEANING,
                "place": HOME,
                "starts_at": START,
                "duration": 3 * HOUR,
                "buffer": timedelta(minutes=30),
                "policy": policy(),
                "rates": RATES,
                "list_price": 135_000,
                "total": total,
                "created_at": NOW,
                **given,
            }
        )
        new.offers = [Offer(1, ASHA.id, total, new.starts_at, new.duration, None, NOW)]
        self.booking = first_version(LOCAL_SERVICES, new, ASHA, NOW)
        self.before = self.booking

    def asks(self, command: Command, later: timedelta = SOON) -> "Request":
        """The command is granted, so much later."""
        self.at += later
        self.before = self.booking
        self.booking = decide(LOCAL_SERVICES, self.booking, command, self.at)
        return self

    def when(self, at: datetime) -> "Request":
        """The clock says so."""
        self.at = at
        return self

    def accepted(self, **rates: Any) -> "Request":
        return self.asks(commands.Accept(RAVI, rates=replace(RATES, **rates)))

    def paid(self) -> "Request":
        """Accepted where it is not, and paid a minute later."""
        if self.booking.accepted_at is None:
            self.accepted()
        total = self.booking.total or 0
        order = ProviderOrder("order_1", total, "INR", "created", None)
        self.asks(commands.PayIntent(ASHA, order=order))
        payment = ProviderPayment("pay_1", "order_1", total, "INR", "captured", True, 0, "upi", None, 1)
        return self.asks(TakePayment(payment))

    def begun(self) -> "Request":
        return self.paid().when(self.booking.starts_at).asks(commands.Start(RAVI))

    def completed(self, by: Actor = RAVI) -> "Request":
        return self.begun().asks(commands.Complete(by), 3 * HOUR)

    def refunded(self) -> "Request":
        """Each refund that is on its way arrives."""
        for refund in [each for each in self.booking.refunds if each.unsettled]:
            self.asks(RecordRefund(refund.id, RefundStatus.PROCESSED, f"rfnd_{refund.number}"))
        return self

    def paid_out(self) -> "Request":
        """Everything is moved at the provider that the booking wishes of the provider's share."""
        while steps := payout_steps(LOCAL_SERVICES, self.booking):
            step, number = steps[0], len(self.booking.recent) + self.booking.version
            match step.doing:
                case Doing.TRANSFER:
                    payee, held = step.wish.payee, not step.wish.release
                    made = {"on_hold": held, "transfer_id": f"trf_{number}", "details": step.wish.details}
                    self.asks(RecordTransfer(step.key, payee, step.payment_row, step.amount, **made), timedelta(0))
                case Doing.REVERSE:
                    reversal = RecordReversal(step.key, f"rv-{number}", f"rvrsl_{number}", step.amount)
                    self.asks(reversal, timedelta(0))
                case _:
                    self.asks(RecordRelease(step.key), timedelta(0))
        return self

    def issued(self) -> list[tuple[str, str, int]]:
        """Every paper that is due is issued: its series, leg and amount."""
        found = []
        while (due := due_document(LOCAL_SERVICES, self.booking)) is not None:
            prefix = LOCAL_SERVICES.series[LOCAL_SERVICES.issue_terms(self.booking, due).company].prefix(due.kind)
            found.append((prefix, due.leg, due.amount))
            number = f"{prefix}-2627-{len(found):06d}"
            self.asks(RecordInvoice(due.kind, len(found), due.leg, number, due.amount, due.invoice_number))
        return found

    def settled(self) -> "Request":
        """What only takes its time has happened: money has moved, papers are issued."""
        self.refunded().paid_out().issued()
        return self

    @property
    def timeline(self) -> list[str]:
        """What the newest entries say was done."""
        return [str(event.action) for event in self.booking.recent]
