"""Whether the mail server would take a mail of ours: asked without sending one."""

import aiosmtplib

from adapters.mail.sender import connection_options
from settings import Mail


async def must_take_mails(config: Mail, to: str | None) -> None:
    """Nothing, if it lets us in and takes our sender, and a mail for ``to``; no mail is sent.

    Raises:
        SMTPException: it refuses; what it says is in ``message``.
        OSError: it does not answer.
    """
    async with aiosmtplib.SMTP(**connection_options(config)) as server:
        await server.mail(config.mail_from)
        if to is not None:
            await server.rcpt(to)
        await server.rset()
