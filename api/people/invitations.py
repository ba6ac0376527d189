"""Invitations to choose a password, for accounts that were made without one."""

import secrets
from datetime import UTC, datetime

from adapters.resources import Resources
from api.emails import email_queue
from domain.account_emails import AccountEmailSlug, password_email


async def invite(opened: Resources, kind: str, person_id: str) -> None:
    """Mail a person of this kind a link to set a password, good for some days.

    Call it when nothing can refuse any more. Where the row of the person is not kept after all, the mail finds nobody.

    Raises:
        Unavailable: nobody could take the mail; better keep nothing than somebody who cannot get in.
    """
    now = datetime.now(UTC)
    good_until = now + opened.settings.web.invitation_lifetime
    await email_queue.send(
        opened, password_email(kind, AccountEmailSlug.SET_PASSWORD, secrets.token_hex(8), person_id, now, good_until)
    )
