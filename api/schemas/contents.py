"""Texts of the app."""

from typing import Annotated

from pydantic import Field, RootModel, StringConstraints

from api.schemas.answers import Answer
from api.schemas.fields import by_rule, few
from domain.texts import long_text

ContentKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+$", max_length=100)]
Data = Annotated[str, StringConstraints(max_length=20_000), by_rule(long_text, 0, 20_000)]
_MOST = 200
_BANNER = "https://cdn.example.com/banner.png"


class ContentChange(RootModel[Annotated[dict[ContentKey, Data], Field(min_length=1, max_length=_MOST), few(_MOST)]]):
    """Entries by their name: those that are there are replaced, new ones are added, all others stay."""

    model_config = {"json_schema_extra": {"examples": [{"home_banner": _BANNER}]}}


class ContentAnswer(Answer):
    """One entry."""

    content_id: Annotated[str, Field(examples=["home_banner"])]
    data: Annotated[str, Field(examples=[_BANNER])]
    updated_by: Annotated[str | None, Field(examples=["ADM000001"])]
    updated_at: Annotated[str | None, Field(examples=["2026-11-24T06:11:09Z"])]
