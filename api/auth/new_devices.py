"""Logins on devices that are not known as the person's: they are told by mail."""

from datetime import UTC, datetime

import structlog

from adapters.postgres.people.sessions import LoginRow, Origin
from adapters.resources import Resources
from api.emails import email_queue
from api.http.rate_limits import count_request
from domain.account_emails import moment_in_words, new_device_email
from domain.errors import Unavailable
from throttle_settings import DAY, HOUR

_NEWCOMER = HOUR
"""Whoever has just registered knows that the device is new to us."""
_log = structlog.get_logger("api")


async def tell_of_new_device(opened: Resources, kind: str, who: LoginRow, session: str, origin: Origin) -> None:
    """Mail them, so often in a day. An outage keeps nobody from logging in: then the log alone knows of it."""
    now = datetime.now(UTC)
    if now - who.created_at < _NEWCOMER:
        return
    if await count_request(opened, f"login mails {who.id}", DAY) > opened.settings.throttles.login_mails_per_person:
        return
    moment = moment_in_words(now, opened.settings.company.shop_timezone)
    try:
        await email_queue.send(
            opened, new_device_email(kind, session, who.id, origin.device, origin.address, moment, now)
        )
    except Unavailable:
        _log.warning("a login on a new device could not be told", person=who.id)
