"""Sending a mail outside of a booking's story: tried for a day, or for as long as the link in it is good."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.notices import NoticeActivities
from domain.account_emails import AccountEmail, Mail
from workflows import options


async def send(mail: Mail) -> bool:
    """Whether it left now; a mail that left before, is refused for good or is given up is not sent."""
    patience = _patience(mail)
    if patience <= timedelta(0):
        return False
    wanted: dict[str, Any] = {**options.MAIL, "schedule_to_close_timeout": patience, "summary": mail.identity}
    try:
        if isinstance(mail, AccountEmail):
            return await workflow.execute_activity_method(NoticeActivities.send_letter, mail, **wanted)
        return await workflow.execute_activity_method(NoticeActivities.send_notice, mail, **wanted)
    except ActivityError as failure:
        workflow.logger.error("a mail was given up: %s: %s", mail.identity, failure)
        return False


def _patience(mail: Mail) -> timedelta:
    longest: timedelta = options.MAIL["schedule_to_close_timeout"]
    if isinstance(mail, AccountEmail) and mail.good_until is not None:
        return min(longest, mail.good_until - workflow.now())
    return longest
