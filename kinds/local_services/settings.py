"""The windows, rates and limits of local services, read from the environment as ``REVCARE_LOCAL_SERVICES_<NAME>``.

What a booking depends on is kept in it when it is requested (``terms_of``), so a change is for later ones only.
"""

import json
import re
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from domain.identities import Issuer
from kinds.local_services.domain.policy import Tier
from setting_types import Duration, Group, WebAddress, duration, is_exposed, is_web_address, variable

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_SECOND = timedelta(seconds=1)
_ISSUER = "{name: a to z, 0 to 9 and -, issuer, client_ids: [..], jwks_url}"

Window = Annotated[Duration, Field(ge=_SECOND, le=timedelta(days=60))]
"""How long something waits; tests take seconds."""
Span = Annotated[Duration, Field(ge=timedelta(0), le=timedelta(days=60))]
"""A part of a wait, which may be none."""
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
PerMinute = Annotated[int, Field(ge=1, le=100_000)]


def tiers(text: Any) -> Any:
    """Read ``24h:0,2h:25,0h:50``: cancelled so long before the start, that percent is kept."""
    if not isinstance(text, str):
        return text
    pairs = [part.rsplit(":", 1) for part in text.split(",") if part.strip()]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError("tiers are pairs of a duration and a percent: 24h:0,2h:25,0h:50")
    return tuple(Tier(duration(before.strip()), int(percent)) for before, percent in pairs)


def issuers(said: Any) -> Any:
    """Read a JSON list of ``{name, issuer, client_ids, jwks_url}``."""
    if not isinstance(said, str):
        return said
    try:
        found = tuple(_issuer(each) for each in json.loads(said))
    except (ValueError, TypeError, KeyError):
        raise ValueError(f"providers of logins are a JSON list of {_ISSUER}") from None
    if len({each.name for each in found}) < len(found):
        raise ValueError("two providers of logins have one name")
    return found


def _issuer(said: Any) -> Issuer:
    name, issuer, jwks_url = (str(said[field]) for field in ("name", "issuer", "jwks_url"))
    clients = tuple(str(client) for client in said["client_ids"] if client)
    if not re.fullmatch("[a-z0-9-]{1,40}", name) or not issuer or not clients or isinstance(said["client_ids"], str):
        raise ValueError(name)
    if not is_web_address(jwks_url):
        raise ValueError(jwks_url)
    return Issuer(name, issuer, clients, jwks_url)


Issuers = Annotated[tuple[Issuer, ...], NoDecode, BeforeValidator(issuers)]
Tiers = Annotated[tuple[Tier, ...], NoDecode, BeforeValidator(tiers)]


class LocalServicesSettings(Group):
    """What is decided about local services as a whole."""

    model_config = SettingsConfigDict(env_prefix="REVCARE_LOCAL_SERVICES_")

    # How long a booking waits for whom.
    answer_window: Window = _DAY
    answer_before_start: Span = _HOUR
    answer_at_least: Span = timedelta(minutes=15)
    answer_reminder: Span = timedelta(hours=4)
    payment_window: Window = timedelta(hours=12)
    payment_before_start: Span = timedelta(minutes=30)
    payment_at_least: Span = timedelta(minutes=15)
    payment_reminder: Span = timedelta(hours=2)
    start_reminder: Span = _DAY
    start_early: Span = _HOUR
    start_alert: Window = timedelta(hours=2)
    not_started: Window = _DAY
    finish_window: Window = _DAY
    confirm_window: Window = timedelta(hours=48)
    dispute_alert: Window = timedelta(hours=72)
    review_window: Window = timedelta(days=14)
    reschedule_until: Span = timedelta(hours=2)
    # Times that can be asked for.
    time_step: Annotated[Duration, Field(ge=_SECOND, le=_HOUR)] = timedelta(minutes=15)
    min_notice: Span = timedelta(hours=2)
    # Money: percents of the price, and what is kept of it when a paid booking is cancelled.
    commission: Percent = Decimal(15)
    tcs: Percent = Decimal("0.5")
    cancel_tiers: Tiers = (Tier(_DAY, 0), Tier(timedelta(hours=2), 25), Tier(timedelta(0), 50))
    cancel_grace: Span = timedelta(minutes=15)
    no_show_by_requester: Span = timedelta(minutes=30)
    no_show_by_provider: Span = timedelta(minutes=15)
    no_show_fee: Annotated[int, Field(ge=0, le=100)] = 50
    no_show_hold: Window = timedelta(hours=48)
    reversal_patience: Window = timedelta(minutes=15)
    money_alert: Window = timedelta(minutes=15)
    money_settle: Annotated[Duration, Field(ge=_SECOND, le=_HOUR)] = timedelta(seconds=30)
    # People: codes by SMS and mail, login elsewhere.
    phone_verification: Literal["on", "off"] = "on"
    code_lifetime: Annotated[Duration, Field(ge=_SECOND, le=_DAY)] = timedelta(minutes=10)
    code_tries: Annotated[int, Field(ge=1, le=20)] = 5
    code_every: Annotated[Duration, Field(ge=timedelta(0), le=_HOUR)] = timedelta(seconds=60)
    codes_per_phone: Annotated[int, Field(ge=1, le=10_000)] = 5
    codes_per_address: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    texts_in_all: Annotated[int, Field(ge=1, le=10_000_000)] = 1000
    sms_url: WebAddress | None = None
    sms_token: SecretStr | None = None
    oidc: Issuers = ()
    # Notifications and limits of a person and minute.
    message_push_after: Annotated[Duration, Field(ge=timedelta(0), le=_DAY)] = timedelta(seconds=10)
    messages_per_minute: PerMinute = 120
    requests_per_minute: PerMinute = 10
    offers_per_minute: PerMinute = 20
    reviews_per_minute: PerMinute = 10
    uploads_per_minute: PerMinute = 20
    searches_per_minute: PerMinute = 120

    def lacking(self) -> Iterable[str]:
        """Where phones are verified, a gateway for text messages; nothing secret, or trusted, is sent in the clear."""
        own = type(self)
        if self.phone_verification == "on" and not self.sms_url:
            off = f"{variable(own, 'phone_verification')}=off"
            yield f"{variable(own, 'sms_url')} is not set: no code would reach a phone ({off} does without)"
        elif self.sms_url and is_exposed(self.sms_url):
            yield f"{variable(own, 'sms_url')} is not https: codes would cross the Internet in the clear"
        if exposed := [each.name for each in self.oidc if is_exposed(each.jwks_url)]:
            yield f"{variable(own, 'oidc')}: the keys of {', '.join(exposed)} are not fetched by https"

    @field_validator("time_step")
    @classmethod
    def _divides_the_hour(cls, step: timedelta) -> timedelta:
        if _HOUR % step:
            raise ValueError("the time step must divide the hour")
        return step

    @field_validator("cancel_tiers")
    @classmethod
    def _are_in_order(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        before = [tier.before for tier in tiers]
        if not before or before != sorted(set(before), reverse=True) or before[-1] != timedelta(0):
            raise ValueError("cancel tiers begin with the longest time before the start and end with 0h")
        percents = [tier.percent for tier in tiers]
        if percents != sorted(percents) or not all(0 <= percent <= 100 for percent in percents):
            raise ValueError("cancel tiers keep 0 to 100 percent, and more the later somebody cancels")
        return tiers
