"""What the process says of itself."""

from typing import Literal

from api.schemas.answers import Answer


class Alive(Answer):
    """The process answers."""

    status: Literal["alive"]


class Ready(Answer):
    """The parts that answered too."""

    status: Literal["ready"]
    parts: list[Literal["postgresql", "mongodb", "temporal"]]
    rehearsal: bool
