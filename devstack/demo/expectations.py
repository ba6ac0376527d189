"""What a demo demands of its bookings."""


class VerificationFailed(Exception):
    """A booking is not as it should be."""


def must(holds: bool, otherwise: str) -> None:
    """Demand something of a booking.

    Raises:
        VerificationFailed: it does not hold; ``otherwise`` says what is wrong.
    """
    if not holds:
        raise VerificationFailed(otherwise)
