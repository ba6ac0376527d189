"""Facts about a route, read from its dependencies: scopes, roles, body, idempotency."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi.routing import RouteContext

from api.bookings.dependencies import booking_services, request_key
from api.dependencies import Required, authenticator, current_user, optional_user, resources
from api.http.login import calls


@dataclass(frozen=True, slots=True)
class Facts:
    """One route.

    ``reads_a_body``: of a shape that FastAPI knows; a webhook's bytes are read whatever they are. ``repeatable``: by
    an Idempotency-Key. ``connected``: something outside the process takes part. ``scopes_of``: by role.
    """

    name: str
    secured: bool
    takes_a_token: bool
    needs: tuple[Required, ...]
    reads_a_body: bool
    repeatable: bool
    connected: bool
    scopes_of: Mapping[str, frozenset[str]]

    @property
    def scopes(self) -> list[str]:
        """What is needed, all of it."""
        return list(dict.fromkeys(scope for need in self.needs for scope in need.scopes))

    @property
    def roles(self) -> list[str]:
        """Who gets through, with the scopes that roles have from the start."""
        return [role for role in self.scopes_of if self._lets_in(role)]

    def _lets_in(self, role: str) -> bool:
        named = all(role in need.roles for need in self.needs if need.roles)
        return self.secured and named and self.scopes_of[role].issuperset(self.scopes)


def facts_of(route: RouteContext, name: str, scopes_of: Mapping[str, frozenset[str]]) -> Facts:
    """``name`` is the method and the path, "GET /api/v1/bookings/"; ``scopes_of`` are the roles of the kind."""
    asked = list(calls(route.dependant))
    secured = current_user in asked
    return Facts(
        name=name,
        secured=secured,
        takes_a_token=secured or optional_user in asked,
        needs=tuple(call for call in asked if isinstance(call, Required)),
        reads_a_body=route.body_field is not None,
        repeatable=request_key in asked,
        connected=any(part in asked for part in (resources, booking_services, authenticator)),
        scopes_of=scopes_of,
    )
