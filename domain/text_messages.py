"""Text messages to phones. Temporal keeps none of their words: an order names by a row's id what is to be told."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TextOrder:
    """One text message of a kind. ``key`` is the id of the row that it is about; who reads it, and what, is looked up
    when it is sent. After ``good_until`` nobody tries any more."""

    kind: str
    key: str
    at: datetime
    good_until: datetime

    @property
    def identity(self) -> str:
        """What makes it this message and no other; the gateway knows a repeat by it."""
        return f"sms.{self.kind}.{self.key}"


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text message as it leaves: ``to`` is "+91" and ten digits."""

    to: str
    text: str
