"""Who asked for a new password: found here, not while they wait, so that no answer and no delay tells who exists."""

from typing import Protocol

from temporalio import activity

from domain.account_emails import AccountEmail, Recipient, ResetRequest, reset_email


class Directory(Protocol):
    """Everybody who has an account."""

    async def find(self, email: str | None, phone: str | None) -> Recipient | None:
        """Whoever has that mail address, or that phone ("+91" and ten digits)."""


class PasswordActivities:
    """Looking people up."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    @activity.defn
    async def reset_letter_for(self, asked: ResetRequest) -> AccountEmail | None:
        """The letter to whoever it is; None when it is nobody."""
        person = await self._directory.find(asked.email, asked.phone)
        return reset_email(asked, person) if person else None
