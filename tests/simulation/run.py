"""One simulation, from its seed to the calm after it."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from devstack.demo.calls import Json
from devstack.kinds.vehicle_service.shop import Shop
from devstack.stack import Stack
from tests.simulation.machine import Machine
from tests.simulation.provider import SimulatedProvider
from tests.simulation.record import Record
from tests.simulation.visits import SimulatedVisit

EVERY_PART = ("worker", "worker", "activities", "activities", "api", "temporal", "postgres")
_PATIENCE_WITH_AN_END = 90.0
_PATIENCE_WITH_AN_ANSWER = 180.0
"""While parts are killed one after the other; with a minute people gave up when five were, on a machine with load."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a simulation is made of; the seed decides everything else. Times in seconds."""

    seed: str
    seconds: float
    people: int = 5
    steps: int = 10**6
    """Acts in all: with fewer, a fault is easier to understand."""
    parts: tuple[str, ...] = ("worker", "worker", "activities", "activities", "api")
    """What is killed; what stands there twice is killed twice as often."""
    between_kills: float = 4.0
    kills: int = 10**6
    """At most."""
    between_moods: float = 1.5
    release: bool = True
    until: tuple[str, ...] = ()
    """What has to have happened (words of the record) before it ends: on a busy machine ``seconds`` are too few."""


class Simulation:
    """People, provider and machine, each with a chance of its own made from the seed."""

    def __init__(self, stack: Stack, plan: Plan) -> None:
        self.plan, self.record = plan, Record(plan.seed)
        self.shop = Shop(stack.info, timeout=_PATIENCE_WITH_AN_ANSWER, spared=frozenset({88}))
        self.provider = SimulatedProvider(self.shop, self.record)
        self.machine = Machine(stack, self.record)
        self.visits: list[SimulatedVisit] = []
        self._left = plan.steps
        self._over = threading.Event()
        self._lock = threading.Lock()

    def run(self) -> None:
        """The wild time."""
        people = {f"person {number}": self._person for number in range(self.plan.people)}
        with at_once(self.record, {**people, "machine": self._kills, "provider": self._moods}):
            self._until_over()
        self.machine.roll_back()
        self.machine.all_ready(set(self.plan.parts))

    def calm(self) -> None:
        """Chaos ends, and the banks decide what waits for them."""
        for visit in self.visits:
            self.provider.learn(self.shop.admin.booking(visit.id))
        self.provider.calms_down(self._chance("calm"))
        self.record.note("all", "calm")

    def finish(self) -> None:
        """Every booking that is still open is brought to its end, which only a living workflow can."""
        with at_once(self.record, {f"end {number}": self._ends(number) for number in range(self.plan.people)}):
            pass

    def close(self) -> None:
        self.provider.close()
        self.shop.close()

    def _chance(self, who: str) -> random.Random:
        return random.Random(f"{self.plan.seed} {who}")

    def _until_over(self) -> None:
        try:
            if not self._over.wait(self.plan.seconds / 2) and self.plan.release:
                self.machine.release()
            self._over.wait(self.plan.seconds / 2)
            patient = time.monotonic() + _PATIENCE_WITH_AN_END
            while not all(map(self.record.count, self.plan.until)) and time.monotonic() < patient:
                if self._over.wait(0.2):
                    break
        finally:
            self._over.set()

    def _person(self, who: str) -> None:
        """Somebody who looks after one booking after the other, or after several in turn."""
        chance, mine = self._chance(who), []
        while not self._over.is_set() and self._may_act():
            if not mine or (len(mine) < 3 and chance.random() < 0.2):
                visit = SimulatedVisit(self.shop, self.provider, self.record, chance)
                if visit.book():
                    mine.append(visit)
                    with self._lock:
                        self.visits.append(visit)
                continue
            visit = chance.choice(mine)
            if not visit.step():
                mine.remove(visit)
            self._over.wait(chance.uniform(0, 0.1))

    def _may_act(self) -> bool:
        with self._lock:
            self._left -= 1
            if self._left < 0:
                self._over.set()
            return self._left >= 0

    def _ends(self, number: int) -> Callable[[str], None]:
        def end(who: str) -> None:
            for visit in self.visits[number :: self.plan.people]:
                if waits := visit.end(_PATIENCE_WITH_AN_END):
                    self.record.fault(f"booking {visit.id}", f"it does not come to an end: {waits}")

        return end

    def _kills(self, who: str) -> None:
        """Every part in an order by chance, then all of them again: none is spared."""
        chance, left = self._chance(who), list[str]()
        for _ in range(self.plan.kills):
            if self._over.wait(chance.uniform(0.5, 1.5) * self.plan.between_kills):
                break
            left = left or chance.sample(self.plan.parts, len(self.plan.parts))
            self.machine.kill(left.pop())

    def _moods(self, who: str) -> None:
        chance = self._chance(who)
        while not self._over.wait(chance.uniform(0.5, 1.5) * self.plan.between_moods):
            rules = mood(chance)
            self.record.note("provider", str(rules))
            self.provider.misbehaves(rules)


@contextmanager
def at_once(record: Record, doings: Mapping[str, Callable[[str], None]]) -> Iterator[None]:
    """A thread for each, beside the block; all have ended after it.

    What one of them did not expect is a fault of the product, or of the simulation; both are to be mended.
    """

    def guarded(who: str, act: Callable[[str], None]) -> None:
        try:
            act(who)
        except Exception as error:
            record.fault(who, f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=guarded, args=doing) for doing in doings.items()]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def mood(chance: random.Random) -> Json:
    """How the provider misbehaves for a while."""
    webhooks: list[Json] = [
        {"match": "*", "drop": True, "times": chance.randint(1, 4)},
        {"match": "*", "duplicate": chance.randint(1, 3), "times": 3},
        {"match": "*", "reorder": "shuffle", "times": 3},
        {"match": "payment.*", "delay": chance.uniform(0.2, 1.5), "times": 3},
        {"match": "refund.*", "drop": True, "times": 3},
        {"match": "*", "new_event_id_same_body": True, "times": 2},
    ]
    api: list[Json] = [
        {"match": "POST *", "drop_after_commit": True, "times": 1},
        {"match": "*", "http": {"status": chance.choice((429, 502, 503))}, "times": chance.randint(1, 3)},
        {"match": "*", "latency": chance.uniform(0.1, 0.8), "times": 3},
        {"match": "POST *refund*", "refund_pending": True, "times": 2},
        {"match": "POST *refund*", "refund_fail_later": chance.uniform(0.2, 2), "times": 1},
        {"match": "POST *refund*", "insufficient_balance": True, "times": 1},
        {"match": "GET *", "list_lag": 1.0, "times": 3},
        {"match": "POST *capture*", "capture_conflict": True, "times": 1},
    ]
    return {"webhooks": chance.sample(webhooks, 2), "api": chance.sample(api, 2)}
