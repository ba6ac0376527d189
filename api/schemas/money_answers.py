"""What the money views answer; amounts are rupees as decimal strings."""

from pydantic import Field

from api.schemas.answers import Answer


class LedgerEntryAnswer(Answer):
    """A movement of money; in is positive."""

    id: int
    booking_id: int = Field(examples=[1021])
    version: int = Field(description="The move of the booking that posted it")
    kind: str = Field(examples=["capture"], description="capture | cash | refund | chargeback | transfer | reversal")
    reference: str = Field(examples=["pay_29QQoUBi66xm2f"])
    leg: str = Field(examples=["service"])
    amount: str = Field(examples=["1947.00"])
    currency: str = Field(examples=["INR"])
    at: str


class PayoutAnswer(Answer):
    """Money passed on to a payee; ``amount`` is what is kept of it now."""

    booking_id: int = Field(examples=[1007])
    key: str = Field(examples=["po-1007-1"], description="Its name at the provider; another try has another one")
    state: str = Field(examples=["held"], description="pending | held | released | failed | partly_reversed | reversed")
    amount: str = Field(examples=["818.76"])
    currency: str = Field(examples=["INR"])
    transfer_id: str | None = Field(examples=["trf_29QQoUBi66xm2f"])
    note: str | None = Field(description="Why it waits or has failed")
    created_at: str
    transferred_at: str | None
    released_at: str | None


class TakingsAnswer(Answer):
    """What came in, went out and was invoiced on a day or in a month (of the shop)."""

    date: str = Field(examples=["2026-11-24"])
    captured: str = Field(examples=["5841.00"])
    cash: str = Field(examples=["1947.00"])
    refunded: str = Field(examples=["0.00"])
    chargebacks: str = Field(examples=["0.00"])
    net: str = Field(examples=["7788.00"])
    invoiced: str = Field(examples=["7788.00"])
    credited: str = Field(examples=["0.00"])
    gst: str = Field(examples=["1188.00"])
    currency: str = Field(examples=["INR"])


class DifferenceAnswer(Answer):
    """Two sources that should agree and do not."""

    kind: str = Field(examples=["not-in-ledger"])
    reference: str = Field(examples=["pay_29QQoUBi66xm2f"])
    booking_id: int | None
    detail: str
    booking_kind: str = Field(description="Of the booking; empty while no booking is known")


class ReconciliationAnswer(Answer):
    """One comparison of ledger, provider, bookings, documents and workflows, of all kinds of booking.

    ``found`` and ``differences`` are those of this kind's bookings, and of money that belongs to no booking.
    """

    id: int
    since: str
    until: str
    finished_at: str
    checked: dict[str, int] = Field(examples=[{"ledger": 412, "provider": 398, "workflows": 57}])
    kinds: dict[str, dict[str, int]] = Field(
        description="The same of each kind of booking",
        examples=[{"boat_hire": {"ledger": 412, "provider": 398, "workflows": 57}}],
    )
    found: int
    differences: list[DifferenceAnswer]


class ReconciliationStarted(Answer):
    """A comparison is under way."""

    status: str = Field(examples=["running"])
    url: str = Field(examples=["/api/v1/payment/reconciliations"])
