"""Payouts as providers read them, with how the price is divided."""

from api.routes.payouts import payout_routes
from api.schemas.money_answers import PayoutAnswer


class ProviderPayoutAnswer(PayoutAnswer):
    """A provider's share of a booking; ``amount`` and what was withheld are those of what is kept now."""

    provider_id: str
    commission: str | None
    gst_on_commission: str | None
    tcs: str | None
    gst_withheld: str | None
    tax_case: str | None


router = payout_routes(ProviderPayoutAnswer, "provider_id")
