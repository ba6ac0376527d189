"""SMTP of the mailbox: aiosmtpd, which takes as long for the lines of a mail as for all the rest, reads it in one."""

import asyncio
from typing import Any

from aiosmtpd.smtp import DATA_SIZE_DEFAULT, SMTP, syntax

_LONGEST = 999
"""Bytes of a line without its end, as aiosmtpd takes them."""


class Receiver(SMTP):
    """Answers as aiosmtpd does; only who sends more than it was told it may is cut off instead of heard out."""

    line_length_limit = DATA_SIZE_DEFAULT
    """Of the stream: one reading takes a whole mail."""

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        session: Any = self.session
        envelope: Any = self.envelope
        connection: Any = self
        if arg or not session.host_name or not envelope.rcpt_tos:
            await super().smtp_DATA(arg)  # which refuses it
            return
        connection._reader.feed_data(b"\r\n")  # the end of a mail without lines looks like that of any other
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            lines: bytes = await connection._reader.readuntil(b"\r\n.\r\n")
        except asyncio.LimitOverrunError:
            await self.push("552 Error: Too much mail data")
            connection.transport.close()
            return
        status = "500 Line too long (see RFC5321 4.5.3.1.6)"
        if max(map(len, lines.split(b"\r\n"))) <= _LONGEST:
            envelope.content = envelope.original_content = lines[:-3].replace(b"\r\n.", b"\r\n")[2:]
            status = await connection.event_handler.handle_DATA(self, session, envelope)
        connection._set_post_data_state()
        await self.push(status)
