"""Tokens, and the person behind them."""

from typing import Annotated

from pydantic import ConfigDict, Field

from api.schemas.answers import Answer, example
from api.schemas.rbac import Scope


class AccessToken(Answer):
    """To be sent as ``Authorization: Bearer``; the refresh token comes as an HttpOnly cookie.

    ``second_factor_needed`` is there where the token is good for setting up a second factor and for nothing else.
    """

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"examples": [{"access_token": "eyJhbGciOiJIUzI1NiIs...", "token_type": "bearer"}]},
    )
    access_token: str
    token_type: str
    second_factor_needed: bool = False


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


class SessionAnswer(Answer):
    """A session of one's own. ``address``: of an IPv6 address the network; null where it is not known."""

    model_config = example(
        {
            "id": "9vKx0rT4mWq8uZ1bN7cJdQ",
            "device": "Firefox on Linux",
            "address": "203.0.113.7",
            "began_at": "2026-11-24T06:11:09Z",
            "last_used_at": "2026-11-24T08:40:00Z",
            "current": True,
        }
    )
    id: str
    device: str | None
    address: str | None
    began_at: str
    last_used_at: str
    current: bool
