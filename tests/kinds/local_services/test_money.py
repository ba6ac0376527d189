"""What becomes of the money, as the payment provider's sandbox has it: shares on hold, cut, released, and what goes
back. T = 1000.00 at 18 % GST everywhere, so the amounts are those that were computed by hand."""

from typing import Any

import httpx
import pytest

from devstack.demo.calls import until
from tests.kinds.local_services.market import Market, Person, soon

pytestmark = pytest.mark.timeout(240)
GSTIN = "27AAPFU0939F1ZV"
SHARES = {"provider": 818_76, "platform": 670_46, "none": 823_00}
"""In paise, by the tax case."""


class Deal:
    """A booking at 1000.00 that is paid, and what the payment provider knows of it."""

    def __init__(self, market: Market, provider: Person, category: int | None = None, minutes: int = 20) -> None:
        self.market, self.provider, self.seeker = market, provider, market.seeker()
        offered = {"pricing_unit": "FIXED", "base_price": "1000.00", "category_id": category or market.category}
        listing = market.listing(provider, **offered)
        self.id = int(self.seeker.requests(listing, soon(minutes))["id"])
        provider.moves(self.id, "ACCEPTED")
        market.pays(self.seeker, self.id)

    @property
    def payout(self) -> dict[str, Any]:
        return self.provider.now(self.id)["payout"] or {}

    def until_payout(self, state: str) -> dict[str, Any]:
        until(f"a payout that is {state}", lambda: self.payout.get("state") == state)
        return self.payout

    def at_gateway(self) -> dict[str, list[dict[str, Any]]]:
        """Its transfers, reversals and refunds."""
        url = f"{self.market.info['razorpay']['base_url']}/sandbox/state"
        known = httpx.get(url, trust_env=False).json()
        orders = {each["order_id"] for each in self.market.admin.now(self.id)["payments"]}
        payments = {each["id"] for each in known["payments"] if each["order_id"] in orders}
        transfers = [each for each in known["transfers"] if (each["notes"] or {}).get("booking_id") == str(self.id)]
        made = {each["id"] for each in transfers}
        return {
            "transfers": transfers,
            "reversals": [each for each in known["reversals"] if each["transfer_id"] in made],
            "refunds": [each for each in known["refunds"] if each["payment_id"] in payments],
        }

    def books(self) -> dict[str, int]:
        """Sums of the ledger in paise, by what they are of."""
        sums: dict[str, int] = {}
        for row in self.market.admin.does("GET", "/payment/ledger", params={"booking_id": self.id, "limit": 100}):
            sums[row["kind"]] = sums.get(row["kind"], 0) + round(float(row["amount"]) * 100)
        return sums


def provider_of(market: Market, case: str, *, account: bool = True) -> tuple[Person, int]:
    """A provider whose services fall under a tax case, and the category that they are of."""
    provider, category = market.provider(), market.category
    if case == "provider":
        provider.does("PATCH", "/users/me", json={"gstin": GSTIN})
    if case == "platform":
        new = {"name": f"Plumbing of {provider.id}", "platform_pays_gst": True}
        category = market.admin.does("POST", "/services/categories", 201, json=new)["id"]
    if account:
        market.account(provider)
    return provider, category


def is_held(deal: Deal, case: str) -> None:
    """One transfer on hold over the provider's share, and nothing but it and what came in the books."""
    held = deal.until_payout("held")
    assert (held["tax_case"], round(float(held["amount"]) * 100)) == (case, SHARES[case])
    (transfer,) = deal.at_gateway()["transfers"]
    assert (transfer["amount"], transfer["on_hold"], transfer["id"]) == (SHARES[case], True, held["transfer_id"])
    assert deal.books() == {"capture": 1000_00, "transfer": -SHARES[case]}


def test_a_paid_booking_has_one_transfer_on_hold_and_the_confirmation_releases_it_to_the_provider(market: Market):
    deal = Deal(market, *provider_of(market, "provider"))
    is_held(deal, "provider")
    deal.provider.moves(deal.id, "IN_PROGRESS")
    deal.provider.moves(deal.id, "COMPLETED")
    assert deal.until_payout("held")["state"] == "held"
    deal.seeker.moves(deal.id, "COMPLETED")
    deal.until_payout("released")
    (transfer,) = deal.at_gateway()["transfers"]
    assert (transfer["amount"], transfer["on_hold"]) == (SHARES["provider"], False)


CANCELLED: dict[str, tuple[str, int, str, dict[str, Any], int, int]] = {
    "requester, a day before": ("platform", 26 * 60, "R", {}, 0, 0),
    "requester, at the last": ("none", 90, "R", {}, 500_00, 411_50),
    "provider": ("provider", 90, "P", {}, 0, 0),
    "admin, a quarter": ("none", 90, "A", {"fee_percent": 25}, 250_00, 205_75),
}
AS_ELSEWHERE = ("requester, at the last", "provider")
"""What goes back and what is left of the share are the same without an account, and where the requester cancels a day
before; whom the table lets cancel for which fee is tried without servers (``domain/test_cancelling.py``)."""


@pytest.mark.parametrize(
    ("case", "minutes", "by", "given", "fee", "kept"),
    [
        pytest.param(*each, id=name, marks=[pytest.mark.long] if name in AS_ELSEWHERE else [])
        for name, each in CANCELLED.items()
    ],
)
def test_who_cancels_pays_what_the_table_says_and_the_share_of_the_tax_case_is_cut_before_the_refund(
    market: Market, case: str, minutes: int, by: str, given: dict[str, Any], fee: int, kept: int
):
    deal = Deal(market, *provider_of(market, case), minutes=minutes)
    is_held(deal, case)
    person = {"R": deal.seeker, "P": deal.provider, "A": market.admin}[by]
    told = person.does("GET", f"/bookings/{deal.id}/cancellation", params=given)
    ended = person.moves(deal.id, "CANCELLED", **given)["cancellation"]
    assert {name: ended[name] for name in ("fee", "refund", "compensation")} == {
        name: told[name] for name in ("fee", "refund", "compensation")
    }
    until("the refund", lambda: "refunded" in deal.seeker.now(deal.id)["payment_status"])
    deal.until_payout("released" if kept else "reversed")
    moved = deal.at_gateway()
    assert [each["amount"] for each in moved["reversals"]] == [SHARES[case] - kept]
    assert [each["amount"] for each in moved["refunds"]] == [1000_00 - fee]
    assert moved["reversals"][0]["created_at"] <= moved["refunds"][0]["created_at"]
    books = deal.books()
    assert (books["capture"] + books["refund"], books["transfer"] + books["reversal"]) == (fee, -kept)


def test_a_dispute_freezes_the_share_and_half_back_cuts_it_and_releases_the_rest(market: Market):
    deal = Deal(market, *provider_of(market, "none"))
    deal.provider.moves(deal.id, "IN_PROGRESS")
    deal.provider.moves(deal.id, "COMPLETED")
    deal.until_payout("held")
    wrong = {"reason": "bad-work", "description": "Half of the windows are not clean"}
    deal.seeker.does("POST", f"/bookings/{deal.id}/dispute", 201, json=wrong)
    confirming = deal.seeker.ask("PATCH", f"/bookings/{deal.id}/status", json={"status": "COMPLETED"})
    assert (confirming.status_code, confirming.json()["code"]) == (409, "ActionNotAllowed")
    assert deal.at_gateway()["transfers"][0]["on_hold"] is True
    decision = {"outcome": "refund_part", "refund_amount": "500.00", "against": "provider"}
    market.admin.does("POST", f"/bookings/{deal.id}/dispute/decision", json=decision)
    deal.until_payout("released")
    until("the refund", lambda: deal.seeker.now(deal.id)["payment_status"] == "partially_refunded")
    moved = deal.at_gateway()
    assert [each["amount"] for each in moved["reversals"]] == [411_50]
    assert [each["amount"] for each in moved["refunds"]] == [500_00]
    assert [each["on_hold"] for each in moved["transfers"]] == [False]


@pytest.mark.parametrize("refunded_first", [pytest.param(False, marks=pytest.mark.long), True])
def test_without_an_account_a_share_waits_and_is_paid_once_there_is_one(market: Market, *, refunded_first: bool):
    provider, category = provider_of(market, "none", account=False)
    deal = Deal(market, provider, category, minutes=90 if refunded_first else 20)
    deal.until_payout("pending")
    if refunded_first:
        deal.seeker.moves(deal.id, "CANCELLED")
        until("the refund", lambda: deal.seeker.now(deal.id)["payment_status"] == "partially_refunded")
    else:
        deal.provider.moves(deal.id, "IN_PROGRESS")
        deal.provider.moves(deal.id, "COMPLETED")
        deal.seeker.moves(deal.id, "COMPLETED")
    assert deal.at_gateway()["transfers"] == []
    market.account(provider)
    deal.until_payout("released")
    (transfer,) = deal.at_gateway()["transfers"]
    assert (transfer["amount"], transfer["on_hold"]) == (411_50 if refunded_first else 823_00, False)
