"""Which process of ``pytest -n`` gets which file of tests: long files first, and one stack for as many as possible.

Plugged in by ``tests/conftest.py`` for ``--dist loadfile``, whose own order begins with the files of most tests: those
are the quick ones, so that a file of two long tests came last and one process worked while the others had ended.
"""

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

SHARED_STACK = (
    "tests/api/",
    "tests/attack/",
    "tests/journeys/",
    "tests/simulation/",
    "tests/kinds/local_services/listings/test_over_http.py",
    "tests/kinds/local_services/people/",
    "tests/kinds/local_services/test_abuse.py",
    "tests/kinds/local_services/test_access.py",
    "tests/kinds/local_services/test_audit.py",
    "tests/kinds/local_services/test_beside_vehicles.py",
    "tests/kinds/local_services/test_counting.py",
    "tests/kinds/local_services/test_money.py",
    "tests/kinds/local_services/test_short_windows.py",
    "tests/kinds/local_services/test_told_on_phones.py",
    "tests/kinds/local_services/test_whole_life.py",
    "tests/kinds/table_reservation/test_accounts_of_apps.py",
    "tests/kinds/table_reservation/test_over_http.py",
    "tests/kinds/table_reservation/test_real_servers.py",
)
"""Files whose tests ask for the shared stack. Starting it takes 25 seconds of processor time."""

OWN_STACK = "tests/api/own_stack/"
"""Below those, but with a stack of its own for all that it holds: handed out as one."""

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
    "tests/workflows/test_replay.py",
    "tests/api/test_two_processes.py",
    "tests/journeys/test_scenarios.py",
    "tests/journeys/test_crashes.py",
    "tests/workflows/test_next_run.py",
    "tests/journeys/test_stopping.py",
    "tests/api/test_money_books.py",
    "tests/api/test_attacks_words.py",
    "tests/journeys/test_short_deadlines.py",
    "tests/kinds/table_reservation/test_real_servers.py",
    "tests/api/test_matrix.py",
    "tests/adapters/test_backup_faults.py",
    "tests/kinds/table_reservation/test_backup_schemas.py",
    "tests/api/test_attacks_ids.py",
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

WORTH_A_STACK = 8
"""A process starts the shared stack late only while so many files still wait for it."""


def unit_of(path: str) -> str:
    """What is handed out to one process as a whole: this file, as a rule."""
    for folder in (OWN_STACK, CHECKS):
        if path.startswith(folder):
            return folder
    return WALKED[0] if path in WALKED else path


def needs_stack(path: str) -> bool:
    """Whether tests of this file ask for the shared stack."""
    return path.startswith(SHARED_STACK) and not path.startswith(OWN_STACK)


def next_file(waiting: list[str], *, has_stack: bool) -> str | None:
    """The longest of those that fit to what a process has started; None if it can end."""
    by_length = sorted(waiting, key=lambda path: LONG.index(path) if path in LONG else len(LONG))
    of_stack = [path for path in by_length if needs_stack(path)]
    others = [path for path in by_length if not needs_stack(path)]
    if has_stack:
        return (of_stack + others or [None])[0]
    return (others + (of_stack if len(of_stack) >= WORTH_A_STACK else []) or [None])[0]


class LongestFirst(LoadFileScheduling):
    """Whole files, each to a process that it fits. Every second process begins with the shared stack."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(super()._split_scope(nodeid))

    def _next(self, node: WorkerController) -> str | None:
        given = self.assigned_work[node]
        begins_with_it = not given and self.nodes.index(node) % 2 == 0
        return next_file(list(self.workqueue), has_stack=begins_with_it or any(map(needs_stack, given)))

    def _reschedule(self, node: WorkerController) -> None:
        if self.workqueue and self._pending_of(self.assigned_work[node]) > ENOUGH:
            return  # asked after each test of thousands: what comes next is looked for when it is wanted
        elsewhere = any(needs_stack(path) for other in self.nodes for path in self.assigned_work[other])
        if elsewhere and not node.shutting_down and self._next(node) is None:
            node.shutdown()
        else:
            super()._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(self._next(node) or next(iter(self.workqueue)), last=False)
        super()._assign_work_unit(node)
