"""The deadline of a dispute: whoever does not answer the bank in time has lost the money unheard."""

from collections.abc import Iterator

from domain.billing.records import Dispute
from domain.billing.views import when
from domain.booking import Booking
from domain.commands import Alert
from domain.deadlines import Deadline
from domain.money import rupees


def dispute_deadlines(booking: Booking) -> Iterator[Deadline]:
    """An admin is reminded before the answer is due, and called when it is late; also when the booking is closed."""
    for dispute in booking.disputes:
        if dispute.unanswered and dispute.respond_by is not None:
            until = f"{dispute.dispute_id} {dispute.respond_by.isoformat()}"
            before = booking.policy.dispute_reminder
            if before is not None and dispute.respond_by - before > dispute.since:
                key = f"answer {until}"
                yield Deadline(
                    at=dispute.respond_by - before,
                    key=key,
                    summary="dispute unanswered: remind an admin",
                    command=Alert(key, f"{described(dispute)}: evidence is still missing", lasting=True),
                )
            key = f"unanswered {until}"
            yield Deadline(
                at=dispute.respond_by,
                key=key,
                summary="dispute unanswered: call an admin",
                command=Alert(key, f"{described(dispute)}: that time is over", lasting=True),
            )


def described(dispute: Dispute) -> str:
    """The dispute in words, with the time until which we have to answer it."""
    what = f"dispute {dispute.dispute_id} over {rupees(dispute.amount)}"
    if dispute.unanswered and dispute.respond_by is not None:
        return f"{what}, to be answered until {when(dispute.respond_by)}"
    return what
