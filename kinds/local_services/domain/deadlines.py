"""The deadlines of a booking: when they come, and what happens then unless somebody acts before.

An open dispute stops them all but the call for an admin: what becomes of the money is never decided by the clock.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.commands import Alert
from domain.deadlines import Deadline
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.commands import CompleteByClock, ConfirmByClock, Expire, PublishReviews
from kinds.local_services.domain.money import paid_with
from kinds.local_services.domain.notices import REMINDER, slug_of
from kinds.local_services.domain.windows import (
    answer_until,
    confirm_until,
    finish_until,
    hold_until,
    not_started_at,
    pay_until,
    reminder_at,
    reviews_until,
)

NOT_BEGUN = "not begun"
_DISPUTE = "dispute"
_MOST_CALLS = 365
"""A dispute that nobody decides calls an admin each day, for a year."""


def deadlines(booking: ServiceBooking) -> Iterator[Deadline]:
    """Every deadline of the booking as it stands, in no order."""
    if booking.disputed:
        yield from _calls_for_a_decision(booking)
    match booking.status:
        case Status.REQUESTED:
            yield from _answer(booking)
        case Status.ACCEPTED:
            yield from _other_time(booking)
            yield from _payment(booking) if paid_with(booking) is None else _start(booking)
        case Status.IN_PROGRESS if not booking.disputed:
            yield Deadline(
                at=finish_until(booking),
                key=f"finish {booking.starts_at.isoformat()}",
                summary="nobody says that the work is done: it counts as done",
                command=CompleteByClock(),
            )
        case Status.COMPLETED:
            yield from _confirmation(booking)
            yield from _reviews(booking)
        case Status.CANCELLED:
            yield from _claim(booking)


def asked(booking: ServiceBooking) -> str | None:
    """Who has to answer the open offer."""
    offer = booking.open_offer
    return booking.other(offer.by) if offer else None


def _answer(booking: ServiceBooking) -> Iterator[Deadline]:
    offer, person = booking.open_offer, asked(booking)
    if offer is None or person is None:
        return
    until = answer_until(booking, offer)
    yield Deadline(at=until, key=f"answer {offer.id}", summary="offer unanswered: cancel", command=Expire())
    at = reminder_at(until, booking.policy.answer_reminder, offer.created_at)
    yield from _reminder(at, f"answer reminder {offer.id}", "offer unanswered: remind", person)


def _other_time(booking: ServiceBooking) -> Iterator[Deadline]:
    offer = booking.open_offer
    if offer is not None:
        at = answer_until(booking, offer)
        yield Deadline(at=at, key=f"answer {offer.id}", summary="other time unanswered: forget it", command=Expire())


def _payment(booking: ServiceBooking) -> Iterator[Deadline]:
    until = pay_until(booking)
    yield Deadline(
        at=until,
        key=f"payment {until.isoformat()}",
        summary="unpaid: cancel",
        command=Expire(),
        check_payment_first=True,
    )
    at = reminder_at(until, booking.policy.payment_reminder, booking.accepted_at or booking.created_at)
    yield from _reminder(at, "payment reminder", "unpaid: remind the requester", booking.requester)


def _start(booking: ServiceBooking) -> Iterator[Deadline]:
    start, policy = booking.starts_at, booking.policy
    at = reminder_at(start, policy.start_reminder, booking.accepted_at or booking.created_at)
    for person in (booking.requester, booking.provider):
        yield from _reminder(at, f"start {start.isoformat()} {person}", "the start is near: remind both", person)
    key = f"{NOT_BEGUN} {start.isoformat()}"
    note = "the work has not begun long after its start"
    yield Deadline(at=start + policy.start_alert, key=key, summary="not begun: call an admin", command=Alert(key, note))
    given_up = not_started_at(booking)
    yield Deadline(at=given_up, key=f"not started {start.isoformat()}", summary="never begun: cancel", command=Expire())


def _confirmation(booking: ServiceBooking) -> Iterator[Deadline]:
    until = confirm_until(booking)
    if until is not None and not booking.confirmed and not booking.disputed:
        yield Deadline(
            at=until,
            key=f"confirmation {until.isoformat()}",
            summary="nobody objects: confirm the work",
            command=ConfirmByClock(),
        )


def _reviews(booking: ServiceBooking) -> Iterator[Deadline]:
    until = reviews_until(booking)
    if until is not None and not booking.reviews_closed:
        yield Deadline(at=until, key="reviews", summary="publish the reviews", command=PublishReviews())


def _claim(booking: ServiceBooking) -> Iterator[Deadline]:
    until = hold_until(booking)
    if until is not None and not booking.disputed:
        yield Deadline(
            at=until,
            key=f"no-show {until.isoformat()}",
            summary="the no-show is not disputed: pay the fee out",
            command=ConfirmByClock(),
        )


def _calls_for_a_decision(booking: ServiceBooking) -> Iterator[Deadline]:
    """The next call that was not made yet, and those that were: an admin is needed until the dispute is decided."""
    if booking.dispute is None:
        return
    first = booking.dispute.at + booking.policy.dispute_alert
    for number in range(_MOST_CALLS):
        key, note = f"{_DISPUTE} {number + 1}", "a dispute waits for a decision"
        at = first + number * timedelta(days=1)
        yield Deadline(at=at, key=key, summary="dispute undecided: call an admin", command=Alert(key, note))
        if key not in booking.alerted:
            return


def _reminder(at: datetime | None, key: str, summary: str, person: str) -> Iterator[Deadline]:
    if at is not None:
        yield Deadline(at=at, key=key, summary=summary, email=(slug_of(REMINDER), person))
