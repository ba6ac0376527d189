"""A push service in memory, with the same promises as ``adapters.push``, and workflows that have every version."""

from collections import Counter

from domain.errors import Invalid
from domain.pushes import GONE, SENT, Device, Outcome, Push, later


class FakePushService:
    """Devices get what is sent to them, but for tokens with a ``state`` (as the sandbox names them)."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.shown: list[tuple[str, Push]] = []
        self.attempts: Counter[str] = Counter()
        self.is_down = False

    async def send(self, device: Device, push: Push) -> Outcome:
        self.attempts[device.token] += 1
        if self.is_down:
            raise ConnectionError("nobody answers")
        match self.states.get(device.token, "ok"):
            case "unregistered" | "invalid":
                return GONE
            case "busy":
                return later(1.0, "the push service answers 429")
            case "denied":
                return later(300.0, "the push service answers 403 SENDER_ID_MISMATCH", attention=True)
        if len(push.body.encode()) > 4096:
            raise Invalid("the push service takes no such message")
        self.shown.append((device.token, push))
        return SENT


class KnownVersions:
    """What workflows have in their history: everything, unless it is said otherwise."""

    def __init__(self) -> None:
        self.known: dict[int, int | None] = {}

    async def message_version(self, kind: str, booking_id: int) -> int | None:
        return self.known.get(booking_id, 1000)
