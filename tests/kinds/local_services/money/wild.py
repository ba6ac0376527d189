"""A wild time with the marketplace: people, banks, staff, provider and machine do what chance tells them."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from devstack.demo.calls import TookTooLong, until
from devstack.stack import Stack
from kinds.local_services.domain.kind import LOCAL_SERVICES
from tests.kinds.local_services.money.lives import LONGEST, Life
from tests.kinds.local_services.money.patience import PatientMarket
from tests.simulation.machine import Machine
from tests.simulation.record import Record
from tests.simulation.run import at_once, mood
from tests.workflows.servers import connected
from workflows.booking.messages import booking_workflow_id

Choice = tuple[float, str, Callable[[], object]]
Json = dict[str, Any]
_FAULT = 500


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a simulation is made of; the seed decides everything else. Times in seconds."""

    seed: str
    seconds: float
    people: int = 3
    parts: tuple[str, ...] = ("worker", "activities", "activities", "api-local-services", "api", "postgres")
    between_kills: float = 8.0
    between_moods: float = 2.0


class WildLife(Life):
    """A booking to which anything may happen that its people, the bank or staff can do."""

    def __init__(self, market: PatientMarket, record: Record, chance: random.Random) -> None:
        super().__init__(market, in_minutes=chance.choice((20, 190)))
        self._record, self._chance = record, chance
        self._order: str | None = None
        self._done: set[str] = set()
        self._dispute: str | None = None

    def step(self) -> bool:
        """Let something happen; False when nobody can do anything any more."""
        choices = [each for each in self._choices(self.now()) if each[0] > 0]
        if not choices:
            return False
        _, what, act = self._chance.choices(choices, [weight for weight, _, _ in choices])[0]
        self.does(what, act)
        return True

    def does(self, what: str, act: Callable[[], object]) -> None:
        """A refusal is an answer too; a fault of the server is none."""
        try:
            act()
        except AssertionError as refused:
            if f'"status":{_FAULT}' in str(refused).replace(" ", ""):
                self._record.fault(f"booking {self.id}", f"{what}: {refused}")
            self._record.note(f"booking {self.id}", f"{what}: refused, {str(refused)[:160]}")
        except httpx.TransportError as cut:  # the provider hung up on somebody in its dashboard
            self._record.note(f"booking {self.id}", f"{what}: {type(cut).__name__}")
        else:
            self._record.note(f"booking {self.id}", what)

    def ends(self) -> None:
        """Everybody does what is left to do: an open dispute is decided, the work done and confirmed, or called off."""
        if self._dispute is not None:
            self.does("the bank decides", lambda: self._bank_says(self._chance.choice(("won", "lost"))))
        self.market.at_provider("PATCH", f"/sandbox/accounts/{self.account}", json={"activated": True})
        now = self.now()
        if now["dispute"] is not None and now["dispute"]["decision"] is None and not now["dispute"]["withdrawn_at"]:
            self.does("decide", lambda: self.decided("release", None))
        match now["status"]:
            case "REQUESTED" | "ACCEPTED":
                self.does("cancel", lambda: self.provider.moves(self.id, "CANCELLED", reason="no time"))
            case "IN_PROGRESS":
                self.does("complete", self.completed)
                self.does("confirm", self.confirmed)
            case "COMPLETED" if not (now["completion"] or {}).get("confirmed"):
                self.does("confirm", self.confirmed)

    def waits(self) -> str | None:
        """For what, besides reviews; nothing when its money has come to rest."""
        now = self.now()
        waiting = now["waiting_for"]
        for refund in now["refunds"] if waiting is not None else ():
            if refund["status"] in ("pending", "failed"):
                path = f"/payment/refunds/{refund['id']}/retry"
                self.does("retry", lambda retry=path: self.market.admin.does("POST", retry))  # type: ignore[misc]
        return None if waiting is None or "review" in waiting["what"] else f"booking {self.id} waits for {waiting}"

    def _choices(self, now: Json) -> Iterator[Choice]:
        paid = now["payment_status"] not in ("none", "pending", "failed")
        match now["status"]:
            case "REQUESTED":
                yield 5, "accept", self.accepted
                yield 0.3, "decline", lambda: self.provider.moves(self.id, "CANCELLED", reason="no time")
            case "ACCEPTED" if not paid:
                yield 5, "pay", self._pays
                yield 0.5, "pay twice", lambda: [self._pays(force=True) for _ in range(2)]
                yield 0.5, "fail to pay", lambda: self._pays(outcome="failed")
                yield 0.3, "cancel unpaid", self.cancelled
            case "ACCEPTED":
                yield 4, "start", lambda: self.provider.moves(self.id, "IN_PROGRESS")
                yield 1, "cancel", self.cancelled
                yield 0.4, "cancel by the provider", lambda: self.provider.moves(self.id, "CANCELLED", reason="ill")
            case "IN_PROGRESS":
                yield 4, "complete", self.completed
                yield 1, "dispute", self.disputed
            case "COMPLETED" if not (now["completion"] or {}).get("confirmed"):
                yield 3, "confirm", self.confirmed
                yield 1.5, "dispute", self.disputed
        if now["dispute"] is not None and now["dispute"]["decision"] is None:
            outcome = self._chance.choice(("release", "refund_all", "refund_part"))
            yield 2, f"decide {outcome}", lambda: self.decided(outcome, "450.13" if "part" in outcome else None)
        if self._order is not None and now["status"] == "CANCELLED":
            yield from self._once("pay what is over", 0.5, lambda: self._pays(force=True))
        for payment in now["payments"] if paid else ():
            if payment["status"] == "success":
                yield from self._outside(payment["payment_id"])

    def _outside(self, payment: str) -> Iterator[Choice]:
        """What the bank, staff in the provider's dashboard and the provider itself do."""
        if self._dispute is not None:
            yield 0.6, "the bank says", lambda: self._bank_says(self._chance.choice(("under_review", "won", "lost")))
        yield from self._once("dispute at the bank", 0.3, lambda: self._asks_the_bank(payment))
        by_hand = {"amount": self._chance.choice((10_000, 45_000, 90_000))}
        path = f"/v1/payments/{payment}/refund"
        yield from self._once("refund by hand", 0.3, lambda: self.market.at_provider("POST", path, json=by_hand))
        yield from self._once("a transfer fails", 0.3, self._transfer_fails)
        closed = {"activated": self._chance.random() < 0.5}
        account = f"/sandbox/accounts/{self.account}"
        yield 0.3, f"account {closed}", lambda: self.market.at_provider("PATCH", account, json=closed)

    def _once(self, what: str, weight: float, act: Callable[[], object]) -> Iterator[Choice]:
        def once() -> object:
            self._done.add(what)
            return act()

        if what not in self._done:
            yield weight, what, once

    def _pays(self, **wish: Any) -> object:
        if self._order is None:
            self._order = self.order()
        return self.market.at_provider("POST", f"/sandbox/orders/{self._order}/pay", json=wish)

    def _asks_the_bank(self, payment: str) -> object:
        made = self.market.at_provider("POST", "/sandbox/disputes", json={"payment_id": payment})
        self._dispute = made["id"]
        return made

    def _bank_says(self, status: str) -> object:
        dispute, self._dispute = self._dispute, self._dispute if status == "under_review" else None
        return self.market.at_provider("POST", f"/sandbox/disputes/{dispute}/transition", json={"status": status})

    def _transfer_fails(self) -> object:
        living = [each["id"] for each in self.transfers() if each["status"] == "processed"]
        return living and self.market.at_provider("POST", f"/sandbox/transfers/{living[-1]}/fail")


class WildTime:
    """People, provider and machine, each with a chance of its own made from the seed."""

    def __init__(self, stack: Stack, market: PatientMarket, plan: Plan) -> None:
        self.market, self.plan, self.record = market, plan, Record(plan.seed)
        self.machine = Machine(stack, self.record)
        self.lives: list[WildLife] = []
        self._over = threading.Event()

    def run(self) -> None:
        """The wild time; then chaos ends, and every booking is brought to rest."""
        people = {f"person {number}": self._person for number in range(self.plan.people)}
        with at_once(self.record, {**people, "machine": self._kills, "provider": self._moods}):
            self._over.wait(self.plan.seconds)
            self._over.set()
        self.machine.all_ready(set(self.plan.parts))
        self.market.at_provider("DELETE", "/sandbox/chaos")
        for refund in self.market.state()["refunds"]:
            if refund["status"] == "pending":
                self.market.at_provider("POST", f"/sandbox/refunds/{refund['id']}/settle", json={"status": "processed"})
        for life in self.lives:
            life.ends()
        for life in self.lives:
            try:
                until(f"booking {life.id}", lambda each=life: each.waits() is None, LONGEST, pause=2)  # type: ignore[misc]
            except TookTooLong:
                self.record.fault(f"booking {life.id}", str(life.waits()))
                asyncio.run(self._keep_history(life.id))

    async def _keep_history(self, booking: int) -> None:
        client = await connected(self.market.info["temporal"])
        handle = client.get_workflow_handle(booking_workflow_id(LOCAL_SERVICES.name, booking))
        self.record.keep_history(await handle.fetch_history())

    def _person(self, who: str) -> None:
        chance = self._chance(who)
        while not self._over.is_set():
            life = WildLife(self.market, self.record, chance)
            life.requested()
            self.lives.append(life)
            for _ in range(chance.randint(4, 16)):
                if self._over.is_set() or not life.step():
                    break

    def _kills(self, who: str) -> None:
        chance, left = self._chance(who), list[str]()
        while not self._over.wait(chance.uniform(0.5, 1.5) * self.plan.between_kills):
            left = left or chance.sample(self.plan.parts, len(self.plan.parts))
            self.machine.kill(left.pop())

    def _moods(self, who: str) -> None:
        chance = self._chance(who)
        while not self._over.wait(chance.uniform(0.5, 1.5) * self.plan.between_moods):
            rules = mood(chance)
            transfers: list[Json] = [
                {"match": "POST *transfers", "transfer_fail": True, "times": 1},
                {"match": "POST *transfers", "drop_after_commit": True, "times": 1},
                {"match": "POST *reversals", "drop_after_commit": True, "times": 1},
                {"match": "POST *reversals", "reversal_insufficient": True, "times": 2},
                {"match": "PATCH *transfers*", "http": {"status": 502}, "times": 1},
            ]
            rules["api"] = [*chance.sample(transfers, 2), *rules["api"]]
            self.market.misbehaves(**rules)
            self.record.note("provider", str(rules))

    def _chance(self, who: str) -> random.Random:
        return random.Random(f"{self.plan.seed} {who}")
