"""Routes that need a login see no request without one: who asks is found out before anything of it is read."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.auth.authenticator import Authenticator
from adapters.auth.token_cache import CachedToken
from api.dependencies import FOUND, current_user, without_second_factor
from api.errors import error_response, refusal_body
from api.http.headers import first_header
from domain.errors import SecondFactorNeeded, Unauthenticated


class LoginFirst:
    """Around a route of people who are logged in. It leaves the token's person in the scope, for ``current_user``.

    ``setting_up``: also for admins who lack the second factor that they have to have.
    """

    def __init__(self, app: ASGIApp, *, setting_up: bool = False) -> None:
        self._app = app
        self._setting_up = setting_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or go on as somebody."""
        try:
            scope[FOUND] = await authenticated(scope, setting_up=self._setting_up)
        except (Unauthenticated, SecondFactorNeeded) as refusal:
            await error_response(*refusal_body(refusal))(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def authenticated(scope: Scope, *, setting_up: bool = False) -> CachedToken:
    """The person behind the token of a request.

    Raises:
        Unauthenticated: no token, not a genuine one, expired, revoked, or the person is gone.
        SecondFactorNeeded: they have to set one up first, and this is not ``setting_up``.
    """
    token = bearer_token(scope["headers"])
    if not token:
        raise Unauthenticated("a Bearer token is needed")
    authenticator: Authenticator = scope["app"].state.authenticator
    return await authenticator.authenticate(token, setting_up=setting_up)


def bearer_token(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The token of the first Authorization header; empty if that has none."""
    scheme, _, token = first_header(headers, b"authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def needs_login(context: RouteContext) -> bool:
    """Whether a route asks for the person behind the token."""
    dependant: Dependant | None = getattr(context, "dependant", None)
    return dependant is not None and current_user in calls(dependant)


def sets_second_factor_up(context: RouteContext) -> bool:
    """Whether a route is also for admins who lack the second factor that they have to have."""
    dependant: Dependant | None = getattr(context, "dependant", None)
    return dependant is not None and without_second_factor in calls(dependant)


def calls(dependant: Dependant) -> Iterator[Any]:
    """A route's function and all that it depends on, however indirectly."""
    yield dependant.call
    for inner in dependant.dependencies:
        yield from calls(inner)
