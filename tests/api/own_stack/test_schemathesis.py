"""What Schemathesis makes up from the OpenAPI document: no fault, and no answer that the document does not know.

Every operation is gone through from boundary to boundary by the least of the roles that may use it. ``make test`` asks
those that read, with what the document allows; ``make test-long`` asks all, also with what it forbids, for that takes
thousands of requests, and tests/api/test_bad_input.py asks every operation with that, too. There each is also tried a
few times by everybody. ``make fuzz`` does all of this as everybody.
"""

from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.api.document import operations
from tests.api.fuzzing import PLAYERS, RULES, Fuzzing, left_out, operations_asked

LEFT_OUT = left_out(RULES)


@pytest.fixture(scope="module")
def fuzzing(own: Stack) -> Iterator[Fuzzing]:
    fuzzing = Fuzzing(own.info)
    yield fuzzing
    fuzzing.api.close()


@pytest.mark.timeout(900)  # several hundred requests: seconds, and minutes where others work too
def test_every_operation_that_reads_holds_at_its_boundaries(fuzzing: Fuzzing):
    outcome = fuzzing.run_each_by_its_least("examples,coverage", 1, "positive", "--include-method", "GET")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "No issues found" in outcome.stdout
    asked = {each.spec["operationId"] for each in operations() if each.method == "GET"} - LEFT_OUT
    assert f"Tested: {len(asked)}" in outcome.stdout


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_every_operation_holds_at_its_boundaries(fuzzing: Fuzzing, mode: str):
    outcome = fuzzing.run_each_by_its_least("examples,coverage", 1, mode)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "No issues found" in outcome.stdout
    assert f"Tested: {len(operations()) - len(LEFT_OUT)}" in outcome.stdout


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("role", PLAYERS, ids=PLAYERS.get)
def test_every_operation_holds_for_everybody(fuzzing: Fuzzing, role: str):
    outcome = fuzzing.run(role, "fuzzing", 2)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert operations_asked(outcome) == len(operations()) - len(LEFT_OUT)


def test_what_is_left_out_is_there():
    assert {"bookings_events", "auth_logout", "auth_end", "auth_change", "rbac_change", "backup_restore"} == LEFT_OUT
    assert LEFT_OUT - {each.spec["operationId"] for each in operations()} == set()
