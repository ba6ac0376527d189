"""What Schemathesis makes up from the OpenAPI document of local services: no fault, and no answer it does not know.

``make fuzz KIND=local-services`` asks far more, from one answer to the next question.
"""

from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.api.fuzzing import left_out, operations_asked
from tests.kinds.local_services.api.documented import operations
from tests.kinds.local_services.fuzzing import PLAYERS, RULES, UNGUARDED, Fuzzing

LEFT_OUT = left_out(RULES)


@pytest.fixture(scope="module")
def fuzzing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzing]:
    """A stack of its own: what an admin asks at random deletes rows of others."""
    with Stack(tmp_path_factory.mktemp("fuzzed"), env=UNGUARDED, discard=True) as stack:
        fuzzing = Fuzzing(stack.info)
        yield fuzzing
        fuzzing.market.close()


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("role", PLAYERS, ids=PLAYERS.get)
def test_every_operation_holds_for_everybody(fuzzing: Fuzzing, role: str):
    outcome = fuzzing.run(role, "examples,coverage,fuzzing", 2)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "No issues found" in outcome.stdout
    assert operations_asked(outcome) == len(operations()) - len(LEFT_OUT)


def test_what_is_left_out_is_there():
    ends_the_login = {"auth_logout", "auth_end", "auth_change", "rbac_change", "users_leave"}
    assert {"bookings_events", "backup_restore"} | ends_the_login == LEFT_OUT
    assert LEFT_OUT - {each.spec["operationId"] for each in operations()} == set()
