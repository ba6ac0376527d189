"""Mails that no booking's story sends. Once started, a mail outlives everything that is down for a while."""

from temporalio import workflow

from activities.passwords import PasswordActivities
from domain.account_emails import AccountEmail, ResetRequest
from domain.emails import BookingEmail
from workflows import options
from workflows.steps.mailing import send


@workflow.defn
class Mailing:
    """One mail, already written."""

    @workflow.run
    async def run(self, mail: BookingEmail | AccountEmail) -> bool:
        return await send(mail)


@workflow.defn
class PasswordReset:
    """The way back in, to whoever it is that forgot; to nobody if it is nobody."""

    @workflow.run
    async def run(self, asked: ResetRequest) -> bool:
        letter = await workflow.execute_activity_method(
            PasswordActivities.reset_letter_for, asked, summary="look who that is", **options.DATABASE
        )
        return letter is not None and await send(letter)
