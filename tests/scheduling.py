"""Which process of ``pytest -n`` gets which file of tests: long files first, and each server started by few.

Plugged in by ``tests/conftest.py`` for ``--dist loadfile``, whose own order begins with the files of most tests: those
are the quick ones, so that a file of two long tests came last and one process worked while the others had ended.
"""

from collections.abc import Collection, Iterable, Mapping

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

WORTH = {"running_stack": 30, "temporal_address": 3, "migrated_postgres": 4}
"""The fixtures that start servers for all the files of a process that ask for them: 25, 5 and 7 seconds of processor
time. A process starts late what another has started already only while so many files still wait for it."""

ASKED_LATE = {"tests/verify/test_workflows.py": "temporal_address"}
"""Files whose tests ask for one by name, and only if none was given."""

SERVERS = "revcare/servers"
"""Where a process of ``pytest -n`` leaves for the one that hands the tests out what they ask for: in pytest's cache."""

STACK = "running_stack"
"""The files that ask for it are the most, so two processes begin with it."""

_BEGIN_WITH_STACK = (0, 2)

OWN_STACK = "tests/api/own_stack/"
"""With a stack of its own for all that it holds: handed out as one."""

CHECKS = "tests/checks/"
"""Handed out as one, for all read the same sources: another process would parse them again, for three seconds."""

WALKED = (
    "tests/workflows/test_journeys.py",
    "tests/workflows/test_cancelling.py",
    "tests/workflows/test_costs.py",
    "tests/workflows/test_deadlines.py",
    "tests/workflows/test_money.py",
    "tests/workflows/test_money_after.py",
)
"""Handed out as one, for all look at the same paths (the fixture ``walked``): another process would walk them again."""

HOSTILE = (
    "tests/api/test_attacks_words.py",
    "tests/api/test_attacks_assignment.py",
    "tests/api/test_attacks_ids.py",
)
"""The same for the visits of somebody hostile (the fixture ``hostile``), which take seven seconds of processor time."""

REPLAYED = (
    "tests/workflows/test_replay.py",
    "tests/workflows/test_stored_costs.py",
    "tests/kinds/local_services/test_histories.py",
)
"""The same for the stored histories, which are read and replayed once (``tests.workflows.replay``)."""

LONG = (
    WALKED[0],
    OWN_STACK,
    "tests/simulation/test_simulation.py",
    "tests/journeys/test_money_faults.py",
    "tests/workflows/test_older_workflows.py",
    "tests/workflows/test_faults.py",
    "tests/api/test_bad_input.py",
    "tests/journeys/test_provider_failures.py",
    "tests/workflows/test_recovery.py",
    "tests/devstack/test_supervision.py",
    REPLAYED[0],
    "tests/api/test_two_processes.py",
    "tests/journeys/test_scenarios.py",
    "tests/journeys/test_crashes.py",
    "tests/workflows/test_next_run.py",
    "tests/journeys/test_stopping.py",
    "tests/api/test_money_books.py",
    HOSTILE[0],
    "tests/journeys/test_short_deadlines.py",
    "tests/kinds/table_reservation/test_real_servers.py",
    "tests/api/test_matrix.py",
    "tests/adapters/test_backup_faults.py",
    "tests/kinds/table_reservation/test_backup_schemas.py",
    CHECKS,
    "tests/workflows/test_queues.py",
    "tests/kinds/table_reservation/test_over_http.py",
    "tests/kinds/local_services/listings/test_over_http.py",
    "tests/kinds/local_services/test_whole_life.py",
    "tests/workflows/test_refunds.py",
    "tests/workflows/test_many_messages.py",
    "tests/journeys/test_money_received.py",
    "tests/journeys/test_money_returned.py",
    "tests/api/test_notification_log.py",
    "tests/kinds/local_services/messages/test_two_processes.py",
    "tests/api/test_pages.py",
    "tests/api/test_passwords.py",
    "tests/workflows/test_updates.py",
    "tests/devstack/razorpay/test_robustness.py",
    "tests/adapters/test_invoices.py",
    "tests/api/test_payments.py",
    "tests/test_help.py",
    "tests/api/test_timeouts.py",
    "tests/adapters/contracts/test_adjacent_bookings.py",
    "tests/adapters/test_timeouts.py",
    "tests/devstack/test_command_line.py",
    "tests/api/test_errors.py",
)
"""The units that take longest, the longest first."""

ENOUGH = 2
"""Tests with which a process of xdist is not out of work yet (its own figure)."""

Servers = Mapping[str, str]
"""What a file asks for, of `WORTH`: that of its tests which is the first there. Files that ask for none are not in it.
"""


def unit_of(path: str) -> str:
    """What is handed out to one process as a whole: this file, as a rule."""
    for folder in (OWN_STACK, CHECKS):
        if path.startswith(folder):
            return folder
    return next((together[0] for together in (WALKED, HOSTILE, REPLAYED) if path in together), path)


def servers_of(items: Iterable[pytest.Item]) -> dict[str, str]:
    """What the tests that were found ask for, by unit."""
    asked: dict[str, set[str]] = {}
    for item in items:
        unit = unit_of(item.nodeid.partition("::")[0])
        asked.setdefault(unit, set()).update(getattr(item, "fixturenames", ()))
    found = {unit: [server for server in WORTH if server in names] for unit, names in asked.items()}
    return ASKED_LATE | {unit: servers[0] for unit, servers in found.items() if servers}


def next_unit(waiting: Collection[str], asked: Servers, started: Collection[str], elsewhere: Collection[str]) -> str:
    """The longest of those that fit to what a process has started; empty if it can end.

    Those come first for which it has the server, then those for whose server it would be the only one, then those that
    need none.
    """
    by_length = sorted(waiting, key=lambda unit: LONG.index(unit) if unit in LONG else len(LONG))
    of = {unit: asked.get(unit) for unit in by_length}
    late = {server for server, least in WORTH.items() if list(of.values()).count(server) >= least}
    for fits in (
        [unit for unit in by_length if of[unit] in started],
        [unit for unit in by_length if of[unit] and of[unit] not in elsewhere],
        [unit for unit in by_length if not of[unit]],
        [unit for unit in by_length if of[unit] in late],
    ):
        if fits:
            return fits[0]
    return ""


class LongestFirst(LoadFileScheduling):
    """Whole files, each to a process that it fits."""

    _asked: Servers

    def schedule(self) -> None:
        self._asked = self.config.cache.get(SERVERS, {})
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(super()._split_scope(nodeid))

    def _next(self, node: WorkerController) -> str:
        started = self._started(node)
        if not self.assigned_work[node] and self.nodes.index(node) in _BEGIN_WITH_STACK:
            started = {STACK}
        others = [other for other in self.nodes if other is not node and not other.shutting_down]
        elsewhere = {server for other in others for server in self._started(other)}
        return next_unit(list(self.workqueue), self._asked, started, elsewhere)

    def _started(self, node: WorkerController) -> set[str]:
        return {self._asked[unit] for unit in self.assigned_work[node] if unit in self._asked}

    def _reschedule(self, node: WorkerController) -> None:
        if self.workqueue and self._pending_of(self.assigned_work[node]) > ENOUGH:
            return  # asked after each test of thousands: what comes next is looked for when it is wanted
        if self.workqueue and not node.shutting_down and not self._next(node):
            node.shutdown()
        else:
            super()._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(self._next(node) or next(iter(self.workqueue)), last=False)
        super()._assign_work_unit(node)
