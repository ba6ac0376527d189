"""Refusals, by name: the same for the customer, the log, the tests and the API.

    BookingError
    ├── NotFound                  404  no such thing, or not yours to know of
    ├── Unauthenticated           401
    ├── NotAllowed                403
    │   ├── ScopeRequired
    │   ├── RoleRequired
    │   ├── NotYours
    │   ├── SecondFactorNeeded         at a login its code; else it has to be set up before anything
    │   └── FreshCodeNeeded            a code of the second factor, shown some minutes ago at the most
    ├── Conflict                  409  the state of things says no
    │   ├── ActionNotAllowed           not in this state
    │   ├── SlotTaken                  carries next_free_slots
    │   ├── Duplicate
    │   ├── InUse
    │   ├── NothingPending
    │   ├── RowsAhead                  what a workflow decided is older than its rows
    │   ├── DamagedBackup              its content is not what was written
    │   └── IdempotencyMismatch        same key, another body
    ├── PaymentProblem            400
    │   ├── PaymentRejected            the provider refused for good
    │   ├── LowBalance                 a refund waits until our account has the money
    │   ├── PaymentDisputed            a refund waits until the bank has decided
    │   ├── AmountMismatch
    │   └── BadSignature
    ├── Invalid                   400  a business rule
    │   └── PasswordNeeded             the current password is asked for as well
    ├── TooLarge                  413
    ├── UnsupportedMediaType      415
    ├── UnreadableImage           422  it begins like an image and cannot be decoded
    ├── TooMany                   429
    ├── Unavailable               503  a needed part is down
    │   ├── KeyRefused                 the payment provider does not know our key
    │   ├── NoOrderYet                 the payment provider does not answer; ask again with the same key
    │   ├── BookingsPaused             the shop takes no new bookings for a while
    │   ├── PaymentsPaused             nor new payments online
    │   └── BookingStalled             its workflow fails, until a release mends it
    └── NotFinished               504  accepted; ask again with the same key

A refusal is expected: it is never retried and never logged as an incident. Everything that is not a
``BookingError`` is a fault. A kind may add refusals of its own below these. Temporal carries refusals by class name and
rebuilds them on the other side.
"""

from typing import Any


class BookingError(Exception):
    """A refusal with a sentence for people (``detail``) and facts for programs (``data``, plain JSON)."""

    def __init__(self, detail: str = "", **data: Any) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip().split("\n")[0]
        self.data = data
        super().__init__(self.detail)

    @property
    def code(self) -> str:
        """The name that clients and tests know this refusal by."""
        return type(self).__name__


class NotFound(BookingError):
    """There is no such thing"""


class Unauthenticated(BookingError):
    """A valid token is needed"""


class NotAllowed(BookingError):
    """This is not yours to do"""


class ScopeRequired(NotAllowed):
    """A scope is missing"""


class RoleRequired(NotAllowed):
    """This is for another role"""


class NotYours(NotAllowed):
    """This belongs to somebody else"""


class SecondFactorNeeded(NotAllowed):
    """A second factor is needed"""


class FreshCodeNeeded(NotAllowed):
    """A code of the second factor is needed again"""


class Conflict(BookingError):
    """The state of things does not allow it"""


class ActionNotAllowed(Conflict):
    """The booking is not in a state for that"""


class SlotTaken(Conflict):
    """That time slot is full"""


class Duplicate(Conflict):
    """That exists already"""


class InUse(Conflict):
    """That is in use"""


class NothingPending(Conflict):
    """Nothing is pending"""


class RowsAhead(Conflict):
    """The rows of this booking are ahead of what was decided"""


class DamagedBackup(Conflict):
    """The backup is damaged"""


class IdempotencyMismatch(Conflict):
    """That Idempotency-Key was used with another request"""


class PaymentProblem(BookingError):
    """The payment cannot be accepted"""


class PaymentRejected(PaymentProblem):
    """The payment provider refused"""


class LowBalance(PaymentProblem):
    """Our account with the payment provider is short of money"""


class PaymentDisputed(PaymentProblem):
    """The customer has asked the bank for this money; nothing of it is refunded until the bank has decided"""


class AmountMismatch(PaymentProblem):
    """The amount is not the amount due"""


class BadSignature(PaymentProblem):
    """The signature is not genuine"""


class Invalid(BookingError):
    """That cannot be right"""


class PasswordNeeded(Invalid):
    """The current password is needed for that"""


class TooLarge(BookingError):
    """That is too large"""


class UnsupportedMediaType(BookingError):
    """That kind of content is not taken"""


class UnreadableImage(BookingError):
    """That image cannot be read"""


class TooMany(BookingError):
    """Too many requests"""


class Unavailable(BookingError):
    """A needed part is down; try again shortly"""


class KeyRefused(Unavailable):
    """The payment provider does not accept our key; online payments wait until that is put right"""


class NoOrderYet(Unavailable):
    """The payment provider does not answer; nothing is decided yet, ask again with the same Idempotency-Key"""


class BookingsPaused(Unavailable):
    """No new bookings are taken for the time being; those that were made go on"""


class PaymentsPaused(Unavailable):
    """No new payments are taken online for the time being; cash is"""


class BookingStalled(Unavailable):
    """A fault of ours keeps this booking from going on; nothing is lost, and it goes on when that is mended"""


class NotFinished(BookingError):
    """Accepted but not finished; ask again with the same Idempotency-Key"""


def by_name(code: str) -> type[BookingError] | None:
    """The refusal of that name, to rebuild one that crossed a process border."""
    return {kind.__name__: kind for kind in family()}.get(code)


def family(root: type[BookingError] = BookingError) -> list[type[BookingError]]:
    """Every refusal below this one, itself first."""
    return [root, *(member for child in root.__subclasses__() for member in family(child))]
