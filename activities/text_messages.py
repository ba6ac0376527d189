"""Sending of text messages: what they say is looked up when they leave, so that no code stands in a history.

Whose phone it is that wants a code for a new password is looked up here as well, and no answer or delay of a request
reveals it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from temporalio import activity

from domain.account_emails import ResetRequest
from domain.text_messages import TextMessage, TextOrder

SENT_WITHIN = timedelta(seconds=20)


class SmsSender(Protocol):
    """A gateway for text messages."""

    async def send(self, to: str, text: str, key: str) -> None:
        """Hand a message over; one whose ``key`` was taken before is that one.

        Raises:
            Exception: it was not taken.
        """


class Texts(Protocol):
    """What the text messages of a kind say."""

    async def text_of(self, key: str) -> TextMessage | None:
        """Reader and words of the message about that row; None when there is nothing to tell any more.

        Raises:
            LookupError: there is no such row, or not yet.
        """

    async def reset_code(self, asked: ResetRequest) -> TextOrder | None:
        """The message with a code for whoever has the phone of that request; the same request again is the same one.

        None for nobody, and when no more texts are sent: a refusal would tell who has an account.
        """


@dataclass(frozen=True)
class TextMessaging:
    """How a kind writes to phones; without a ``sender`` nothing leaves."""

    texts: Texts
    sender: SmsSender | None


class TextActivities:
    """Sends text messages, for each kind by its own gateway."""

    def __init__(self, kinds: Mapping[str, TextMessaging]) -> None:
        self._kinds = kinds

    @activity.defn
    async def reset_code_for(self, asked: ResetRequest) -> TextOrder | None:
        """The code for a new password, ready to be sent; None when nobody is sent one."""
        return await self._kinds[asked.kind].texts.reset_code(asked)

    @activity.defn
    async def send_text_message(self, order: TextOrder) -> bool:
        """Send it; False when nothing needs to be told any more, or nobody can."""
        messaging = self._kinds[order.kind]
        if messaging.sender is None:
            activity.logger.warning("text message %s is not sent: no gateway is set up", order.identity)
            return False
        async with asyncio.timeout(SENT_WITHIN.total_seconds()):
            message = await messaging.texts.text_of(order.key)
            if message is None:
                activity.logger.info("text message %s is not sent: it tells nothing any more", order.identity)
                return False
            await messaging.sender.send(message.to, message.text, order.identity)
        return True
