"""What reaches phones: pushes at the sandbox, to devices that are there and to nobody who does not want them."""

from typing import Any

import httpx
import pytest

from devstack.demo.calls import until
from tests.kinds.local_services.market import Market, Person, soon

pytestmark = pytest.mark.timeout(240)


def pushes(market: Market, token: str) -> list[dict[str, Any]]:
    sink = f"{market.info['phone']['api']}/sandbox/pushes"
    found: list[dict[str, Any]] = httpx.get(sink, params={"token": token}, trust_env=False).json()
    return found


def device(person: Person, name: str) -> str:
    """The token of a device that the person has registered."""
    token = f"{name}-of-{person.id}"
    person.does("POST", "/notifications/device-tokens", 201, json={"token": token, "platform": "android"})
    return token


def test_a_push_arrives_at_each_device_but_of_what_is_switched_off(market: Market):
    provider, seeker = market.provider(), market.seeker()
    tokens = [device(provider, name) for name in ("phone", "tablet")]
    listing = market.listing(provider)
    seeker.requests(listing, soon(180))
    for token in tokens:
        until("a push", lambda token=token: pushes(market, token))
        (push,) = pushes(market, token)
        assert (push["status"], push["message"]["data"]["type"]) == (200, "booking.requested")

    off = {"booking.requested": {"push": False}}
    provider.does("PATCH", "/users/me", json={"notification_preferences": off})
    number = seeker.requests(listing, soon(400))["id"]
    seeker.does("POST", "/messages/threads", 201, json={"receiver_id": provider.id})
    seeker.moves(number, "CANCELLED")
    until("a push of something else", lambda: len(pushes(market, tokens[0])) == 2)
    assert [each["message"]["data"]["type"] for each in pushes(market, tokens[0])][1] == "booking.cancelled"


def test_a_device_that_is_not_registered_any_more_is_forgotten(market: Market):
    provider, seeker = market.provider(), market.seeker()
    token = device(provider, "old-phone")
    state = f"{market.info['phone']['api']}/sandbox/tokens/{token}"
    httpx.put(state, json={"state": "unregistered"}, trust_env=False).raise_for_status()
    assert len(provider.does("GET", "/notifications/device-tokens")) == 1
    seeker.requests(market.listing(provider), soon(180))
    until("the device to go", lambda: provider.does("GET", "/notifications/device-tokens") == [])
    assert [each["status"] for each in pushes(market, token)] == [404]
