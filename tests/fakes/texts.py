"""Text messages in memory: what they say, and the gateway that takes them."""

from datetime import timedelta

from domain.account_emails import ResetRequest
from domain.text_messages import TextMessage, TextOrder

ASHA = "+919876543210"


class FakeTexts:
    """Codes by row, None for one that is spent; while ``is_down`` the gateway takes nothing."""

    def __init__(self) -> None:
        self.known: dict[str, str | None] = {}
        self.taken: list[tuple[str, str, str]] = []
        self.is_down, self.refused = False, 0

    async def text_of(self, key: str) -> TextMessage | None:
        code = self.known[key]
        return TextMessage(ASHA, f"Your code is {code}.") if code else None

    async def reset_code(self, asked: ResetRequest) -> TextOrder | None:
        if asked.phone != ASHA:
            return None
        self.known.setdefault(asked.key, "662607")
        return TextOrder(asked.kind, asked.key, asked.at, asked.at + timedelta(minutes=10))

    async def send(self, to: str, text: str, key: str) -> None:
        if self.is_down:
            self.refused += 1
            raise ConnectionError("the gateway does not answer")
        self.taken.append((to, text, key))
