"""The windows and rates of a booking, as they held when it was requested."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from domain.billing.payouts import PayoutTerms
from domain.booking import PolicyTerms


@dataclass(frozen=True, slots=True)
class Tier:
    """Cancelled at least so long ``before`` the start, the requester loses that ``percent`` of the price."""

    before: timedelta
    percent: int

    def __str__(self) -> str:
        """As a setting says it: ``24h:0``."""
        return f"{self.before / timedelta(hours=1):g}h:{self.percent}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePolicy(PolicyTerms):
    """What the contract calls LS_<NAME>, in lower case; ``gst_percent`` is 0, for prices include the GST.

    ``commission`` and ``tcs`` are percents; they, the GST in a price and the tax case are frozen at the acceptance
    (``ServiceBooking.rates``).
    """

    gst_percent: Decimal = Decimal(0)
    answer_window: timedelta
    answer_before_start: timedelta
    answer_at_least: timedelta
    answer_reminder: timedelta
    payment_window: timedelta
    payment_before_start: timedelta
    payment_at_least: timedelta
    payment_reminder: timedelta
    start_reminder: timedelta
    start_early: timedelta
    start_alert: timedelta
    not_started: timedelta
    finish_window: timedelta
    confirm_window: timedelta
    dispute_alert: timedelta
    review_window: timedelta
    reschedule_until: timedelta
    cancel_tiers: tuple[Tier, ...]
    cancel_grace: timedelta
    no_show_by_requester: timedelta
    no_show_by_provider: timedelta
    no_show_fee: int
    no_show_hold: timedelta
    reversal_patience: timedelta
    money_alert: timedelta
    money_settle: timedelta
    time_step: timedelta = timedelta(minutes=15)
    min_notice: timedelta = timedelta(hours=2)

    def payout_terms(self) -> PayoutTerms:
        """For the provider's share."""
        return PayoutTerms(self.reversal_patience, self.money_alert, self.money_settle)
