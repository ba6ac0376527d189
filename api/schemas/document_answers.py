"""Shapes of invoices and credit notes."""

from pydantic import Field

from api.schemas.answer_fields import BookingId, Currency, Day, Moment, Percent, Rupees, Url
from api.schemas.answers import Answer


class InvoiceOfBooking(Answer):
    """The newest invoice."""

    number: str = Field(examples=["INV-2627-000001"])
    issued_at: Moment
    total: Rupees
    url: Url


class CreditNoteOfBooking(Answer):
    """What takes back an invoice, wholly or in part."""

    number: str = Field(examples=["CN-2627-000001"])
    issued_at: Moment
    amount: Rupees
    invoice_number: str
    url: Url


class Supplier(Answer):
    """Who issues the invoice."""

    name: str
    gstin: str
    state: str
    address: str


class Recipient(Answer):
    """Whom it is issued to."""

    id: str
    name: str
    address: str
    gstin: str | None


class InvoiceLine(Answer):
    """One row of an invoice."""

    description: str
    sac: str
    quantity: int
    unit_price: Rupees
    taxable: Rupees
    gst_percent: Percent
    cgst: Rupees
    sgst: Rupees
    igst: Rupees
    total: Rupees


class InvoiceAnswer(InvoiceOfBooking):
    """An invoice with everything that is printed on it.

    A kind whose documents have a subject adds the subject's fields.
    """

    booking_id: BookingId
    leg: str
    date: Day
    supplier: Supplier
    recipient: Recipient
    place_of_supply: str
    lines: list[InvoiceLine]
    taxable: Rupees
    cgst: Rupees
    sgst: Rupees
    igst: Rupees
    round_off: str = Field(pattern=r"^-?[0-9]+\.[0-9]{2}$")
    currency: Currency
    reverse_charge: bool
