"""Everything at once, in any order: whatever money does, it is counted once, and it balances.

A booking, a provider in memory and the hints on their way are shaken by a seeded dice. What the workflow does with a
hint is done here with the same pure function (``assess_order``), so thousands of orders of events take seconds.
"""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from domain.billing.assessment import assess_order, returned_before
from domain.billing.ledger import entries
from domain.billing.provider import CURRENCY, RefundStatus
from domain.billing.records import Method
from domain.closing import due_document
from domain.commands import Command, LapseOrder, RecordInvoice, RecordRefund, RetryRefund
from domain.decide import decide
from domain.emails import booking_emails
from domain.errors import BookingError
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.visit import VisitBooking
from tests.fakes.gateway import FakeGateway
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.kinds.vehicle_service.bookings import estimate_ready
from tests.kinds.vehicle_service.people import ADMIN, ASHA

RUNS, LONG_RUNS, STEPS = 150, 400, 40
KEPT_APART = timedelta(minutes=1)


class Shaken:
    """One booking with its money, its hints and its refunds, moved by chance."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.builder: BookingBuilder = estimate_ready()
        self.gateway = FakeGateway()
        self.hints: list[str] = []
        self.refunding: dict[int, str | None] = {}
        self.mails: Counter[tuple[str, int]] = Counter()
        self.now = self.builder.now

    @property
    def booking(self) -> VisitBooking:
        return self.builder.booking

    def asks(self, command: Command) -> bool:
        """As the workflow moves: decided, mailed, recorded; a refusal changes nothing."""
        self.now += KEPT_APART
        try:
            after = decide(VEHICLE_SERVICE, self.booking, command, self.now)
        except BookingError:
            return False
        self.mails.update(
            (notice.slug, notice.sequence) for notice in booking_emails(VEHICLE_SERVICE, self.booking, after)
        )
        self.builder.booking = after
        return True

    def shake(self) -> None:
        steps = (
            self.orders, self.pays, self.pays, self.fails, self.hears, self.hears, self.hears, self.cancels,
            self.takes_cash, self.lets_lapse, self.refunds, self.bank_decides, self.staff_refunds, self.issues,
        )  # fmt: skip
        self.dice.choice(steps)()

    def orders(self) -> None:
        line = self.dice.choice(self.booking.lines).service_id
        choice = commands.ConfirmServices(ASHA, self.dice.choice([(line,), self.builder.requested_ids]), Method.ONLINE)
        with_lines = self.booking.lines_of(choice.service_ids)
        amount = totals(replace(self.booking, lines=with_lines)).total
        order = self.gateway.create_order(
            amount=amount, currency=CURRENCY, receipt=f"r{len(self.gateway.orders)}", notes={}, look_first=False
        )
        self.asks(replace(choice, order=order))

    def pays(self) -> None:
        if order := self._some_order():
            wrong = self.dice.choice([None] * 9 + [100])
            self.gateway.pay(order, amount=wrong, status=self.dice.choice(["authorized", "captured", "captured"]))
            self._word_gets_around(order)

    def fails(self) -> None:
        if order := self._some_order():
            self.gateway.pay(order, status="failed")
            self._word_gets_around(order)

    def hears(self) -> None:
        """Any hint on its way, in any order, or a poll."""
        order = self.hints.pop(self.dice.randrange(len(self.hints))) if self.hints else self._some_order()
        if order is None:
            return
        for _ in range(3):
            evidence = self.gateway.fetch_order(order, returned_before(self.booking, order))
            capture = assess_order(VEHICLE_SERVICE, self.booking, evidence).capture
            if capture is None:
                break
            self.gateway.capture(capture.payment_id, capture.amount, capture.currency)
            if self.dice.random() < 0.2:
                self.cancels()  # somebody is faster than the record of the capture
        evidence = self.gateway.fetch_order(order, returned_before(self.booking, order))
        for command in assess_order(VEHICLE_SERVICE, self.booking, evidence).commands:
            self.asks(command)

    def cancels(self) -> None:
        if self.dice.random() < 0.3:
            self.asks(commands.Cancel(self.dice.choice([ASHA, ADMIN]), "changed my mind"))

    def takes_cash(self) -> None:
        if self.dice.random() < 0.2:
            self.asks(commands.ChooseCash(ASHA))

    def lets_lapse(self) -> None:
        order = self.booking.live_order()
        if order is not None and order.order_id is not None:
            self.asks(LapseOrder(order.order_id))

    def refunds(self) -> None:
        """A refund's own workflow takes its next step: it looks what is left, sends, reports."""
        for refund in self.booking.refunds:
            if not refund.unsettled or refund.status is not RefundStatus.PENDING:
                continue
            self.gateway.refunds_wait = self.dice.random() < 0.5
            payment = self.gateway.fetch_payment(refund.payment_id)
            left = payment.amount - payment.amount_refunded
            if self.refunding.get(refund.id) is None and left < refund.amount:
                self.asks(RecordRefund(refund.id, RefundStatus.FAILED, None, left=left))
                continue
            made = self.gateway.refund(
                payment_id=refund.payment_id, amount=refund.amount, key=refund.key, receipt=refund.key, notes={},
            )  # fmt: skip
            self.refunding[refund.id] = made.refund_id
            if self.dice.random() < 0.8:
                status = RefundStatus(self.gateway.refunds[made.refund_id].status)
                failed = status is RefundStatus.FAILED
                self.asks(RecordRefund(refund.id, status, made.refund_id, again=failed))

    def bank_decides(self) -> None:
        for refund in list(self.gateway.refunds.values()):
            may_fail = refund.status == "pending" or self.dice.random() < 0.3
            if refund.status != "failed" and may_fail and self.dice.random() < 0.5:
                bad = self.dice.random() < 0.4
                self.gateway.finish(refund.refund_id, "failed" if bad else "processed")
                self._word_gets_around(self.gateway.payments[refund.payment_id].order_id or "")

    def staff_refunds(self) -> None:
        able = [p for p in self.gateway.payments.values() if p.captured and p.amount - p.amount_refunded > 200]
        if able and self.dice.random() < 0.15:
            payment = self.dice.choice(able)
            left = payment.amount - payment.amount_refunded
            self.gateway.refund_by_hand(payment.payment_id, self.dice.choice([left, left // 2]))
            self._word_gets_around(payment.order_id or "")

    def issues(self) -> None:
        if owed := due_document(VEHICLE_SERVICE, self.booking):
            n = len(self.booking.invoices) + len(self.booking.credit_notes) + 1
            self.asks(RecordInvoice(owed.kind, n, owed.leg, f"N-{n}", owed.amount, owed.invoice_number))

    def calms_down(self) -> None:
        """Every hint arrives, every poll is made, every refund is done."""
        self.dice.random = lambda: 0.5  # type: ignore[method-assign]  # nobody cancels, and no bank fails any more
        self._settles()

    def _settles(self) -> None:
        for _ in range(12):
            self.hints = list(self.gateway.orders)
            while self.hints:
                self.hears()
            self.refunds()
            for refund in list(self.gateway.refunds.values()):
                if refund.status == "pending":
                    self.gateway.finish(refund.refund_id)
            for refund in self.booking.refunds:
                if refund.unsettled and refund.status is RefundStatus.FAILED:
                    self.asks(RetryRefund(ADMIN, refund.id))
            self.issues()

    def _some_order(self) -> str | None:
        orders = [payment.order_id for payment in self.booking.payments if payment.order_id]
        return self.dice.choice(orders) if orders else None

    def _word_gets_around(self, order: str) -> None:
        """Lost, once, or several times; when it arrives is another matter."""
        self.hints += [order] * self.dice.choice([0, 1, 1, 2, 4])


def holds_always(shaken: Shaken) -> None:
    """What may never be wrong, at any moment."""
    booking, gateway = shaken.booking, shaken.gateway
    taken = [p.payment_id for p in booking.payments if p.payment_id is not None]
    assert len(taken) == len(set(taken)), "a payment counts once"
    for payment in gateway.payments.values():
        assert 0 <= payment.amount_refunded <= payment.amount, "no more goes back than came"
    confirming = [p for p in booking.payments if p.status == "success" and p.order_id and not p.superseded]
    assert len(confirming) <= 1, "one payment pays for the booking"
    assert sum(p.amount for p in confirming) in (0, *(p.amount for p in booking.payments))
    assert len({refund.key for refund in booking.refunds}) == len(booking.refunds), "one key per attempt"
    costs = totals(booking)
    wanted = {p.id: p.amount for p in booking.payments if p.status == "success" and not p.superseded}
    given_back = sum(r.amount for r in booking.refunds if r.status == "processed" and r.payment_row in wanted)
    assert costs.due <= max(0, costs.total - sum(wanted.values()) + given_back), "unwanted money is asked of nobody"
    assert max(shaken.mails.values(), default=1) == 1, "one mail per kind and sequence"
    services = [invoice for invoice in booking.invoices if invoice.leg == "service"]
    assert len(services) <= 1 + len(booking.credit_notes), "one invoice, and another only for what was credited"


def holds_in_the_end(shaken: Shaken) -> None:
    """When all is quiet: our books are the provider's."""
    booking, gateway = shaken.booking, shaken.gateway
    ours = {p.payment_id for p in booking.payments if p.payment_id}
    captured = {p.payment_id: p for p in gateway.payments.values() if p.captured and p.order_id in _orders_of(booking)}
    lost = {p.payment_id for p in captured.values() if p.amount_refunded == p.amount} - ours
    assert ours | lost == set(captured), "what was captured is in the books (or went back before we looked)"
    balance = sum(captured[p].amount - captured[p].amount_refunded for p in ours)
    assert sum(entry.amount for entry in entries(booking)) == balance, "the ledger balances"
    invoiced = sum(each.total for each in booking.invoices) - sum(note.amount for note in booking.credit_notes)
    assert invoiced == balance, "the documents are over the money that stays"
    assert not any(refund.unsettled for refund in booking.refunds), "nobody waits for money"
    kept = {p.payment_id for p in booking.payments if p.payment_id and not p.superseded and p.status == "success"}
    for payment_id in ours - kept:
        assert captured[payment_id].amount_refunded == captured[payment_id].amount, "unwanted money went back whole"


def _orders_of(booking: VisitBooking) -> set[str]:
    return {payment.order_id for payment in booking.payments if payment.order_id}


@cache
def reached(seed: int) -> frozenset[str]:
    """The corners of one run, at each step of which and at whose end all holds that has to.

    Raises:
        AssertionError: something does not; it names the seed.
    """
    shaken = Shaken(seed)
    try:
        for _ in range(STEPS):
            shaken.shake()
            holds_always(shaken)
        corners = _corners(shaken.booking)
        shaken.calms_down()
        holds_always(shaken)
        holds_in_the_end(shaken)
    except AssertionError as wrong:
        raise AssertionError(f"seed {seed}: {wrong}") from wrong
    return corners


def _corners(booking: VisitBooking) -> frozenset[str]:
    found = {
        "paid": any(p.status == "success" and not p.superseded for p in booking.payments),
        "cancelled": booking.cancellation is not None,
        "sent back": any(refund.key.startswith("late-") for refund in booking.refunds),
        "tried again": any(refund.tries > 1 for refund in booking.refunds),
        "by hand": any(refund.by_hand for refund in booking.refunds),
    }
    return frozenset(name for name, there in found.items() if there)


@pytest.mark.parametrize(
    "seeds",
    [range(RUNS), pytest.param(range(RUNS, LONG_RUNS), marks=pytest.mark.long)],
    ids=["some", "many more"],
)
def test_money_is_counted_once_and_balances_in_whatever_order_things_happen(seeds: range):
    for seed in seeds:
        reached(seed)


def test_the_dice_reach_every_corner():
    """The runs are worth something: all kinds of ends are among them."""
    seen = Counter(corner for seed in range(RUNS) for corner in reached(seed))
    assert min(seen[kind] for kind in ("paid", "cancelled", "sent back", "tried again", "by hand")) >= 5, seen
