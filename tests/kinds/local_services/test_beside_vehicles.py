"""Both kinds on one worker and one account at the payment provider, each with an API of its own."""

import httpx
import pytest

from tests.kinds.local_services.market import Market, soon

pytestmark = pytest.mark.timeout(240)


def test_a_login_of_one_kind_is_nobodys_at_the_other_and_both_keep_their_bookings_apart(market: Market):
    card = market.info["people"]["customers"][0]
    seeker, provider = market.seeker(), market.provider()
    number = seeker.requests(market.listing(provider), soon(180))["id"]
    with httpx.Client(base_url=f"{market.info['api']}/api/v1", timeout=60, trust_env=False) as vehicles:
        form = {"username": card["phone"], "password": card["password"]}
        token = vehicles.post("/auth/login", data=form).json()["access_token"]
        own, other = (
            {"Authorization": f"Bearer {token}"},
            {"Authorization": f"Bearer {seeker.token}"},
        )
        assert vehicles.get("/auth/me", headers=own).status_code == 200
        assert vehicles.get(f"/bookings/{number}", headers=own).status_code == 404
        for path in ("/auth/me", "/customers/", f"/bookings/{number}"):
            assert vehicles.get(path, headers=other).status_code == 401, path
        unknown = vehicles.post("/auth/login", data={"username": seeker.user["phone"][3:], "password": "Secret-123"})
        assert unknown.status_code == 401
    for path in ("/auth/me", "/users/me", f"/bookings/{number}"):
        assert market.http.get(path, headers=own).status_code == 401, path
    assert seeker.now(number)["kind"] == "local_services"
