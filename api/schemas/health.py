"""What the process says of itself."""

from datetime import datetime
from typing import Literal

from api.schemas.answers import Answer


class Alive(Answer):
    """The process answers."""

    status: Literal["alive"]


class PartAnswer(Answer):
    """How a part is: `degraded` answers and does not do all of it. `since` is when this process first saw it so."""

    state: Literal["ok", "degraded", "down"]
    reason: str | None
    since: datetime


class Ready(Answer):
    """This process can do its part. `parts` are those that are `ok`, `states` all of them."""

    status: Literal["ready"]
    parts: list[str]
    states: dict[
        Literal["postgresql", "mongodb", "temporal", "workflows", "activities", "mail", "provider"], PartAnswer
    ]
    rehearsal: bool
