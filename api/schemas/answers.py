"""What every documented answer is made of.

Answers are made by PostgreSQL and ``domain`` and go out as they are; these models describe them, they do not check
them again. The test suite holds the running API to them.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

Json = dict[str, Any]


class Answer(BaseModel):
    """More fields may come."""

    model_config = ConfigDict(extra="allow")


class Message(Answer):
    """What was done, in a sentence."""

    message: str


def example(shown: Json) -> ConfigDict:
    """``model_config`` of a body or an answer that is shown with an example."""
    return ConfigDict(json_schema_extra={"examples": [shown]})
