"""What the shop has paused, in memory."""

from domain.errors import PaymentsPaused


class FakePauses:
    """Takes payments until it is told not to."""

    def __init__(self) -> None:
        self.payments = False

    async def payments_must_be_taken(self) -> None:
        if self.payments:
            raise PaymentsPaused
