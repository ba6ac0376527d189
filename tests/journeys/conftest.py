"""The people of a running stack, and journeys for them."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from devstack.kinds.vehicle_service.journey import Journey
from devstack.kinds.vehicle_service.shop import Shop
from devstack.stack import Stack
from tests.api_beside import api_beside
from tests.journeys.payment_scenarios import Messenger, Provider, Visit, scenarios_of

AT_ONCE = 5

SHORT_DEADLINES = {"REVCARE_DECISION_WINDOW": "3s"}


@pytest.fixture(scope="session")
def shop(stack: Stack) -> Iterator[Shop]:
    """The demo people of the shared stack. The car of the printed samples is left to the tests of the samples."""
    shop = Shop(stack.info, spared=frozenset({88}))
    yield shop
    shop.close()


@pytest.fixture
def journey(shop: Shop, request: pytest.FixtureRequest) -> Journey:
    """A booking that is not made yet."""
    return Journey(request.node.name, shop, timeout=45)


@pytest.fixture(scope="package")
def short_deadline_shop(stack: Stack) -> Iterator[Shop]:
    """The shop, booked through an API with short windows: a booking keeps those under which it was made."""
    with api_beside(stack, SHORT_DEADLINES) as url:
        shop = Shop({**stack.info, "api": url}, spared=frozenset({88}))
        yield shop
        shop.close()


@pytest.fixture
def short_deadline_journey(short_deadline_shop: Shop, request: pytest.FixtureRequest) -> Journey:
    """A booking in that shop."""
    return Journey(request.node.name, short_deadline_shop, timeout=60)


@pytest.fixture
def path() -> Callable[[dict], list[str]]:
    """The states a booking went through, each once in a row."""

    def states(booking: dict) -> list[str]:
        seen: list[str] = []
        for entry in booking["timeline"]:
            if not seen or seen[-1] != entry["status"]:
                seen.append(entry["status"])
        return seen

    return states


@pytest.fixture(scope="module")
def provider(shop: Shop) -> Iterator[Provider]:
    """The sandbox as its operator sees it."""
    provider = Provider(shop)
    yield provider
    provider.behaves()
    provider.close()


@pytest.fixture(scope="module")
def messenger(shop: Shop) -> Iterator[Messenger]:
    """Sends webhooks by hand."""
    messenger = Messenger(shop)
    yield messenger
    messenger.close()


@pytest.fixture(scope="module")
def running_scenarios(
    request: pytest.FixtureRequest, shop: Shop, provider: Provider
) -> Iterator[dict[str, "Future[None]"]]:
    """The module's scenarios that are looked at, under way. ``captured`` comes late meanwhile, so that later events
    overtake it."""
    provider.misbehaves({"match": "payment.captured", "delay": 1.5}, side="webhooks")
    looked_at = {item.name for item in request.session.items if item.path == request.path}
    scenarios = {name: each for name, each in scenarios_of(request.module.__name__).items() if name in looked_at}
    with ThreadPoolExecutor(AT_ONCE) as people:
        yield {name: people.submit(scenario, Visit(shop, provider)) for name, scenario in scenarios.items()}


@pytest.fixture
def visit(shop: Shop, provider: Provider) -> Visit:
    """A booking of a scenario that runs alone."""
    provider.behaves()
    return Visit(shop, provider)
