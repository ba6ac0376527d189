"""Devices on which somebody has logged in before: a cookie that outlives the session tells them."""

from fastapi import Request

from adapters.auth.tokens import Tokens
from domain.errors import Unauthenticated

COOKIE = "known_device"
_LONGEST = 2000


def device_of(request: Request, tokens: Tokens, person_id: str | None) -> str | None:
    """The id of the device of a request, if this person has logged in on it; None for a device that is new to them."""
    said = request.cookies.get(COOKIE)
    if person_id is None or not said or len(said) > _LONGEST:
        return None
    try:
        claims = tokens.read("device", said)
    except Unauthenticated:
        return None
    return claims.jti if claims.sub == person_id else None
