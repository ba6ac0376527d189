"""What the shop has paused."""

from pydantic import Field

from api.schemas.answer_fields import Moment
from api.schemas.answers import Answer, example
from domain.shop_pauses import Paused

_SENTENCE = "we take no new bookings until 2 January 2027, 08:00 (we move); bookings that were made go on as agreed"


class PauseAnswer(Answer):
    """New bookings or new payments online are not taken for now."""

    model_config = example(
        {
            "what": "bookings",
            "sentence": _SENTENCE,
            "since": "2026-12-30T04:00:00Z",
            "until": "2027-01-02T02:30:00Z",
            "reason": "we move",
        }
    )

    what: Paused
    sentence: str = Field(description="What to tell people; the end by the shop's clock")
    since: Moment
    until: Moment | None = Field(description="Null: until somebody ends it")
    reason: str = Field(description="What the shop says of it, or nothing")
