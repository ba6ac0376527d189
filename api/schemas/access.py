"""Tokens, the person behind them, roles and scopes: what is sent and what is answered."""

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from api.schemas.answers import Answer
from api.schemas.fields import Body

Scope = Annotated[
    str,
    StringConstraints(max_length=60, pattern=r"^(READ|WRITE|UPDATE|DELETE):[A-Z_]+$"),
    Field(examples=["READ:BOOKINGS"]),
]


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


class RoleAnswer(Answer):
    """A role and what it may do."""

    id: Annotated[int, Field(examples=[2])]
    name: Annotated[str, Field(examples=["mechanic"])]
    scopes: list[Scope]


class ScopeAnswer(Answer):
    """A scope and the roles that have it."""

    id: Annotated[int, Field(examples=[1])]
    name: Scope
    roles: Annotated[list[str], Field(examples=[["admin", "customer"]])]


class NewScopes(Body):
    """All that a role may do from now on; what is not listed is taken away."""

    scopes: Annotated[list[Scope], Field(max_length=500)]
