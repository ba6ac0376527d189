"""One booking of a service from its first call to its end, step by step."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from devstack.demo.calls import Refused
from devstack.demo.expectations import must
from devstack.demo.journey import BookingJourney
from devstack.demo.person import Person
from devstack.kinds.local_services.market import ANY_HOUR, Market
from devstack.kinds.local_services.talk import Talk

Hook = Callable[[str], None]
"""Told what is under way at this moment."""
_QUARTER = timedelta(minutes=15)
_HOME = {"address": "12 MG Road, Pune", "lat": 18.52, "lng": 73.85}


class ServiceJourney(BookingJourney):
    """A service: see there for `pace` and `timeout`."""

    def __init__(
        self,
        name: str,
        market: Market,
        people: tuple[int, int],
        *,
        say: Callable[[str], None],
        pace: float,
        timeout: float,
    ) -> None:
        """``people``: which of the seekers asks which of the providers."""
        super().__init__(name, market, pace=pace, timeout=timeout)
        self.market = market
        self.seeker: Person = market.seekers[people[0]]
        self.provider: Person = market.providers[people[1]]
        self.account = ""
        self.holds: list[str] = []
        """What was found right on the way, in words."""
        self.amid_payment: Hook = lambda _: None
        self.amid_chat: Hook = lambda _: None
        self._say = say

    def newcomer(self, first_name: str, last_name: str, category: str, title: str, price: str) -> None:
        """The provider is somebody who has just registered, with one listing and no account to be paid out to."""
        self._step("registering a provider")
        self.provider = self.market.joined(first_name, last_name)
        self.market.offers(self.provider, category, title=title, pricing_unit="FIXED", base_price=price)

    def request(self, title: str, ahead: timedelta, hours: int) -> None:
        """Ask for a service that begins so long from now, or as soon after that as the provider is free."""
        self.provider.put("/users/me/availability", ANY_HOUR)
        self._step("requesting")
        body = {"listing_id": self.market.listing(self.provider, title), "duration_hours": hours, "location": _HOME}
        start = _quarter_after(datetime.now(UTC) + ahead)
        try:
            self.booking = self.seeker.post("/bookings/", {**body, "scheduled_at": start.isoformat()})
        except Refused as no:
            if no.code != "SlotTaken" or not no.body.get("next_free_slots"):
                raise
            free = no.body["next_free_slots"][0]["start"]
            self.booking = self.seeker.post("/bookings/", {**body, "scheduled_at": free})
        self.now()

    def accept(self) -> None:
        self._step("accepting")
        self._move(self.provider, "ACCEPTED")

    def counter_offer(self, price: str) -> None:
        """The provider wants another price; the seeker agrees."""
        self._step("making a counter-offer")
        self.provider.post(f"/bookings/{self.id}/offers", {"total_price": price, "note": "With the new fuse box."})
        self._step("accepting the counter-offer")
        self._accept_offer(self.seeker)

    def reschedule(self) -> None:
        """The seeker wants to be visited an hour later; the provider agrees."""
        self._step("asking for another time")
        before = datetime.fromisoformat(self.now()["scheduled_at"])
        later = (before + timedelta(hours=1)).isoformat()
        self.seeker.post(f"/bookings/{self.id}/offers", {"scheduled_at": later, "note": "The train is late."})
        self._step("accepting the other time")
        self._accept_offer(self.provider)
        moved = datetime.fromisoformat(self.now()["scheduled_at"])
        must(moved - before == timedelta(hours=1), f"it begins at {moved}, not an hour after {before}")
        self.holds.append("an hour later, as agreed")

    def pay(self, state: str = "held") -> None:
        """Pay at the checkout, without a browser that would tell us: the provider's webhook or polling does."""
        self._step("opening the checkout")
        intent = self.seeker.post(f"/bookings/{self.id}/payment-intents")
        self._step("paying")
        self.market.gateway.pay(intent["checkout"]["order_id"])
        self.amid_payment(f"amid the payment of booking {self.id}")
        self.wait_for("the payment to be seen", lambda now: now["payment_status"] == "paid")
        self.wait_for(f"the payout to be {state}", lambda now: (now["payout"] or {}).get("state") == state)

    def chat(self) -> None:
        """Both talk over sockets; in the middle these break, and neither notices more than a pause."""
        self._step("chatting")
        there = {"receiver_id": self.provider.id, "booking_id": self.id}
        thread = int(self.seeker.post("/messages/threads", there)["id"])
        say = f"{self.id} {self.name:<10} {{}}".format
        talk = Talk(self.market.url, (self.provider, self.seeker), thread, lambda words: self._say(say(words)))
        self.holds.append(talk.goes_on_when(lambda: self.amid_chat(f"amid the chat of booking {self.id}")))

    def work(self) -> None:
        """The provider comes and does it."""
        self._step("arriving")
        self.provider.post(f"/bookings/{self.id}/timeline", {"event_type": "arrived"})
        self._move(self.provider, "IN_PROGRESS")
        self._step("working")
        self._move(self.provider, "COMPLETED")

    def confirm(self) -> None:
        self._step("confirming")
        self._move(self.seeker, "COMPLETED")

    def review(self, of_provider: int, of_seeker: int) -> None:
        """Both rate each other: then both reviews are published."""
        self._step("reviewing")
        for person, rating in ((self.seeker, of_provider), (self.provider, of_seeker)):
            person.post("/reviews/", {"booking_id": self.id, "rating": rating, "comment": ""})

    def cancel(self, fee: str) -> None:
        """The seeker asks what it costs, and cancels."""
        self._step("asking what a cancel costs")
        price = self.seeker.get(f"/bookings/{self.id}/cancellation")
        must(price["fee"] == fee, f"cancelling costs {price['fee']}, not {fee}")
        ahead = datetime.fromisoformat(self.booking["scheduled_at"]) - datetime.now(UTC)
        self._step("cancelling")
        self._move(self.seeker, "CANCELLED", reason="We are travelling.")
        minutes = round(ahead.total_seconds() / 60)
        self.holds.append(f"cancelled {minutes // 60} h {minutes % 60:02} min before its start for the {fee} announced")

    def dispute(self, back: str) -> None:
        """The seeker objects, and an admin gives a part of the money back."""
        self._step("disputing")
        words = {"reason": "bad-work", "description": "Half of the exercises were those of the year before."}
        self.seeker.post(f"/bookings/{self.id}/dispute", words)
        self._step("deciding the dispute")
        decision = {"outcome": "refund_part", "refund_amount": back, "against": "provider", "note": "Half is fair."}
        self.market.admin.post(f"/bookings/{self.id}/dispute/decision", decision)

    def is_unpaid_without_account(self) -> None:
        """The work is confirmed, and the provider's share waits."""
        self._step("looking at the payout that waits")
        state = self.now()["payout"]["state"]
        must(state == "pending" and not self.market.accounts.transfers(self.id), f"the payout is {state}")
        self.holds.append("the payout waited for an account")

    def open_account(self) -> None:
        """The provider is onboarded at the payment provider; an admin notes the account, which is reviewed at last."""
        self._step("opening the provider's account")
        self.account = self.market.accounts.opened(self.provider.name)
        self.market.admin.pays_out_to(self.provider.id, self.account)
        self._say(f"{self.id} {self.name:<10} account {self.account} of {self.provider.name} is under review")
        self._step("activating the account")
        self.market.accounts.activate(self.account)
        self._say(f"{self.id} {self.name:<10} account {self.account} was activated")

    def _accept_offer(self, person: Person) -> None:
        number = next(offer["id"] for offer in self.now()["offers"] if offer["state"] == "open")
        person.post(f"/bookings/{self.id}/offers/{number}/accept")

    def _move(self, person: Person, status: str, **given: str) -> None:
        person.patch(f"/bookings/{self.id}/status", {"status": status, **given})


def _quarter_after(moment: datetime) -> datetime:
    """Starts lie on quarter hours."""
    return datetime.fromtimestamp(-(-moment.timestamp() // _QUARTER.total_seconds()) * _QUARTER.total_seconds(), UTC)
