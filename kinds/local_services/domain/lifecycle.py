"""The life of a booking, one row a transition, by the parties of the booking.

What the table cannot say - whom the open offer waits for, whether it is paid, how early it is - is decided by the rules
beside it, on the booking's own facts.
"""

from enum import StrEnum

from domain.lifecycle import Lifecycle, TransitionRule
from kinds.local_services.domain.booking import Status
from kinds.local_services.domain.roles import Party


class Action(StrEnum):
    """What parties, admins and the clock do; beside these the timeline has the engine's entries."""

    REQUEST = "request"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    PAY_INTENT = "pay-intent"
    PAY = "pay"
    START = "start"
    COMPLETE = "complete"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    EXPIRE = "expire"
    DISPUTE = "dispute"
    WITHDRAW = "withdraw"
    DECIDE = "decide"
    REVIEW = "review"
    PUBLISH_REVIEWS = "publish-reviews"


S, A = Status, Action
_PARTIES = frozenset({Party.REQUESTER, Party.PROVIDER})
_ANY = _PARTIES | {Party.ADMIN}
_PROVIDER = frozenset({Party.PROVIDER})
_REQUESTER = frozenset({Party.REQUESTER})
_ADMIN = frozenset({Party.ADMIN})
_CLOCK = frozenset({Party.SYSTEM})
_CONFIRMING = frozenset({Party.REQUESTER, Party.ADMIN, Party.SYSTEM})


def _row(by: frozenset[Party], *to: Status) -> TransitionRule[Status]:
    return TransitionRule(to=to, by=by)


def _disputes(status: Status) -> dict[tuple[Status, str], TransitionRule[Status]]:
    """Parties dispute; the engine records under the same word what the bank says of a payment."""
    return {
        (status, A.DISPUTE): _row(_PARTIES | _CLOCK, status),
        (status, A.WITHDRAW): _row(_PARTIES, status),
        (status, A.DECIDE): _row(_ADMIN, status),
    }


_TRANSITIONS: dict[tuple[Status, str], TransitionRule[Status]] = {
    (S.REQUESTED, A.OFFER): _row(_PARTIES, S.REQUESTED),
    (S.REQUESTED, A.ACCEPT): _row(_PARTIES, S.ACCEPTED),
    (S.REQUESTED, A.DECLINE): _row(_PARTIES, S.CANCELLED),
    (S.REQUESTED, A.CANCEL): _row(_ANY, S.CANCELLED),
    (S.REQUESTED, A.EXPIRE): _row(_CLOCK, S.CANCELLED),
    (S.ACCEPTED, A.PAY_INTENT): _row(_REQUESTER, S.ACCEPTED),
    (S.ACCEPTED, A.PAY): _row(_CLOCK, S.ACCEPTED),
    (S.ACCEPTED, A.CANCEL): _row(_ANY, S.CANCELLED),
    (S.ACCEPTED, A.OFFER): _row(_PARTIES, S.ACCEPTED),
    (S.ACCEPTED, A.ACCEPT): _row(_PARTIES, S.ACCEPTED),
    (S.ACCEPTED, A.DECLINE): _row(_PARTIES, S.ACCEPTED),
    (S.ACCEPTED, A.START): _row(_PROVIDER, S.IN_PROGRESS),
    (S.ACCEPTED, A.EXPIRE): _row(_CLOCK, S.CANCELLED, S.ACCEPTED),
    (S.IN_PROGRESS, A.COMPLETE): _row(_ANY | _CLOCK, S.COMPLETED),
    # The requester is refused by a sentence of its own: he opens a dispute.
    (S.IN_PROGRESS, A.CANCEL): _row(_ANY, S.CANCELLED),
    (S.COMPLETED, A.CONFIRM): _row(_CONFIRMING, S.COMPLETED),
    (S.COMPLETED, A.REVIEW): _row(_PARTIES, S.COMPLETED),
    (S.COMPLETED, A.PUBLISH_REVIEWS): _row(_CLOCK, S.COMPLETED),
    (S.CANCELLED, A.CONFIRM): _row(_CLOCK, S.CANCELLED),
    **_disputes(S.IN_PROGRESS),
    **_disputes(S.COMPLETED),
    **_disputes(S.CANCELLED),
}


def _with_the_engines(own: Lifecycle[Status]) -> Lifecycle[Status]:
    """The engine's rows beside these, of which those for the same action stay as they are here."""
    return Lifecycle(own.first, own.final, {**own.transitions, **_TRANSITIONS})


LIFECYCLE: Lifecycle[Status] = _with_the_engines(
    Lifecycle.of(Status, (Status.COMPLETED, Status.CANCELLED), _TRANSITIONS, pays_out=True)
)
