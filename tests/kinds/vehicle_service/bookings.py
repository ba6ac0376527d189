"""Bookings in every status, each on the usual way there, as a ``BookingBuilder`` that can go on.

    received().booking
    estimate_ready(WALK_IN).cancelled().booking
    in_progress(Method.OFFLINE, policy=replace(POLICY, ...)).work_reported(OIL)

All are made by the rules alone; see ``tests.kinds.vehicle_service.booking_builder`` for the steps.
"""

from domain.billing.records import Method
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.parts import PickupType
from kinds.vehicle_service.domain.visit import Policy
from tests.kinds.vehicle_service.booking_builder import BookingBuilder, captured, failed
from tests.kinds.vehicle_service.people import ADMIN, MONDAY, POLICY

__all__ = [
    "DOORSTEP",
    "MONDAY",
    "WALK_IN",
    "BookingBuilder",
    "analysed",
    "booked",
    "captured",
    "completed",
    "delivered",
    "estimate_ready",
    "failed",
    "in_analysis",
    "in_progress",
    "in_status",
    "out_for_delivery",
    "received",
]

DOORSTEP, WALK_IN = PickupType.DOORSTEP, PickupType.WALK_IN


def booked(pickup_type: PickupType = DOORSTEP, policy: Policy = POLICY) -> BookingBuilder:
    """Just booked."""
    return BookingBuilder.doorstep(pickup_type=pickup_type, policy=policy)


def received(pickup_type: PickupType = DOORSTEP, policy: Policy = POLICY) -> BookingBuilder:
    """The car is with us and that is validated; next comes the analysis."""
    builder = booked(pickup_type, policy)
    if pickup_type is WALK_IN:
        return builder.received_in_shop()
    return builder.pickup_assigned().collected().pickup_validated()


def in_analysis(pickup_type: PickupType = DOORSTEP, policy: Policy = POLICY) -> BookingBuilder:
    """A mechanic looks at the car."""
    return received(pickup_type, policy).analysis_assigned()


def analysed(pickup_type: PickupType = DOORSTEP, policy: Policy = POLICY) -> BookingBuilder:
    """The analysis is in and waits for an admin."""
    return in_analysis(pickup_type, policy).analysis_submitted()


def estimate_ready(pickup_type: PickupType = DOORSTEP, policy: Policy = POLICY) -> BookingBuilder:
    """The analysis is validated; the customer has to decide."""
    return analysed(pickup_type, policy).estimate_validated()


def in_progress(
    method: Method = Method.ONLINE, pickup_type: PickupType = DOORSTEP, policy: Policy = POLICY
) -> BookingBuilder:
    """The requested services are confirmed, to be paid this way; a mechanic is at work on them."""
    return estimate_ready(pickup_type, policy).confirmed(method).service_assigned()


def completed(
    method: Method = Method.ONLINE, pickup_type: PickupType = DOORSTEP, policy: Policy = POLICY
) -> BookingBuilder:
    """Every confirmed service is done and validated."""
    return in_progress(method, pickup_type, policy).work_reported().work_validated()


def out_for_delivery(method: Method = Method.ONLINE, policy: Policy = POLICY) -> BookingBuilder:
    """A mechanic brings the car home (never a walk-in)."""
    return completed(method, policy=policy).drop_assigned()


def delivered(
    method: Method = Method.ONLINE, pickup_type: PickupType = DOORSTEP, policy: Policy = POLICY
) -> BookingBuilder:
    """The car is home and the money is in; the invoice is not issued yet."""
    builder = completed(method, pickup_type, policy)
    if pickup_type is WALK_IN:
        return (builder if method is Method.ONLINE else builder.cash_verified(ADMIN)).handed_over()
    builder.drop_assigned()
    return (builder if method is Method.ONLINE else builder.cash_verified()).brought_home()


def in_status(
    status: VisitStatus, pickup_type: PickupType = DOORSTEP, method: Method = Method.ONLINE
) -> BookingBuilder:
    """A booking in that status, on the usual way there."""
    match status:
        case VisitStatus.BOOKED:
            return booked(pickup_type)
        case VisitStatus.PICKUP:
            return booked(DOORSTEP).pickup_assigned()
        case VisitStatus.RECEIVED:
            return received(pickup_type)
        case VisitStatus.ANALYSIS:
            return in_analysis(pickup_type)
        case VisitStatus.ANALYSED:
            return estimate_ready(pickup_type)
        case VisitStatus.IN_PROGRESS:
            return in_progress(method, pickup_type)
        case VisitStatus.COMPLETED:
            return completed(method, pickup_type)
        case VisitStatus.OUT_FOR_DELIVERY:
            return out_for_delivery(method)
        case VisitStatus.DELIVERED:
            return delivered(method, pickup_type)
        case VisitStatus.CANCELLED:
            return estimate_ready(pickup_type).cancelled()
