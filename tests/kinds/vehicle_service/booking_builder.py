"""The builder of a booking, one step a line, made only by ``opened`` and ``decide``.

    BookingBuilder.doorstep().pickup_assigned().collected().pickup_validated().booking

Each step asks the rules what a person or the engine would ask, a minute after the step before. For a booking in some
state there is ``tests.kinds.vehicle_service.bookings``.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from domain.billing.provider import ProviderOrder, ProviderPayment, RefundStatus
from domain.billing.records import Method, Payment
from domain.booking import Customer, Event
from domain.closing import due_document
from domain.commands import Command, LapseOrder, RecordInvoice, RecordRefund, ReturnMoney, TakePayment
from domain.decide import decide, first_version
from domain.people import Actor
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.parts import Job, Line, Mechanic, PickupType
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.rules.paying import chosen_amount
from kinds.vehicle_service.domain.visit import Policy, VisitBooking
from tests.kinds.vehicle_service.people import (
    ADMIN,
    ASHA,
    BRAKES,
    CUSTOMER,
    HOME,
    I20,
    LATA,
    MEENA,
    MONDAY,
    OIL,
    POLICY,
    QUOTES,
    RAVI,
    actor,
    leg,
    recommended,
    requested,
)

MINUTE = timedelta(minutes=1)
PICKUP_DAY, DROP_DAY = date(2026, 11, 24), date(2026, 11, 25)


class BookingBuilder:
    """A booking on its way: ``booking`` is how it stands, ``timeline`` everything that happened to it."""

    def __init__(self, new: VisitBooking) -> None:
        self.now = new.created_at
        self.moves: list[tuple[VisitBooking, VisitBooking]] = []
        self.booking = new
        self._becomes(first_version(VEHICLE_SERVICE, new, ASHA, self.now))

    @classmethod
    def doorstep(
        cls,
        *lines: Line,
        policy: Policy = POLICY,
        customer: Customer = CUSTOMER,
        pickup_type: PickupType = PickupType.DOORSTEP,
    ) -> Self:
        """Asha books oil and brakes for her i20; a mechanic fetches the car tomorrow morning."""
        place = HOME if pickup_type is PickupType.DOORSTEP else None
        return cls(
            VisitBooking(
                id=1021,
                customer=customer,
                vehicle=I20,
                pickup_type=pickup_type,
                pickup=leg(PICKUP_DAY, place),
                drop=leg(DROP_DAY, place),
                lines=list(lines) or [requested(BRAKES), requested(OIL)],
                policy=policy,
                created_at=MONDAY,
                notes="Need quick turnaround",
            )
        )

    @classmethod
    def walk_in(cls, *lines: Line, policy: Policy = POLICY, customer: Customer = CUSTOMER) -> Self:
        """The same, but she brings the car to the desk."""
        return cls.doorstep(*lines, policy=policy, customer=customer, pickup_type=PickupType.WALK_IN)

    def asks(self, command: Command) -> Self:
        """Ask the rules for anything; a refusal is raised."""
        return self._becomes(decide(VEHICLE_SERVICE, self.booking, command, self.now))

    def waits(self, for_how_long: timedelta) -> Self:
        """Let time pass."""
        self.now += for_how_long
        return self

    @property
    def timeline(self) -> list[Event]:
        """Every entry, also those that the booking itself no longer keeps."""
        return [after.event for _, after in self.moves]

    @property
    def last_move(self) -> tuple[VisitBooking, VisitBooking]:
        """How the booking was before the last step, and after it."""
        return self.moves[-1]

    # Coming in

    def pickup_assigned(self, mechanic: Mechanic = RAVI) -> Self:
        """An admin sends a mechanic for the car."""
        return self.asks(commands.Assign(ADMIN, Job.PICKUP, mechanic))

    def collected(self, notes: str = "Collected, a scratch on the left door") -> Self:
        """The mechanic reports the car; an admin has not looked at the report yet."""
        return self.asks(commands.SubmitProgress(self._at_work(), notes))

    def received_in_shop(self) -> Self:
        """The desk takes a walk-in car."""
        return self.asks(commands.SubmitProgress(ADMIN, "Received in the shop"))

    def pickup_validated(self) -> Self:
        """An admin approves the oldest report that waits."""
        return self.asks(commands.ValidateProgress(ADMIN, self._open_report()))

    def report_sent_back(self, reason: str = "Photos are missing") -> Self:
        """An admin sends the oldest report that waits back."""
        return self.asks(commands.ValidateProgress(ADMIN, self._open_report(), approved=False, reason=reason))

    # The estimate

    def analysis_assigned(self, mechanic: Mechanic = LATA) -> Self:
        """An admin has the car looked at."""
        return self.asks(commands.Assign(ADMIN, Job.ANALYSIS, mechanic))

    def analysis_submitted(
        self, quotes: dict[int, int] | None = None, recommending: Sequence[Line] | None = None
    ) -> Self:
        """The mechanic quotes the requested services and recommends the cabin filter."""
        known = {line.service_id: QUOTES.get(line.service_id, 100000) for line in self.booking.lines}
        requested_only = {line.service_id for line in self.booking.lines if line.origin == "requested"}
        return self.asks(
            commands.SubmitAnalysis(
                self._at_work(),
                "Pads worn to 2 mm, oil is black",
                "Change the cabin filter too",
                quotes or {service: price for service, price in known.items() if service in requested_only},
                tuple(recommending) if recommending is not None else (recommended(),),
            )
        )

    def analysis_sent_back(self, reason: str = "The oil price is too high") -> Self:
        """An admin sends the analysis back."""
        return self.asks(commands.ValidateAnalysis(ADMIN, approved=False, reason=reason))

    def estimate_validated(self, gst_percent: Decimal | None = None) -> Self:
        """An admin approves: the customer sees the estimate and has 48 hours."""
        return self.asks(commands.ValidateAnalysis(ADMIN, gst_percent=gst_percent))

    def order_opened(self, *service_ids: int, order_id: str | None = None) -> Self:
        """The customer chooses lines (the requested ones) to be paid online; the provider makes an order."""
        choice = commands.ConfirmServices(ASHA, service_ids or self.requested_ids, Method.ONLINE)
        amount = chosen_amount(self.booking, choice)
        order = ProviderOrder(order_id or f"order_{self.booking.version}", amount, "INR", "created", None)
        return self.asks(replace(choice, order=order))

    def order_lapsed(self) -> Self:
        """The payment window is over."""
        order = self.live_order
        self.now = order.expires_at or self.now
        return self.asks(LapseOrder(order.order_id or ""))

    def money_arrives(self, payment_id: str = "pay_1", order: Payment | None = None) -> Self:
        """The provider has captured what an order (the newest one) asks for."""
        return self.asks(TakePayment(captured(order or self.newest_order, payment_id)))

    def money_returned(self, reason: str = "late", payment_id: str = "pay_late", order: Payment | None = None) -> Self:
        """The provider has captured money that the booking does not want; it goes back."""
        return self.asks(ReturnMoney(captured(order or self.newest_order, payment_id), reason))

    def paid_online(self, *service_ids: int) -> Self:
        """The customer chooses lines and pays them online."""
        return self.order_opened(*service_ids).money_arrives()

    def cash_agreed(self, *service_ids: int) -> Self:
        """The customer chooses lines, to be paid in cash at the end."""
        return self.asks(commands.ConfirmServices(ASHA, service_ids or self.requested_ids, Method.OFFLINE))

    def confirmed(self, method: Method, *service_ids: int) -> Self:
        """The customer chooses lines, one way or the other."""
        return self.paid_online(*service_ids) if method is Method.ONLINE else self.cash_agreed(*service_ids)

    # The work

    def service_assigned(self, mechanic: Mechanic = MEENA) -> Self:
        """An admin gives the services to a mechanic."""
        return self.asks(commands.Assign(ADMIN, Job.SERVICE, mechanic))

    def work_reported(self, *service_ids: int, notes: str = "Done and road tested") -> Self:
        """The mechanic reports services (all that are left) as finished."""
        left = [line.service_id for line in self.booking.kept_lines if line.state != "done"]
        return self.asks(commands.SubmitProgress(self._at_work(), notes, service_ids=service_ids or tuple(left)))

    def work_validated(self) -> Self:
        """An admin approves the oldest report that waits."""
        return self.pickup_validated()

    # Going home

    def drop_assigned(self, mechanic: Mechanic = RAVI) -> Self:
        """An admin has the car brought home, also that of a cancelled booking."""
        return self.asks(commands.Assign(ADMIN, Job.DROP, mechanic))

    def collection_opened(self) -> Self:
        """The mechanic at the door opens the collection of cash."""
        return self.asks(commands.ChooseCash(self._at_work()))

    def cash_verified(self, by: Actor | None = None) -> Self:
        """The amount due was collected, to the paisa."""
        return self.asks(commands.VerifyCash(by or self._at_work(), totals(self.booking).due))

    def brought_home(self) -> Self:
        """The mechanic has handed the car over at the customer's door."""
        return self.asks(commands.SubmitProgress(self._at_work(), "Handed over"))

    def handed_over(self) -> Self:
        """The customer has fetched a walk-in car in the shop."""
        return self.asks(commands.SubmitProgress(ADMIN, "Fetched in the shop"))

    # Giving up, and the books

    def cancelled(self, reason: str | None = "Sold the car", by: Actor = ASHA, percent: Decimal | None = None) -> Self:
        """The customer gives the booking up."""
        return self.asks(commands.Cancel(by, reason, percent))

    def decision_lapsed(self) -> Self:
        """The customer did not answer the estimate in time."""
        self.now = self.booking.decision_until or self.now
        return self.asks(commands.LapseDecision())

    def refunds_processed(self) -> Self:
        """The provider has sent back every refund that was on its way."""
        for refund in self.booking.refunds:
            if refund.unsettled:
                self.asks(RecordRefund(refund.id, RefundStatus.PROCESSED, f"rfnd_{refund.id}"))
        return self

    def documents_issued(self) -> Self:
        """The books have numbered every document that they owe."""
        while (owed := due_document(VEHICLE_SERVICE, self.booking)) is not None:
            n = len(self.booking.invoices) + len(self.booking.credit_notes) + 1
            series = "RC" if owed.kind == "invoice" else "CN"
            number = f"{series}/26-27/{n:06d}"
            self.asks(RecordInvoice(owed.kind, n, owed.leg, number, owed.amount, owed.invoice_number))
        return self

    # What the next step needs to know

    @property
    def requested_ids(self) -> tuple[int, ...]:
        """The services that the customer asked for."""
        return tuple(line.service_id for line in self.booking.lines if line.origin == "requested")

    @property
    def live_order(self) -> Payment:
        """The order that can be paid now."""
        order = self.booking.live_order()
        assert order is not None, "no order waits for money"
        return order

    @property
    def newest_order(self) -> Payment:
        """The order made last, live or not."""
        return next(p for p in reversed(self.booking.payments) if p.order_id is not None and p.payment_id != "pay_late")

    def _becomes(self, after: VisitBooking) -> Self:
        self.moves.append((self.booking, after))
        self.booking = after
        self.now += MINUTE
        return self

    def _at_work(self) -> Actor:
        assignment = self.booking.active()
        assert assignment is not None, "no mechanic is at work"
        return actor(assignment.mechanic)

    def _open_report(self) -> int:
        report = self.booking.open_report()
        assert report is not None, "no report waits for an admin"
        return report.id


def captured(order: Payment, payment_id: str = "pay_1", amount: int | None = None) -> ProviderPayment:
    """Captured money of an order, as the provider reports it."""
    paid = order.amount if amount is None else amount
    return ProviderPayment(
        payment_id, order.order_id, paid, "INR", "captured", captured=True, amount_refunded=0, method="upi",
        error=None, created_at=1,
    )  # fmt: skip


def failed(order: Payment, payment_id: str = "pay_failed") -> ProviderPayment:
    """An attempt to pay an order that the provider reports as failed."""
    return replace(captured(order, payment_id), status="failed", captured=False, error="insufficient funds")
