"""Dependencies of routes: database connections, the user behind the token, required scopes and roles."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.access_lines import note_request
from adapters.auth.authenticator import Authenticator
from adapters.auth.token_cache import CachedToken
from adapters.postgres.people.sessions import PersonRow
from adapters.resources import Resources
from api.pictures import name_in_transaction
from domain.errors import RoleRequired, ScopeRequired, Unauthenticated
from domain.people import Actor

FOUND = "revcare.token"
"""Where the scope of a request has the person of its token, once ``api.http.login`` has found them."""
BEARER = OAuth2PasswordBearer("/api/v1/auth/login", auto_error=False, description="The access token of a login")


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """The user of a request, as their row says, whatever their token claims."""

    actor: Actor
    row: PersonRow
    jti: str
    token_expires_at: datetime

    @classmethod
    def of(cls, known: CachedToken) -> "CurrentUser":
        """The person behind a token that was checked."""
        return cls(_actor(known.row), known.row, known.jti, known.expires_at)

    @property
    def id(self) -> str:
        """The prefix of their role and digits."""
        return self.actor.id

    @property
    def scopes(self) -> frozenset[str]:
        """What their role may do."""
        return self.row.scopes

    @property
    def role(self) -> str:
        """The part they play."""
        return self.actor.role

    @property
    def name(self) -> str:
        """What they are called."""
        return self.row.name


async def resources(request: Request) -> Resources:
    """The connections of the process."""
    found: Resources = request.app.state.resources
    return found


async def authenticator(request: Request) -> Authenticator:
    """Checks access tokens, and tells the other processes when one is revoked."""
    found: Authenticator = request.app.state.authenticator
    return found


OpenResources = Annotated[Resources, Depends(resources)]
Auth = Annotated[Authenticator, Depends(authenticator)]


async def _read_connection(opened: OpenResources) -> AsyncIterator[AsyncConnection]:
    async with opened.database.read.connect() as connection:
        yield connection


async def _write_transaction(request: Request, opened: OpenResources, auth: Auth) -> AsyncIterator[AsyncConnection]:
    async with auth.writing() as connection:
        await name_in_transaction(request, connection, opened.settings.web.uploads)
        yield connection


# "function" scope: the commit happens before the answer leaves, so a failed one is no success.
ReadConnection = Annotated[AsyncConnection, Depends(_read_connection, scope="function")]
WriteTransaction = Annotated[AsyncConnection, Depends(_write_transaction, scope="function")]


async def current_user(request: Request, auth: Auth, token: Annotated[str | None, Depends(BEARER)]) -> CurrentUser:
    """The person behind the token; no SQL statement for a token that was seen before, else one.

    Raises:
        Unauthenticated: no token, not a genuine one, expired, revoked, or the person is gone.
        SecondFactorNeeded: an admin has to set one up first.
    """
    if not token:
        raise Unauthenticated("a Bearer token is needed")
    known: CachedToken = request.scope.get(FOUND) or await auth.authenticate(token)
    note_request(person=known.row.id)
    return CurrentUser.of(known)


async def optional_user(
    request: Request, auth: Auth, token: Annotated[str | None, Depends(BEARER)]
) -> CurrentUser | None:
    """The person, on routes that are open to everybody."""
    return await current_user(request, auth, token) if token else None


async def without_second_factor() -> None:
    """Marks a route that admins may use who lack the second factor that they have to have."""


LoggedIn = Annotated[CurrentUser, Depends(current_user)]
OptionalUser = Annotated[CurrentUser | None, Depends(optional_user)]


@dataclass(frozen=True, slots=True)
class Required:
    """Requires a user with all these scopes and, where roles are named, with one of these roles.

    An object and not a function, so that the documentation and the tests read what the routes judge by.
    """

    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    async def __call__(self, person: LoggedIn) -> CurrentUser:
        """The user of the token, if they fulfil this.

        Raises:
            ScopeRequired: a scope is missing.
            RoleRequired: this is for another role.
        """
        for scope in self.scopes:
            must_have(person, scope)
        if self.roles and person.role not in self.roles:
            raise RoleRequired(f"this is for {' and '.join(f'{role}s' for role in self.roles)}", role=str(person.role))
        return person


def requires(*scopes: str, roles: tuple[str, ...] = ()) -> Any:
    """The person, if they have these scopes ("READ:BOOKINGS") and, where roles are named, one of them."""
    return Depends(Required(scopes, roles))


def must_have(person: CurrentUser, scope: str) -> None:
    """For a scope that only some bodies of a route need.

    Raises:
        ScopeRequired: they do not have it.
    """
    if scope not in person.scopes:
        raise ScopeRequired(f"{scope} scope required", scope=scope)


def _actor(row: PersonRow) -> Actor:
    return Actor(row.role, row.id)
