"""What becomes of a second factor is told to its owner by mail: whoever changed it may have been somebody else."""

import secrets
from datetime import UTC, datetime

import structlog
from fastapi import Request

from adapters.resources import Resources
from api.auth.origins import origin_of
from api.emails import email_queue
from domain.account_emails import AccountEmail, FactorEvent, moment_in_words, second_factor_email
from domain.errors import Unavailable

_log = structlog.get_logger("api")


async def tell_of_factor(opened: Resources, request: Request, person_id: str, event: FactorEvent, **facts: str) -> None:
    """Mail them. An outage undoes nothing of what was done: then the log alone knows of it."""
    origin = origin_of(request)
    facts |= {"device": origin.device or "", "address": origin.address}
    mail = factor_mail(request.app.state.kind.name, person_id, event, opened.settings.company.shop_timezone, facts)
    try:
        await email_queue.send(opened, mail)
    except Unavailable:
        _log.warning("what became of a second factor could not be told", person=person_id, event_told=str(event))


def factor_mail(
    kind: str, person_id: str, event: FactorEvent, zone: str, facts: dict[str, str] | None = None
) -> AccountEmail:
    """The mail, of this moment as it is in the shop's time zone; no other is like it."""
    now = datetime.now(UTC)
    moment = moment_in_words(now, zone)
    return second_factor_email(kind, secrets.token_hex(8), person_id, event, {**(facts or {}), "moment": moment}, now)
