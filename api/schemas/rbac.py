"""Roles and scopes: what is sent and what is answered."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.answers import Answer
from api.schemas.fields import Body

Scope = Annotated[
    str,
    StringConstraints(max_length=60, pattern=r"^(READ|WRITE|UPDATE|DELETE):[A-Z_]+$"),
    Field(examples=["READ:BOOKINGS"]),
]


class RoleAnswer(Answer):
    """A role and what it may do."""

    id: Annotated[int, Field(examples=[2])]
    name: Annotated[str, Field(examples=["admin"])]
    scopes: list[Scope]


class ScopeAnswer(Answer):
    """A scope and the roles that have it."""

    id: Annotated[int, Field(examples=[1])]
    name: Scope
    roles: Annotated[list[str], Field(examples=[["admin", "customer"]])]


class NewScopes(Body):
    """All that a role may do from now on; what is not listed is taken away."""

    scopes: Annotated[list[Scope], Field(max_length=500)]
