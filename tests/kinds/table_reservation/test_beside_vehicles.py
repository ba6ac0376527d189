"""What a process that serves or runs only tables knows of vehicles."""

from collections.abc import Iterator

import pytest

import settings as configuration
from api.app import create_app
from operations.__main__ import run
from settings import Settings
from tests.kinds.table_reservation.api import API
from tests.kinds.vehicle_service.test_settings import WRONG
from tests.test_settings import environment
from tests.workflows.test_replay_command import HISTORY

__all__ = ["environment"]


def test_the_api_of_another_kind_does_not_read_the_prices_and_windows_of_vehicle_services(environment):
    environment(**dict(WRONG))
    app = create_app(API, settings=Settings())
    assert app.state.policy is None


@pytest.fixture
def serving_tables_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings are read once in a process: anew for this test, and for those after it."""
    with monkeypatch.context() as changed:
        changed.setenv("REVCARE_KINDS", "tests.kinds.table_reservation")
        configuration.load.cache_clear()
        yield
    configuration.load.cache_clear()


@pytest.mark.usefixtures("serving_tables_alone")
def test_only_the_kinds_of_this_process_can_go_on(capsys: pytest.CaptureFixture[str]):
    assert run(["replay", str(HISTORY)]) == 1
    [reason] = [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{HISTORY}: ")]
    assert "VehicleServiceWorkflow" in reason
