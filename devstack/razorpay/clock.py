"""The sandbox's own time: it can be moved forward, never back."""

import time


class Clock:
    """Real time plus what was added by hand; a virtual clock stands still between the additions."""

    def __init__(self, *, virtual: bool, offset: float = 0.0) -> None:
        self.virtual = virtual
        self.offset = offset
        self._frozen = time.time()

    def now(self) -> float:
        """Unix seconds as the sandbox sees them."""
        return (self._frozen if self.virtual else time.time()) + self.offset

    def advance(self, seconds: float) -> None:
        """Move forward."""
        if seconds < 0:
            raise ValueError("time does not run backwards here")
        self.offset += seconds
