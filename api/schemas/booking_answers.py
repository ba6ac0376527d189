"""A booking of any kind as it is answered: whole, as a row of a list, as an entry of its timeline.

A kind extends these with its own fields, and narrows statuses, actions and roles to those that it has. They describe
what ``domain.views`` makes; nothing is validated a second time.
"""

from collections.abc import Sequence

from pydantic import Field

from api.schemas.answer_fields import BookingId, Moment, Rupees
from api.schemas.answers import Answer
from api.schemas.booking_fields import ByRole, CustomerOfBooking, WaitingFor
from api.schemas.document_answers import CreditNoteOfBooking, InvoiceOfBooking
from api.schemas.payment_answers import (
    Checkout,
    DisputeAnswer,
    PaymentAnswer,
    PaymentOfBooking,
    RefundAnswer,
    Totals,
    TotalsOfRow,
)
from domain.billing.provider import PaymentStatus


class TimelineEntry(Answer):
    """One move. Notes that are not for the caller are null."""

    version: int
    status: str
    action: str
    by: ByRole
    at: Moment
    note: str | None


class CancellationAnswer(Answer):
    """How a booking was given up; without amounts for those who see no money."""

    fee: Rupees | None = None
    gst_on_fee: Rupees | None = None
    refund: Rupees | None = None
    allowed: bool | None = None
    reason: str | None
    by: ByRole
    at: Moment
    closed_at: Moment | None


class ListRow(Answer):
    """A booking in a list."""

    id: BookingId
    kind: str
    status: str
    version: int
    customer: CustomerOfBooking
    totals: TotalsOfRow | None
    waiting_for: WaitingFor | None
    created_at: Moment
    updated_at: Moment


class BookingAnswer(Answer):
    """A booking as the caller may see it. ``waiting_for`` is null when it is closed."""

    id: BookingId
    kind: str
    status: str
    version: int
    customer: CustomerOfBooking
    totals: Totals | None
    payment: PaymentOfBooking | None
    checkout: Checkout | None
    payments: Sequence[PaymentAnswer]
    refunds: list[RefundAnswer]
    invoice: InvoiceOfBooking | None
    credit_notes: list[CreditNoteOfBooking]
    cancellation: CancellationAnswer | None
    waiting_for: WaitingFor | None
    timeline: Sequence[TimelineEntry]
    created_at: Moment
    updated_at: Moment
    completed_at: Moment | None
    closed_at: Moment | None
    disputes: list[DisputeAnswer] | None = Field(default=None, description="Only an admin's view has them")
    attention: list[str] | None = Field(default=None, description="Why an admin is needed; only an admin's view has it")


class GivenAwayAnswer(Answer):
    """What is told of a booking that the caller no longer sees."""

    id: BookingId
    status: str
    version: int


class PaymentConfirmation(Answer):
    """What became of a payment so far."""

    message: str
    status: PaymentStatus
    booking_id: BookingId
    booking_status: str
