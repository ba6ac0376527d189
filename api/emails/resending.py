"""A mail that an admin sends again: the same text under a Message-ID of its own."""

from dataclasses import replace
from datetime import UTC, datetime

from adapters.postgres.email_log import StoredEmail
from domain.account_emails import AccountEmail, AccountEmailSlug, Mail, password_email
from domain.errors import Conflict
from settings import Web

_AS_IT_WAS = (
    AccountEmailSlug.CONTACT_CHANGED,
    AccountEmailSlug.NEW_DEVICE,
    AccountEmailSlug.SECOND_FACTOR,
    AccountEmailSlug.CODE,
)


def resent_mail(stored: StoredEmail, kind: str, web: Web) -> Mail:
    """The mail to send, of a person of this kind.

    Raises:
        Conflict: it is not kept any more, its reader has left, or it is about a link that is over.
    """
    mail = stored.mail
    if mail is None:
        raise Conflict("what that mail said is not kept any more")
    if stored.person_id is not None and stored.email is None:
        raise Conflict("whom that mail was for is not with us any more")
    number = stored.resends + 1
    if mail.slug in _AS_IT_WAS:
        return _still_good(replace(mail, to="", name="", resend=number))
    if isinstance(mail, AccountEmail) and mail.person_id is not None:
        lifetime = web.reset_link_lifetime if mail.slug is AccountEmailSlug.PASSWORD_RESET else web.invitation_lifetime
        now = datetime.now(UTC)
        return password_email(kind, mail.slug, mail.key, mail.person_id, now, now + lifetime, number)
    if stored.person_id is None:
        return replace(mail, resend=number)
    return replace(mail, to="", name="", person_id=stored.person_id, kind=kind, resend=number)


def _still_good(mail: Mail) -> Mail:
    if isinstance(mail, AccountEmail) and mail.good_until is not None and mail.good_until <= datetime.now(UTC):
        raise Conflict("the link of that mail is not good any more")
    return mail
