"""The people of a running stack, and journeys for them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devstack.demo.garage import Garage
from devstack.demo.journey import Journey
from devstack.stack import Stack

HASTY = {
    "REVCARE_DECISION_WINDOW": "3s",
    "REVCARE_PAYMENT_POLL": "1s",
    "REVCARE_SLOT_CAPACITY": "3",
}


@pytest.fixture(scope="session")
def garage(stack: Stack) -> Iterator[Garage]:
    """The cast of the shared stack. The car that the documents' samples name is left to those who ask as printed."""
    garage = Garage(stack.info, spared=frozenset({88}))
    yield garage
    garage.close()


@pytest.fixture
def journey(garage: Garage, request: pytest.FixtureRequest) -> Journey:
    """A booking yet to be made."""
    return Journey(request.node.name, garage, patience=45)


@pytest.fixture(scope="package")
def hasty_garage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Garage]:
    """A garage of its own with little patience and few slots: a stack started with short windows."""
    folder: Path = tmp_path_factory.mktemp("hasty")
    with Stack(folder, env=HASTY, discard=True) as stack:
        garage = Garage(stack.info)
        yield garage
        garage.close()


@pytest.fixture
def hasty_journey(hasty_garage: Garage, request: pytest.FixtureRequest) -> Journey:
    """A booking in the garage that does not wait."""
    return Journey(request.node.name, hasty_garage, patience=60)


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
