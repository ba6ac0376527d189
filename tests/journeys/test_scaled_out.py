"""Two workflows roles and two API processes on one stack: they share the work, and one of each may die under load."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from devstack.demo.calls import Calls, TookTooLong
from devstack.kinds.vehicle_service.demo import run_of
from devstack.kinds.vehicle_service.scenarios import BY_NAME
from devstack.kinds.vehicle_service.shop import Shop
from devstack.kinds.vehicle_service.verification import verify
from devstack.stack import Stack
from tests.api_process import api_process
from tests.worker_process import worker_process

SCENARIO_NAMES, BOOKINGS = ("cancelled", "online", "cash"), 24
MOVE = '"activity": "project"'


class BothApis(Calls):
    """Asked in turn, as a balancer of load does. What one of them does not answer the other is asked, with its key."""

    def __init__(self, *bases: str) -> None:
        super().__init__(bases[0])
        timeout = httpx.Timeout(45, connect=5)
        self._both = [httpx.Client(base_url=base, timeout=timeout, trust_env=False) for base in bases]
        self._turn = itertools.count()
        self.answers = Counter[str]()
        self.cut_off, self.refused = 0, list[str]()

    def send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> httpx.Response:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            client = self._both[next(self._turn) % 2]
            try:
                answer = client.request(method, path, headers=headers, **content)
            except httpx.TransportError:
                self.cut_off += 1
                time.sleep(0.05)
                continue
            self.answers[str(client.base_url)] += 1
            if answer.status_code >= 500:
                self.refused.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            return answer
        raise TookTooLong(f"{method} {path} found no answer")

    def close(self) -> None:
        super().close()
        for client in self._both:
            client.close()


@pytest.fixture(scope="module")
def both_apis(stack: Stack) -> Iterator[BothApis]:
    with api_process(stack, {}) as second:
        yield BothApis(stack.info["api"], second)


@pytest.fixture(scope="module")
def shop(stack: Stack, both_apis: BothApis) -> Iterator[Shop]:
    """The shop behind both."""
    shop = Shop(stack.info, spared=frozenset({88}), calls=both_apis)
    yield shop
    shop.close()


@pytest.mark.long  # three more processes; one of each is killed in test_crashes.py too
@pytest.mark.timeout(600)
def test_one_of_two_workflows_roles_and_one_of_two_apis_may_die_under_load(
    stack: Stack, both_apis: BothApis, shop: Shop
):
    with worker_process(stack, "workflows") as log:
        names = itertools.islice(itertools.cycle(SCENARIO_NAMES), BOOKINGS)
        runs = [
            run_of(BY_NAME[name], shop, pace=0.1, timeout=120, delay=0.1 * number) for number, name in enumerate(names)
        ]
        for run in runs:
            run.begin()
        _wait(lambda: all(run.booked for run in runs))
        killed = {part: stack.kill(part) for part in ("worker", "api")}
        # Which of two roles gets the first tasks is chance; what is left when one is gone goes to the other.
        _wait(lambda: MOVE in log.read_text() and not any(run.running for run in runs))
        for part, pid in killed.items():
            stack.wait_ready(part, instead_of=pid)
        by_the_second = log.read_text().count(MOVE)
    assert [run.trouble for run in runs] == [None] * len(runs)
    assert both_apis.refused == []
    assert min(both_apis.answers.values()) > 0
    versions = 0
    for run in runs:
        booking = run.journey.now()
        list(verify(shop, run.scenario, run.journey.customer, booking, crashed=True))
        versions += booking["version"]
    assert 0 < by_the_second < versions


def _wait(seen: Any) -> None:
    until = time.monotonic() + 300
    while not seen():
        assert time.monotonic() < until
        time.sleep(0.05)
