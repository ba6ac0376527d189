"""Tokens, and the person behind them."""

from typing import Annotated

from pydantic import ConfigDict, Field

from api.schemas.answers import Answer
from api.schemas.rbac import Scope


class AccessToken(Answer):
    """To be sent as ``Authorization: Bearer``; the refresh token comes as an HttpOnly cookie."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"examples": [{"access_token": "eyJhbGciOiJIUzI1NiIs...", "token_type": "bearer"}]},
    )
    access_token: str
    token_type: str


class Oneself(Answer):
    """A person, as their row says."""

    id: Annotated[str, Field(examples=["CST000210"])]
    name: str
    first_name: str
    last_name: str
    email: str | None
    phone: Annotated[str | None, Field(examples=["+919841385379"])]
    role: Annotated[str, Field(examples=["customer"])]


class Me(Answer):
    """Who is logged in, and what they may do now."""

    user: Oneself
    role: Annotated[str, Field(examples=["customer"])]
    scopes: list[Scope]
