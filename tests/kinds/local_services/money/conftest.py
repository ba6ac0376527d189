"""A stack for what takes minutes: money settles soon after an answer was lost, and cancelling costs at once."""

from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.conftest import BOTH_KINDS, SHORT
from tests.kinds.local_services.money.patience import PatientMarket

SOON = {
    "REVCARE_LOCAL_SERVICES_MONEY_SETTLE": "2s",
    "REVCARE_LOCAL_SERVICES_CANCEL_GRACE": "0s",
    "REVCARE_LOCAL_SERVICES_CODES_PER_ADDRESS": "10000",
    "REVCARE_LOCAL_SERVICES_REVERSAL_PATIENCE": "20s",
    "REVCARE_LOCAL_SERVICES_MONEY_ALERT": "20s",
    "REVCARE_LOCAL_SERVICES_REVIEW_WINDOW": "10m",
}


@pytest.fixture(scope="package")
def market_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Both kinds in one stack, whose parts are killed."""
    with Stack(tmp_path_factory.mktemp("market"), env=SHORT | BOTH_KINDS | SOON, discard=True) as stack:
        yield stack


@pytest.fixture(scope="package")
def market(market_stack: Stack) -> Iterator[PatientMarket]:
    market = PatientMarket(market_stack.info)
    yield market
    market.close()
