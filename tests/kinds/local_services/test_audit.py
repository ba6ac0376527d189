"""Each act that belongs into the log of acts is there once: who did it, to what, and what changed."""

from typing import Any

import httpx
import pytest

from devstack.demo.calls import until
from kinds.local_services.postgres.audit import ACTIONS
from tests.kinds.local_services.market import PASSWORD, Market, Person, soon

pytestmark = pytest.mark.timeout(240)
NEW_PASSWORD = "Secret-456"
ELSEWHERE = {"refresh-reuse": "tests/kinds/local_services/people/test_passwords.py, whose API knows no grace"}
OF_PEOPLE = {"role-change", "password-change", "phone-change", "admin-create"}
OF_ADMINS = {"block", "unblock", "payout-account", "certification-verify"}
OF_LISTINGS = {f"{what}-{act}" for what in ("category", "listing") for act in ("create", "change")}
OF_LISTINGS |= {"category-delete", "listing-hide"}
OF_BOOKINGS = {"dispute-decision", "thread-read", "admin-cancel", "review-hide"}


def log(market: Market, target_type: str, target: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    """Of a target: by action who did it, and what is told of it. Each stands there once."""
    asked = {"target_type": target_type, "target_id": str(target), "limit": 100}
    entries = market.admin.does("GET", "/audit-log", params=asked)
    found = {each["action"]: (each["actor_id"], each["metadata"]) for each in entries}
    assert len(found) == len(entries), entries
    return found


def test_every_kind_of_act_is_looked_at_here():
    assert OF_PEOPLE | OF_ADMINS | OF_LISTINGS | OF_BOOKINGS | ELSEWHERE.keys() == {*ACTIONS}


def test_what_people_do_with_their_accounts(market: Market):
    person, phone = market.seeker(), str(int(market.seeker().user["phone"][3:]) + 500_000_000)
    person.does("PATCH", "/users/me", json={"role": "SERVICE_PROVIDER"})
    person.does("POST", "/auth/phone/change", 202, json={"phone": phone, "current_password": PASSWORD})
    person.does("POST", "/auth/phone/confirm", json={"code": code_to(market, phone)})
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    person.does("POST", "/auth/password/change", json=change)
    found = log(market, "user", person.id)
    assert found.keys() == OF_PEOPLE - {"admin-create"}
    assert {actor for actor, _ in found.values()} == {person.id}
    assert found["role-change"][1]["role"] == ["SERVICE_SEEKER", "SERVICE_PROVIDER"]
    assert not any(secret in str(found) for secret in (PASSWORD, NEW_PASSWORD, phone))
    new = {"first_name": "Bela", "phone": str(int(phone) - 1), "password": PASSWORD}
    made = market.admin.does("POST", "/admins/", 201, json=new)
    assert log(market, "user", made["id"])["admin-create"][0] == market.admin.id


def code_to(market: Market, phone: str) -> str:
    """The code of the newest text message to a phone."""
    sink = f"{market.info['phone']['api']}/sandbox/messages"

    def texts() -> list[dict[str, Any]]:
        received: list[dict[str, Any]] = httpx.get(sink, params={"to": f"+91{phone}"}, trust_env=False).json()
        return received

    until("a text message", texts)
    (code,) = [word for word in texts()[-1]["text"].replace(".", " ").split() if word.isdecimal() and len(word) == 6]
    return code


def test_what_admins_do_with_people(market: Market):
    person = market.provider()
    account = market.account(person)
    certificate = {"title": "Electrician", "issuer": "ITI Pune", "issued_on": "2020-05-01"}
    person.does("PATCH", "/users/me", json={"certifications": [certificate]})
    number = person.does("GET", "/users/me")["certifications"][0]["id"]
    for change in ({"certifications_verified": [number]}, {"is_blocked": True}, {"is_blocked": False}):
        market.admin.does("PATCH", f"/users/{person.id}", json=change)
    found = log(market, "user", person.id)
    assert found.keys() == OF_ADMINS
    assert {actor for actor, _ in found.values()} == {market.admin.id}
    assert found["payout-account"][1]["account_id"] == [None, account]
    assert found["certification-verify"][1]["certifications"] == [number]


def test_what_is_done_with_categories_and_listings(market: Market):
    provider = market.provider()
    made = market.admin.does("POST", "/services/categories", 201, json={"name": f"Lists of {provider.id}"})
    category = f"/services/categories/{made['id']}"
    market.admin.does("PATCH", category, json={"name": f"Lists for {provider.id}"})
    market.admin.does("DELETE", category)
    found = log(market, "category", made["id"])
    assert found["category-change"][1]["name"] == [f"Lists of {provider.id}", f"Lists for {provider.id}"]
    number = market.listing(provider)
    provider.does("PATCH", f"/services/listings/{number}", json={"base_price": "500.00"})
    provider.does("DELETE", f"/services/listings/{number}")
    of_listing = log(market, "listing", number)
    assert {actor for actor, _ in of_listing.values()} == {provider.id}
    assert of_listing["listing-change"][1]["base_price"] == [450_00, 500_00]
    assert found.keys() | of_listing.keys() == OF_LISTINGS


def test_what_admins_decide_over_bookings_and_reviews(market: Market):
    seeker, provider = market.seeker(), market.provider()
    listing = market.listing(provider)
    number = market.work(seeker, provider, listing, soon())
    thread = seeker.does("POST", "/messages/threads", 201, json={"receiver_id": provider.id, "booking_id": number})
    wrong = {"reason": "bad-work", "description": "The windows are not clean"}
    seeker.does("POST", f"/bookings/{number}/dispute", 201, json=wrong)
    market.admin.does("GET", f"/messages/threads/{thread['id']}")
    decision = {"outcome": "refund_part", "refund_amount": "100.00", "against": "provider"}
    market.admin.does("POST", f"/bookings/{number}/dispute/decision", json=decision)
    found = log(market, "booking", number)
    assert found.keys() == {"thread-read", "dispute-decision"}
    told = found["dispute-decision"][1]
    assert (told["outcome"], told["refund"], told["against"]) == ("refund_part", "100.00", "provider")

    called_off = seeker.requests(listing, soon(300))["id"]
    market.admin.moves(called_off, "CANCELLED", reason="closed by the town")
    of_second = log(market, "booking", called_off)
    assert of_second["admin-cancel"][1]["refund"] == "0.00"

    provider.moves(number, "COMPLETED")
    review = reviewed(seeker, provider, number)
    for _ in range(2):
        market.admin.does("PATCH", f"/reviews/{review}", json={"hidden": True})
    of_review = log(market, "review", review)
    assert of_review["review-hide"][1]["hidden"] == [False, True]
    acts = [found, of_second, of_review]
    assert {actor for each in acts for actor, _ in each.values()} == {market.admin.id}
    assert {act for each in acts for act in each} == OF_BOOKINGS


def reviewed(seeker: Person, provider: Person, number: int) -> int:
    """The seeker's review, published with the provider's."""
    provider.does("POST", "/reviews/", 201, json={"booking_id": number, "rating": 4})
    return int(seeker.does("POST", "/reviews/", 201, json={"booking_id": number, "rating": 2})["id"])


def test_nobody_but_admins_reads_the_log(market: Market):
    assert market.http.get("/audit-log").status_code == 401
    for person in (market.seeker(), market.provider()):
        refused = person.ask("GET", "/audit-log")
        assert (refused.status_code, refused.json()["code"]) == (403, "ScopeRequired")
