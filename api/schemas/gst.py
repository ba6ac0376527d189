"""The GST percent."""

from typing import Annotated

from pydantic import Field

from api.schemas.answers import Answer


class GstAnswer(Answer):
    """The percent in force, since when and by whom."""

    percent: Annotated[str, Field(examples=["18"])]
    updated_by: Annotated[str | None, Field(examples=["ADM000001"])]
    updated_at: Annotated[str | None, Field(examples=["2026-11-24T06:11:09Z"])]
