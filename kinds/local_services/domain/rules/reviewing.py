"""What the parties say of each other, hidden until both have or the time for it is over."""

from datetime import datetime

from domain.errors import Duplicate
from domain.lifecycle import Transition, refusal
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.commands import PublishReviews
from kinds.local_services.domain.errors import NotCompleted, TooLate
from kinds.local_services.domain.lifecycle import Action
from kinds.local_services.domain.parts import Review
from kinds.local_services.domain.rules.common import granted, must_be_current
from kinds.local_services.domain.windows import reviews_until

BOTH = 2


def write_review(booking: ServiceBooking, command: commands.Review, now: datetime) -> Transition:
    """One of each party; the second publishes both."""
    if booking.status != Status.COMPLETED:
        raise NotCompleted("a service is reviewed when it is completed")
    written = granted(booking, Action.REVIEW, command.actor)
    must_be_current(booking, command)
    until = reviews_until(booking)
    mine = any(review.reviewer_id == command.actor.id for review in booking.reviews)
    if until is None or now >= until or (booking.reviews_closed and len(booking.reviews) < BOTH):
        raise TooLate("the time for reviews is over")
    if mine:
        raise Duplicate("you have reviewed this booking already")
    other = booking.other(command.actor.id)
    booking.reviews.append(Review(booking.next_child(), command.actor.id, other, command.rating, command.comment, now))
    if len(booking.reviews) == BOTH:
        _close(booking, now)
    return written


def publish(booking: ServiceBooking, command: PublishReviews, now: datetime) -> Transition:
    """The time is over: what was written is published."""
    published = granted(booking, Action.PUBLISH_REVIEWS, command.actor)
    until = reviews_until(booking)
    if booking.reviews_closed or until is None or now < until:
        raise refusal(booking, Action.PUBLISH_REVIEWS, "there is nothing to publish yet")
    _close(booking, now)
    return published


def _close(booking: ServiceBooking, now: datetime) -> None:
    booking.reviews_closed = True
    if booking.reviews:
        booking.reviews_published_at = now
