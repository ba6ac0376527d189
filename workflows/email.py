"""E-mails that no booking's workflow sends, and text messages. Once started, an e-mail survives outages of a day."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.emails import EmailActivities
from activities.passwords import PasswordActivities
from activities.text_messages import TextActivities
from domain.account_emails import AccountEmail, Mail, ResetRequest
from domain.emails import BookingEmail
from domain.text_messages import TextOrder
from workflows import options


@workflow.defn
class EmailWorkflow:
    """Sends one e-mail whose content is complete."""

    @workflow.run
    async def run(self, mail: BookingEmail | AccountEmail) -> bool:
        return await send(mail)


@workflow.defn
class PasswordResetWorkflow:
    """Sends the reset link if the account exists; the caller learns nothing either way."""

    @workflow.run
    async def run(self, asked: ResetRequest) -> bool:
        mail = await workflow.execute_activity_method(
            PasswordActivities.reset_email_for, asked, summary="find the account", **options.ACCOUNT_LOOKUP
        )
        return mail is not None and await send(mail)


@workflow.defn
class PasswordCodeWorkflow:
    """Sends the code for a new password if somebody has that phone; the caller learns nothing either way."""

    @workflow.run
    async def run(self, asked: ResetRequest) -> bool:
        order = await workflow.execute_activity_method(
            TextActivities.reset_code_for, asked, summary="find the account", **options.ACCOUNT_LOOKUP
        )
        return order is not None and await send_text(order)


@workflow.defn
class TextMessageWorkflow:
    """Sends one text message; a worker looks up the words."""

    @workflow.run
    async def run(self, order: TextOrder) -> bool:
        return await send_text(order)


async def send_text(order: TextOrder) -> bool:
    """Send one text message, tried for as long as what it says is good. False when it was not sent."""
    longest = order.good_until - workflow.now()
    if longest <= timedelta(0):
        return False
    call: dict[str, Any] = {**options.MAIL, "schedule_to_close_timeout": longest, "summary": order.identity}
    try:
        return await workflow.execute_activity_method(TextActivities.send_text_message, order, **call)
    except ActivityError as failure:
        workflow.logger.error("a text message was given up: %s: %s", order.identity, failure)
        return False


async def send(mail: Mail) -> bool:
    """Send one e-mail, tried for a day or for as long as its link is valid. False when it was not sent now.

    That is so when it was sent before, its address is refused for good, or it was given up.
    """
    longest = _retried_for(mail)
    if longest <= timedelta(0):
        return False
    call: dict[str, Any] = {**options.MAIL, "schedule_to_close_timeout": longest, "summary": mail.identity}
    try:
        if isinstance(mail, AccountEmail):
            return await workflow.execute_activity_method(EmailActivities.send_account_email, mail, **call)
        return await workflow.execute_activity_method(EmailActivities.send_booking_email, mail, **call)
    except ActivityError as failure:
        workflow.logger.error("an e-mail was given up: %s: %s", mail.identity, failure)
        return False


def _retried_for(mail: Mail) -> timedelta:
    longest: timedelta = options.MAIL["schedule_to_close_timeout"]
    if isinstance(mail, AccountEmail) and mail.good_until is not None:
        return min(longest, mail.good_until - workflow.now())
    return longest
