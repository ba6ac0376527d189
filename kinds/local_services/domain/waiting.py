"""What a booking waits for: who, until when, then what. Of several waits the most urgent is told."""

from domain.money import rupees
from domain.waiting import Waiting
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.deadlines import asked
from kinds.local_services.domain.money import paid_with
from kinds.local_services.domain.payouts import under_way
from kinds.local_services.domain.windows import (
    answer_until,
    confirm_until,
    finish_until,
    hold_until,
    not_started_at,
    pay_until,
    reviews_until,
)

REQUESTER, PROVIDER, BOTH, ADMIN, GATEWAY, SYSTEM = "requester", "provider", "both", "admin", "gateway", "system"
CANCELLED = "the booking is cancelled"


def waiting(booking: ServiceBooking) -> Waiting | None:
    """In this order: a dispute, the next move, money that is on its way, reviews."""
    return _for_a_decision(booking) or _for_the_next_move(booking) or _for_money(booking) or _for_reviews(booking)


def _for_a_decision(booking: ServiceBooking) -> Waiting | None:
    if booking.dispute is None or not booking.dispute.open:
        return None
    until = booking.dispute.at + booking.policy.dispute_alert
    return Waiting(ADMIN, "to decide the dispute", until, "an admin is reminded every day", "attention")


def _for_the_next_move(booking: ServiceBooking) -> Waiting | None:
    match booking.status:
        case Status.REQUESTED:
            return _for_an_answer(booking)
        case Status.ACCEPTED:
            return _for_payment(booking) if paid_with(booking) is None else _for_the_start(booking)
        case Status.IN_PROGRESS:
            return Waiting(PROVIDER, "to do the work", finish_until(booking), "it counts as done")
        case Status.COMPLETED if not booking.confirmed:
            until = confirm_until(booking)
            return Waiting(REQUESTER, "to confirm the work", until, "it counts as confirmed and is paid out")
        case Status.CANCELLED if (until := hold_until(booking)) is not None:
            return Waiting(REQUESTER, "to dispute the no-show, if it was none", until, "the fee is paid out")
        case _:
            return None


def _for_an_answer(booking: ServiceBooking) -> Waiting:
    offer = booking.open_offer
    who = REQUESTER if asked(booking) == booking.requester else PROVIDER
    if offer is None:
        return Waiting(PROVIDER, "to answer the request")
    what = f"to answer the offer of {rupees(offer.total)}" if offer.total is not None else "to offer a price"
    return Waiting(who, what, answer_until(booking, offer), CANCELLED)


def _for_payment(booking: ServiceBooking) -> Waiting:
    return Waiting(REQUESTER, f"to pay {rupees(booking.total or 0)}", pay_until(booking), CANCELLED, discreet="to pay")


def _for_the_start(booking: ServiceBooking) -> Waiting:
    then = "the booking is cancelled and all money goes back"
    return Waiting(PROVIDER, "to begin the work", not_started_at(booking), then)


def _for_money(booking: ServiceBooking) -> Waiting | None:
    back = sum(refund.amount for refund in booking.refunds if refund.unsettled)
    if back:
        return Waiting(GATEWAY, f"to process the refund of {rupees(back)}", discreet="to process the refund")
    passed_on = under_way(booking)
    return Waiting(GATEWAY, "to move the provider's share", discreet="to move money") if passed_on is not None else None


def _for_reviews(booking: ServiceBooking) -> Waiting | None:
    if booking.status != Status.COMPLETED or booking.reviews_closed:
        return None
    written = {review.reviewer_id for review in booking.reviews}
    left = [
        who for who, person in ((REQUESTER, booking.requester), (PROVIDER, booking.provider)) if person not in written
    ]
    who = BOTH if len(left) > 1 else left[0]
    what = "to review each other" if who == BOTH else "to review the other"
    return Waiting(who, what, reviews_until(booking), "the reviews are published")
