"""Not too often from one place: counted in PostgreSQL, so for all processes together."""

from datetime import UTC, datetime
from ipaddress import IPv4Address, ip_address, ip_network

from fastapi import Request

from adapters.postgres import throttle
from adapters.resources import Resources
from domain.errors import TooMany

_ONE_HOUSEHOLD = 64


async def counted(opened: Resources, subject: str) -> int:
    """Once more; answers how often that is in the present window."""
    after = datetime.now(UTC) - opened.settings.web.throttle_window
    return await throttle.count(opened.database, subject, after)


async def not_too_often(opened: Resources, request: Request, deed: str, limit: int) -> None:
    """Count the deed for the address that asks.

    Raises:
        TooMany: it was done too often from there.
    """
    if await counted(opened, f"{deed} {address_of(request)}") > limit:
        retry_after = int(opened.settings.web.throttle_window.total_seconds())
        raise TooMany("too many requests from your address; try again in a quarter of an hour", retry_after=retry_after)


def address_of(request: Request) -> str:
    """Where a request comes from; of an IPv6 address the network, for whoever has one address has all of it.

    What a proxy hands on may be anything; only an address is kept.
    """
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, _ONE_HOUSEHOLD), strict=False))
