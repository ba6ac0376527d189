"""The lifecycle of a service visit, one row a transition.

What the table cannot say - whose assignment, whether money is in, whether the report was validated - is decided by the
rules beside it, on the booking's own facts.
"""

from enum import StrEnum

from domain.lifecycle import Lifecycle, TransitionRule
from kinds.vehicle_service.domain.roles import Role


class VisitStatus(StrEnum):
    """Where a booking stands, in the spelling of the wire."""

    BOOKED = "booked"
    PICKUP = "pickup"
    RECEIVED = "received"
    ANALYSIS = "analysis"
    ANALYSED = "analysed"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    OUT_FOR_DELIVERY = "out-for-delivery"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What can happen to a visit, the engine's entries too; each is one of the timeline (docs/glossary.md)."""

    BOOK = "book"
    RECEIVE = "receive"
    ASSIGN = "assign"
    SUBMIT_PROGRESS = "submit-progress"
    EDIT_PROGRESS = "edit-progress"
    VALIDATE_PROGRESS = "validate-progress"
    SEND_BACK_PROGRESS = "send-back-progress"
    SUBMIT_ANALYSIS = "submit-analysis"
    EDIT_ANALYSIS = "edit-analysis"
    VALIDATE_ANALYSIS = "validate-analysis"
    SEND_BACK_ANALYSIS = "send-back-analysis"
    CONFIRM_SERVICES = "confirm-services"
    CHOOSE_CASH = "choose-cash"
    PAY = "pay"
    PAYMENT_FAILED = "payment-failed"
    OPEN_COLLECTION = "open-collection"
    VERIFY_CASH = "verify-cod"
    REFUSE_PAYMENT = "refuse-payment"
    ISSUE_INVOICE = "issue-invoice"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    EXPIRE = "expire"
    ALERT = "alert"
    RETURN_MONEY = "return-money"
    REFUND = "refund"
    RETRY_REFUND = "retry-refund"
    DISPUTE = "dispute"
    CLEAR_ATTENTION = "clear-attention"
    REPAIR = "repair"
    HAND_OVER = "hand-over"


S, A = VisitStatus, Action
_ADMIN = frozenset({Role.ADMIN})
_CUSTOMER_OR_ADMIN = frozenset({Role.CUSTOMER, Role.ADMIN})
_MECHANIC_OR_ADMIN = frozenset({Role.MECHANIC, Role.ADMIN})
_ENGINE = frozenset({Role.SYSTEM})


def _row(by: frozenset[Role], *to: VisitStatus) -> TransitionRule[VisitStatus]:
    return TransitionRule(to=to, by=by)


_TRANSITIONS: dict[tuple[VisitStatus, str], TransitionRule[VisitStatus]] = {
    (S.BOOKED, A.ASSIGN): _row(_ADMIN, S.PICKUP),
    (S.BOOKED, A.RECEIVE): _row(_ADMIN, S.RECEIVED),
    (S.BOOKED, A.RESCHEDULE): _row(_CUSTOMER_OR_ADMIN, S.BOOKED),
    (S.BOOKED, A.CANCEL): _row(_CUSTOMER_OR_ADMIN, S.CANCELLED),
    (S.PICKUP, A.ASSIGN): _row(_ADMIN, S.PICKUP),
    (S.PICKUP, A.SUBMIT_PROGRESS): _row(_MECHANIC_OR_ADMIN, S.RECEIVED),
    (S.PICKUP, A.RESCHEDULE): _row(_CUSTOMER_OR_ADMIN, S.PICKUP, S.BOOKED),
    (S.PICKUP, A.CANCEL): _row(_CUSTOMER_OR_ADMIN, S.CANCELLED),
    (S.RECEIVED, A.SUBMIT_PROGRESS): _row(_MECHANIC_OR_ADMIN, S.RECEIVED),
    (S.RECEIVED, A.EDIT_PROGRESS): _row(_ADMIN, S.RECEIVED),
    (S.RECEIVED, A.VALIDATE_PROGRESS): _row(_ADMIN, S.RECEIVED),
    (S.RECEIVED, A.SEND_BACK_PROGRESS): _row(_ADMIN, S.RECEIVED),
    (S.RECEIVED, A.ASSIGN): _row(_ADMIN, S.ANALYSIS),
    (S.RECEIVED, A.RESCHEDULE): _row(_CUSTOMER_OR_ADMIN, S.RECEIVED),
    (S.RECEIVED, A.CANCEL): _row(_CUSTOMER_OR_ADMIN, S.CANCELLED),
    (S.ANALYSIS, A.ASSIGN): _row(_ADMIN, S.ANALYSIS),
    (S.ANALYSIS, A.SUBMIT_ANALYSIS): _row(_MECHANIC_OR_ADMIN, S.ANALYSED),
    (S.ANALYSIS, A.RESCHEDULE): _row(_CUSTOMER_OR_ADMIN, S.ANALYSIS),
    (S.ANALYSIS, A.CANCEL): _row(_CUSTOMER_OR_ADMIN, S.CANCELLED),
    (S.ANALYSED, A.EDIT_ANALYSIS): _row(_ADMIN, S.ANALYSED),
    (S.ANALYSED, A.VALIDATE_ANALYSIS): _row(_ADMIN, S.ANALYSED),
    (S.ANALYSED, A.SEND_BACK_ANALYSIS): _row(_ADMIN, S.ANALYSIS),
    (S.ANALYSED, A.CONFIRM_SERVICES): _row(_CUSTOMER_OR_ADMIN, S.ANALYSED, S.IN_PROGRESS),
    (S.ANALYSED, A.CHOOSE_CASH): _row(_CUSTOMER_OR_ADMIN, S.IN_PROGRESS),
    (S.ANALYSED, A.PAY): _row(_ENGINE, S.IN_PROGRESS),
    (S.ANALYSED, A.EXPIRE): _row(_ENGINE, S.ANALYSED, S.CANCELLED),
    (S.ANALYSED, A.RESCHEDULE): _row(_CUSTOMER_OR_ADMIN, S.ANALYSED),
    (S.ANALYSED, A.CANCEL): _row(_CUSTOMER_OR_ADMIN, S.CANCELLED),
    (S.IN_PROGRESS, A.ASSIGN): _row(_ADMIN, S.IN_PROGRESS),
    (S.IN_PROGRESS, A.SUBMIT_PROGRESS): _row(_MECHANIC_OR_ADMIN, S.IN_PROGRESS),
    (S.IN_PROGRESS, A.EDIT_PROGRESS): _row(_ADMIN, S.IN_PROGRESS),
    (S.IN_PROGRESS, A.VALIDATE_PROGRESS): _row(_ADMIN, S.IN_PROGRESS, S.COMPLETED),
    (S.IN_PROGRESS, A.SEND_BACK_PROGRESS): _row(_ADMIN, S.IN_PROGRESS),
    (S.IN_PROGRESS, A.RESCHEDULE): _row(_CUSTOMER_OR_ADMIN, S.IN_PROGRESS),
    (S.IN_PROGRESS, A.CANCEL): _row(_CUSTOMER_OR_ADMIN, S.CANCELLED),
    (S.COMPLETED, A.ASSIGN): _row(_ADMIN, S.OUT_FOR_DELIVERY),
    (S.COMPLETED, A.RESCHEDULE): _row(_CUSTOMER_OR_ADMIN, S.COMPLETED),
    (S.COMPLETED, A.OPEN_COLLECTION): _row(_ADMIN, S.COMPLETED),
    (S.COMPLETED, A.VERIFY_CASH): _row(_ADMIN, S.COMPLETED),
    (S.COMPLETED, A.PAY): _row(_ENGINE, S.COMPLETED),
    (S.COMPLETED, A.HAND_OVER): _row(_ADMIN, S.DELIVERED),
    (S.OUT_FOR_DELIVERY, A.ASSIGN): _row(_ADMIN, S.OUT_FOR_DELIVERY),
    (S.OUT_FOR_DELIVERY, A.OPEN_COLLECTION): _row(_MECHANIC_OR_ADMIN, S.OUT_FOR_DELIVERY),
    (S.OUT_FOR_DELIVERY, A.VERIFY_CASH): _row(_MECHANIC_OR_ADMIN, S.OUT_FOR_DELIVERY),
    (S.OUT_FOR_DELIVERY, A.REFUSE_PAYMENT): _row(_MECHANIC_OR_ADMIN, S.OUT_FOR_DELIVERY),
    (S.OUT_FOR_DELIVERY, A.PAY): _row(_ENGINE, S.OUT_FOR_DELIVERY),
    (S.OUT_FOR_DELIVERY, A.SUBMIT_PROGRESS): _row(_MECHANIC_OR_ADMIN, S.DELIVERED),
    # A cancelled car that is with us goes home: the status stays, the booking closes when all is settled.
    (S.CANCELLED, A.ASSIGN): _row(_ADMIN, S.CANCELLED),
    (S.CANCELLED, A.OPEN_COLLECTION): _row(_MECHANIC_OR_ADMIN, S.CANCELLED),
    (S.CANCELLED, A.VERIFY_CASH): _row(_MECHANIC_OR_ADMIN, S.CANCELLED),
    (S.CANCELLED, A.REFUSE_PAYMENT): _row(_MECHANIC_OR_ADMIN, S.CANCELLED),
    (S.CANCELLED, A.PAY): _row(_ENGINE, S.CANCELLED),
    (S.CANCELLED, A.SUBMIT_PROGRESS): _row(_MECHANIC_OR_ADMIN, S.CANCELLED),
    (S.CANCELLED, A.HAND_OVER): _row(_ADMIN, S.CANCELLED),
}

LIFECYCLE: Lifecycle[VisitStatus] = Lifecycle.of(
    VisitStatus, (VisitStatus.DELIVERED, VisitStatus.CANCELLED), _TRANSITIONS
)

STATUS_IDS: dict[VisitStatus, int] = {
    VisitStatus.BOOKED: 1,
    VisitStatus.PICKUP: 2,
    VisitStatus.RECEIVED: 3,
    VisitStatus.ANALYSIS: 4,
    VisitStatus.ANALYSED: 5,
    VisitStatus.CANCELLED: 6,
    VisitStatus.IN_PROGRESS: 7,
    VisitStatus.COMPLETED: 8,
    VisitStatus.OUT_FOR_DELIVERY: 9,
    VisitStatus.DELIVERED: 10,
}
