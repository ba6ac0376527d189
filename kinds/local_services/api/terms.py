"""The windows and rates of the settings, as a new booking keeps them."""

from domain.booking import RULES_OF_TODAY
from kinds.local_services.domain.policy import ServicePolicy
from kinds.local_services.settings import LocalServicesSettings


def terms_of(policy: LocalServicesSettings, timezone: str) -> ServicePolicy:
    """What a booking that is requested now goes by, whatever the settings say later. ``timezone``: the provider's."""
    return ServicePolicy(
        answer_window=policy.answer_window,
        answer_before_start=policy.answer_before_start,
        answer_at_least=policy.answer_at_least,
        answer_reminder=policy.answer_reminder,
        payment_window=policy.payment_window,
        payment_before_start=policy.payment_before_start,
        payment_at_least=policy.payment_at_least,
        payment_reminder=policy.payment_reminder,
        start_reminder=policy.start_reminder,
        start_early=policy.start_early,
        start_alert=policy.start_alert,
        not_started=policy.not_started,
        finish_window=policy.finish_window,
        confirm_window=policy.confirm_window,
        dispute_alert=policy.dispute_alert,
        review_window=policy.review_window,
        reschedule_until=policy.reschedule_until,
        cancel_tiers=policy.cancel_tiers,
        cancel_grace=policy.cancel_grace,
        no_show_by_requester=policy.no_show_by_requester,
        no_show_by_provider=policy.no_show_by_provider,
        no_show_fee=policy.no_show_fee,
        no_show_hold=policy.no_show_hold,
        reversal_patience=policy.reversal_patience,
        money_alert=policy.money_alert,
        money_settle=policy.money_settle,
        time_step=policy.time_step,
        min_notice=policy.min_notice,
        timezone=timezone,
        **RULES_OF_TODAY,
    )
