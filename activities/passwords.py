"""Password resets: the account is looked up here, not during the request, so that no answer or delay reveals it."""

from collections.abc import Mapping
from typing import Protocol

from temporalio import activity

from domain.account_emails import AccountEmail, Recipient, ResetRequest, reset_email


class People(Protocol):
    """The accounts of one kind."""

    async def find(self, email: str | None, phone: str | None) -> Recipient | None:
        """The account with that e-mail address or that phone ("+91" and ten digits)."""


class PasswordActivities:
    """Prepares the e-mail of a password reset."""

    def __init__(self, people: Mapping[str, People]) -> None:
        self._people = people

    @activity.defn
    async def reset_email_for(self, asked: ResetRequest) -> AccountEmail | None:
        """The e-mail to the account's owner; None when there is no such account."""
        person = await self._people[asked.kind].find(asked.email, asked.phone)
        return reset_email(asked, person) if person else None
