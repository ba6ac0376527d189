"""What a booking waits for, in one sentence."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Waiting for ``who`` ``what`` until ``until``, then ``then``.

    ``discreet`` is ``what`` without its amount, for those who see no money. ``action_required``: what the dashboard
    asks of an admin, "none" when it is not for them to act.
    """

    who: str
    what: str
    until: datetime | None = None
    then: str | None = None
    action_required: str = "none"
    discreet: str | None = None
