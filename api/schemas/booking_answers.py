"""The shapes that booking and payment routes answer with, for the documentation.

They are made by ``domain`` and PostgreSQL and go out as they are: nothing is validated a second time.
"""

from api.schemas.answers import Answer, Json


class Waiting(Answer):
    """Who has to do what, until when, and what happens then."""

    who: str
    what: str
    until: str | None
    then: str | None


class TimelineEntry(Answer):
    """One move."""

    version: int
    status: str
    action: str
    by: Json
    at: str
    note: str | None


class LineAnswer(Answer):
    """One service; amounts per unit, in rupees with two decimals."""

    service_id: int
    title: str
    quantity: int
    origin: str
    estimate: str | None
    quote: str | None
    price: str | None
    state: str


class Checkout(Answer):
    """What a browser needs to pay; ``amount`` in paise."""

    order_id: str
    amount: int
    currency: str
    key_id: str


class FeeAnswer(Answer):
    """What cancelling costs."""

    fee: str
    gst_on_fee: str
    refund: str
    returns_car: bool
    allowed: bool
    reason: str | None


class PaymentAnswer(Answer):
    """Money asked for or taken."""

    id: int
    booking_id: int
    leg: str
    method: str
    amount: str
    currency: str
    status: str
    order_id: str | None
    payment_id: str | None
    created_at: str
    captured_at: str | None


class RefundAnswer(Answer):
    """Money going back."""

    id: int
    booking_id: int
    payment_id: str
    amount: str
    status: str
    reason: str
    refund_id: str | None
    requested_at: str
    processed_at: str | None


class VerifyAnswer(Answer):
    """What became of a payment so far."""

    message: str
    status: str
    booking_id: int
    booking_status: str


class BookingAnswer(Answer):
    """A booking as the caller may see it."""

    id: int
    kind: str
    status: str
    version: int
    customer: Json
    vehicle: Json
    car: Json
    pickup: Json
    drop: Json
    notes: str | None
    services: list[LineAnswer]
    analysis: Json | None
    progress: list[Json]
    assignments: list[Json]
    totals: Json | None
    payment: Json | None
    checkout: Checkout | None
    payments: list[PaymentAnswer]
    refunds: list[RefundAnswer]
    invoice: Json | None
    credit_notes: list[Json]
    cancellation: Json | None
    waiting_for: Waiting | None
    allowed_actions: list[str]
    timeline: list[TimelineEntry]
    created_at: str
    updated_at: str
    completed_at: str | None


class ListRow(Answer):
    """A booking in a list."""

    id: int
    status: str
    version: int
    customer: Json
    vehicle: Json
    pickup: Json
    drop: Json
    totals: Json | None
    waiting_for: Waiting | None
    created_at: str
    updated_at: str


class AssignmentRow(ListRow):
    """A job of a mechanic."""

    assignment: Json


class DashboardRow(ListRow):
    """What an admin looks at."""

    action_required: str
    age_seconds: int
    deadline: str | None


class Dashboard(Answer):
    """Counts by status over all bookings, and the rows that were asked for."""

    counts: dict[str, int]
    bookings: list[DashboardRow]


class ReportAnswer(Answer):
    """A progress report."""

    id: int
    booking_id: int
    status: str
    updated_by: str
    timestamp: str


class InvoiceAnswer(Answer):
    """An invoice."""

    number: str
    issued_at: str
    total: str
    url: str
