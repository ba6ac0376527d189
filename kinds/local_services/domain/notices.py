"""Who is told of a move, as what: the types of notifications. E-mails and pushes follow from them.

A move's notices follow from the state alone, so whoever writes its rows needs nothing else.
"""

from collections.abc import Iterator
from typing import NamedTuple

from domain.billing.provider import RefundStatus
from domain.lifecycle import EngineAction
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.lifecycle import Action

REQUESTED, OFFER, REMINDER = "booking.requested", "booking.offer", "booking.reminder"
ACCEPTED, DECLINED, EXPIRED = "booking.accepted", "booking.declined", "booking.expired"
PAYMENT_DUE, PAYMENT_FAILED, REFUNDED = "payment.due", "payment.failed", "refund.processed"
PAID, PAYOUT_RELEASED = "booking.paid", "payout.released"
STARTED, ON_THE_WAY = "booking.started", "booking.on_the_way"
COMPLETED, CANCELLED = "booking.completed", "booking.cancelled"
DISPUTE_OPENED, DISPUTE_DECIDED = "dispute.opened", "dispute.decided"
REVIEW_RECEIVED, REVIEWS_PUBLISHED = "review.received", "review.published"
MESSAGE_RECEIVED, SECURITY = "message.received", "account.security"

TYPES = (
    REQUESTED, OFFER, REMINDER, ACCEPTED, DECLINED, EXPIRED, PAYMENT_DUE, PAYMENT_FAILED, REFUNDED, PAID,
    PAYOUT_RELEASED, STARTED, ON_THE_WAY, COMPLETED, CANCELLED, DISPUTE_OPENED, DISPUTE_DECIDED, REVIEW_RECEIVED,
    REVIEWS_PUBLISHED, MESSAGE_RECEIVED, SECURITY,
)  # fmt: skip
"""All that people can set preferences for."""

WITHOUT_MAIL = frozenset({STARTED, ON_THE_WAY, REVIEW_RECEIVED, REVIEWS_PUBLISHED, MESSAGE_RECEIVED})
FIXED = frozenset({SECURITY})
"""Neither mail nor push of these can be switched off."""
FIXED_MAIL = frozenset({PAYMENT_DUE, PAYMENT_FAILED, REFUNDED, PAID, PAYOUT_RELEASED})
"""Mails about money cannot be switched off."""


class Notice(NamedTuple):
    """That ``person`` is told."""

    type: str
    person: str


def slug_of(kind: str) -> str:
    """The name of the e-mail of a type: "booking-offer" of "booking.offer"."""
    return kind.replace(".", "-")


def type_of(slug: str) -> str:
    """The type of an e-mail's slug; the inverse of ``slug_of``."""
    return slug.replace("-", ".", 1)


def notices(booking: ServiceBooking) -> tuple[Notice, ...]:
    """Who is told of the newest move, each person once of a type."""
    return tuple(dict.fromkeys(_notices(booking)))


def _notices(booking: ServiceBooking) -> Iterator[Notice]:
    event = booking.event
    match event.action:
        case Action.REQUEST:
            yield Notice(REQUESTED, booking.provider)
        case Action.OFFER:
            yield Notice(OFFER, booking.other(event.by.id))
        case Action.ACCEPT:
            yield Notice(ACCEPTED, booking.other(event.by.id))
            if booking.accepted_at == event.at:
                yield Notice(PAYMENT_DUE, booking.requester)
        case Action.DECLINE:
            yield Notice(DECLINED, booking.other(event.by.id))
        case Action.EXPIRE if event.status == Status.CANCELLED:
            yield from _both(booking, EXPIRED)
        case Action.PAY:
            yield from _both(booking, PAID)
        case EngineAction.PAYMENT_FAILED:
            yield Notice(PAYMENT_FAILED, booking.requester)
        case Action.START:
            yield Notice(STARTED, booking.requester)
        case Action.COMPLETE:
            yield from _both(booking, COMPLETED)
        case Action.CANCEL:
            yield from _both(booking, CANCELLED)
        case _:
            yield from _of_money_and_words(booking)


def _of_money_and_words(booking: ServiceBooking) -> Iterator[Notice]:
    event = booking.event
    match event.action:
        case EngineAction.REFUND if any(
            row.status is RefundStatus.PROCESSED and row.processed_at == event.at for row in booking.refunds
        ):
            yield Notice(REFUNDED, booking.requester)
        case EngineAction.PAYOUT if any(row.released_at == event.at for row in booking.payouts):
            yield Notice(PAYOUT_RELEASED, booking.provider)
        case Action.DISPUTE if booking.dispute is not None and booking.dispute.at == event.at:
            yield from _both(booking, DISPUTE_OPENED)
        case Action.DECIDE:
            yield from _both(booking, DISPUTE_DECIDED)
        case Action.REVIEW | Action.PUBLISH_REVIEWS:
            if event.action == Action.REVIEW:
                yield Notice(REVIEW_RECEIVED, booking.other(event.by.id))
            if booking.reviews_published_at == event.at:
                yield from (Notice(REVIEWS_PUBLISHED, review.reviewee_id) for review in booking.reviews)
        case EngineAction.ALERT if not_begun(booking):
            yield from _both(booking, REMINDER)


def not_begun(booking: ServiceBooking) -> bool:
    """The newest call for an admin is for work that did not begin."""
    return bool(booking.alerted) and booking.alerted[-1] == f"not begun {booking.starts_at.isoformat()}"


def _both(booking: ServiceBooking, kind: str) -> Iterator[Notice]:
    yield Notice(kind, booking.requester)
    yield Notice(kind, booking.provider)
