"""Workflows as a careless change would leave them: the replay test must refuse each."""

from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow

from domain.billing.provider import LatePaymentEvent
from domain.deadlines import Deadline
from domain.errors import BookingError, Conflict
from domain.lifecycle import Transition
from kinds.vehicle_service.domain.commands import Assign, LapseDecision, VerifyCash
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.rules import RULES
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from workflows.booking.messages import Ack, Start
from workflows.late_payment import LatePaymentWorkflow


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class DelayedStart(VehicleServiceWorkflow):
    """Waits a moment before it opens: a command that no old booking has given."""

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        await workflow.sleep(1)
        return await super().run(start)


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class ReorderedCommands(VehicleServiceWorkflow):
    """Goes on first and shows itself afterwards: the same commands in another order."""

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await super().run(start)

    def publish(self) -> None:
        self.run_before_close(self._publish_later())

    async def _publish_later(self) -> None:
        super().publish()


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class BrokenTimers(VehicleServiceWorkflow):
    """Cannot start a timer: without supervision its deadlines would be lost in silence."""

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await super().run(start)

    async def _sleep_until(self, deadline: Deadline, wake: datetime) -> None:
        raise ValueError(f"no timer for {deadline.key}")


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class BrokenAtTheEnd(VehicleServiceWorkflow):
    """Cannot process a payment that was reported when the booking is over: its end would be waited for in silence."""

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await super().run(start)

    async def settle(self, order_id: str, *, at_a_deadline: bool = False) -> bool:
        await workflow.wait_condition(lambda: self.booking.closed_at is not None)
        await workflow.sleep(0.1)
        raise ValueError(f"no facts of {order_id}")


def _note_otherwise(booking: VisitBooking, command: Assign, now: datetime) -> Transition:
    transition = RULES[Assign](booking, command, now)
    booking.notes = "assigned by the new rule"
    return transition


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class OtherNotes(VehicleServiceWorkflow):
    """A release whose rule writes something else into every booking that is assigned, or was before it."""

    kind = replace(VEHICLE_SERVICE, rules={**RULES, Assign: _note_otherwise})

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await super().run(start)


def _verify_cash_again(booking: VisitBooking, command: VerifyCash, now: datetime) -> Transition:
    try:
        return RULES[VerifyCash](booking, command, now)
    except BookingError:
        booking.notes = "paid again"
        return Transition("verify-cod", booking.status)


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class CashTwice(VehicleServiceWorkflow):
    """A release whose rule grants what the one before it refused."""

    kind = replace(VEHICLE_SERVICE, rules={**RULES, VerifyCash: _verify_cash_again})

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await super().run(start)


def _refuse(booking: VisitBooking, command: LapseDecision, now: datetime) -> Transition:
    raise Conflict("not now")


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class RefusedDeadline(VehicleServiceWorkflow):
    """A deadline whose command no booking grants: the other deadlines must not be lost with it."""

    kind = replace(VEHICLE_SERVICE, rules={**RULES, LapseDecision: _refuse})

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await super().run(start)


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class ShortRuns(VehicleServiceWorkflow):
    """Its runs are old after a second: the next change begins a new one."""

    longest_run = timedelta(seconds=1)

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await super().run(start)


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class ShortPaymentGrace(VehicleServiceWorkflow):
    """Its deadlines wait for a payment at the bank for a second only."""

    payment_grace = timedelta(seconds=1)
    payment_pause = timedelta(milliseconds=100)

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await super().run(start)


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class QuickRefundRestart(VehicleServiceWorkflow):
    """Waits a moment only before it starts a refund's workflow again that somebody ended."""

    refund_restart = timedelta(milliseconds=50)

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await super().run(start)


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class FailsOnEveryTask:
    """A release in which nothing works: bookings wait for the next one."""

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        raise RuntimeError("this release is broken")


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class FailsTheRun:
    """Lets a refusal out of ``run``: it ends the workflow as failed."""

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        raise Conflict("nobody has caught this")


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class EndsAtOnce:
    """Says that the booking is over."""

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return Ack(start.booking.id, "delivered", 9)


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class QuickRechecks(VehicleServiceWorkflow):
    """Waits moments before it fetches again what the provider did not tell."""

    fetch_again = timedelta(milliseconds=10)
    fetch_again_at_most = timedelta(milliseconds=80)

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await super().run(start)


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class ShortWaitForPayment(VehicleServiceWorkflow):
    """Has a dispute wait for its payment for a moment only."""

    fetch_again = timedelta(milliseconds=50)
    payment_unknown_at_most = timedelta(milliseconds=300)

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await super().run(start)


@workflow.defn(name="LatePaymentWorkflow", failure_exception_types=[BookingError])
class QuickLatePayment(LatePaymentWorkflow):
    """Waits moments before it asks a provider again that refuses us."""

    fetch_again = timedelta(milliseconds=10)
    fetch_again_at_most = timedelta(milliseconds=40)

    @workflow.init
    def __init__(self, event: LatePaymentEvent) -> None:
        super().__init__(event)

    @workflow.run
    async def run(self, event: LatePaymentEvent) -> None:
        await super().run(event)
