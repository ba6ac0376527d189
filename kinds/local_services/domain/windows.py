"""Until when a booking waits for what: plain times, computed from the state."""

from datetime import datetime, timedelta

from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.parts import Offer


def answer_until(booking: ServiceBooking, offer: Offer) -> datetime:
    """When an open offer is no longer valid: never after the start, nor later than another time can still be agreed."""
    policy = booking.policy
    longest = offer.created_at + policy.answer_window
    if booking.status == Status.ACCEPTED:
        return min(longest, min(booking.starts_at, offer.starts_at) - policy.reschedule_until)
    least = offer.created_at + min(policy.answer_at_least, policy.answer_window)
    return min(max(min(longest, offer.starts_at - policy.answer_before_start), least), offer.starts_at)


def pay_until(booking: ServiceBooking) -> datetime:
    """When an accepted booking has to be paid: reckoned from the acceptance, by the start of the moment."""
    policy, since = booking.policy, booking.accepted_at or booking.created_at
    least = since + min(policy.payment_at_least, policy.payment_window)
    return max(min(since + policy.payment_window, booking.starts_at - policy.payment_before_start), least)


def not_started_at(booking: ServiceBooking) -> datetime:
    """When a paid booking that nobody began is given up."""
    return booking.ends_at + booking.policy.not_started


def finish_until(booking: ServiceBooking) -> datetime:
    """When work that was begun counts as done."""
    return max(booking.ends_at, booking.started_at or booking.ends_at) + booking.policy.finish_window


def confirm_until(booking: ServiceBooking) -> datetime | None:
    """When completed work counts as confirmed."""
    since = booking.completion.confirm_from if booking.completion else None
    return since + booking.policy.confirm_window if since else None


def reviews_until(booking: ServiceBooking) -> datetime | None:
    """How long the parties can review each other; None before the service is completed."""
    return booking.completed_at + booking.policy.review_window if booking.completed_at else None


def hold_until(booking: ServiceBooking) -> datetime | None:
    """How long the fee of a no-show that the provider claims is held back."""
    since = booking.cancellation.hold_from if booking.cancellation else None
    return since + booking.policy.no_show_hold if since else None


def reminder_at(until: datetime, before: timedelta, since: datetime) -> datetime | None:
    """So long before the end of a wait that began ``since``; None when the wait is shorter than that."""
    at = until - before
    return at if at > since else None
