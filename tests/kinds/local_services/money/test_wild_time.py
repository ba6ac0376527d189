"""A wild time with the marketplace; afterwards everything adds up. ``SIMULATION_SEED`` repeats the choices of a run."""

import os
import secrets
from pathlib import Path

import pytest

from devstack.stack import Stack
from tests.kinds.local_services.money.agreement import until_all_agree
from tests.kinds.local_services.money.patience import PatientMarket
from tests.kinds.local_services.money.wild import Plan, WildTime

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

SECONDS = float(os.environ.get("SIMULATION_SECONDS", 90))


def test_after_a_wild_time_provider_ledger_rows_and_workflows_agree(
    market_stack: Stack, market: PatientMarket, tmp_path: Path
):
    """Payments late and twice, disputes, refunds by hand, closed accounts, transfers that fail, lost answers, kills."""
    wild = WildTime(
        market_stack, market, Plan(seed=os.environ.get("SIMULATION_SEED") or secrets.token_hex(4), seconds=SECONDS)
    )
    print(f"SIMULATION_SEED={wild.plan.seed}")
    wrong = ["it broke off"]
    try:
        wild.run()
        wrong = [*wild.record.faults, *until_all_agree(market, [life.id for life in wild.lives])]
    finally:
        path = wild.record.write(tmp_path / "record.txt")
        assert not wrong, "\n".join([f"SIMULATION_SEED={wild.plan.seed}, the record is {path}", *wrong])
    assert len(wild.lives) >= wild.plan.people
    assert wild.record.count("kill -9")
