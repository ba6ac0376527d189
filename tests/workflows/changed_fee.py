"""Two releases in which a cancellation costs at least INR 2,000: one as it should not be, one as it should.

The example of docs/changing-a-rule.md. ``Careless`` charges the new fee whenever it decides, and so also when a replay
decides again what was decided long ago; ``Careful`` charges it to bookings that were made since.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from temporalio import workflow

from domain.errors import BookingError
from domain.lifecycle import Transition
from domain.money import Paise
from kinds.vehicle_service.domain.commands import Cancel
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.rules import RULES
from kinds.vehicle_service.domain.visit import Policy, VisitBooking
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from workflows.booking.messages import Ack, Start

NEW_MINIMUM: Paise = 200000


def _cancel_for_at_least(minimum: Callable[[VisitBooking], Paise]) -> Callable[..., Transition]:
    """The rule of today with a higher fee for work that has begun."""

    def cancel(booking: VisitBooking, command: Cancel, now: datetime) -> Transition:
        terms = booking.policy
        booking.policy = replace(terms, inspection_fee=max(terms.inspection_fee, minimum(booking)))
        transition = RULES[Cancel](booking, command, now)
        booking.policy = terms
        return transition

    return cancel


CARELESS = replace(VEHICLE_SERVICE, rules={**RULES, Cancel: _cancel_for_at_least(lambda booking: NEW_MINIMUM)})


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class CarelessWorkflow(VehicleServiceWorkflow):
    """Its rule holds for every booking, also for what was decided before it."""

    kind = CARELESS

    @workflow.init
    def __init__(self, start: Start[VisitBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[VisitBooking]) -> Ack:
        return await super().run(start)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPolicy(Policy):
    """``minimum_fee``: what a cancellation costs at least. Bookings that were made before there was one have none."""

    minimum_fee: Paise = 0


@dataclass(slots=True, kw_only=True)
class NewVisit(VisitBooking):
    """A visit with the new terms."""

    policy: NewPolicy


CAREFUL_RULES = {**RULES, Cancel: _cancel_for_at_least(lambda booking: booking.policy.minimum_fee)}
CAREFUL = replace(VEHICLE_SERVICE, state=NewVisit, rules=CAREFUL_RULES)


@workflow.defn(name="VehicleServiceWorkflow", failure_exception_types=[BookingError])
class CarefulWorkflow(VehicleServiceWorkflow):
    """Its rule asks the booking's terms."""

    kind = CAREFUL

    @workflow.init
    def __init__(self, start: Start[NewVisit]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[NewVisit]) -> Ack:
        return await super().run(start)
