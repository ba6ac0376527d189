"""The ways a visit can go, one function each: walked by the journey tests, recorded for the replay gate.

A path that is named here must have its histories in ``tests/histories`` (``python -m tests.workflows.record``).
"""

from collections.abc import Awaitable, Callable

import pytest

from tests.workflows import care_paths, payment_paths, provider_paths, visit_paths
from tests.workflows.engine import Engine
from tests.workflows.visit import Visit

Path = Callable[[Engine], Awaitable[Visit]]

USUAL: tuple[Path, ...] = (
    visit_paths.online,
    visit_paths.cash,
    visit_paths.walk_in,
    visit_paths.declined_recommended,
    visit_paths.sent_back,
    visit_paths.reassigned,
    visit_paths.decision_lapsed,
    payment_paths.payment_lapsed_then_paid,
    payment_paths.payment_failed_then_paid,
    payment_paths.superseded_then_paid,
    payment_paths.paid_twice,
    visit_paths.cancelled_free,
    visit_paths.cancelled_with_a_fee_to_pay,
    visit_paths.cancelled_with_fee_and_refund,
    payment_paths.refund_pending,
    visit_paths.rescheduled,
    visit_paths.opened_by_a_lost_task,
    payment_paths.capture_refused,
    visit_paths.cancelled_in_the_temporal_ui,
    payment_paths.late_money,
    payment_paths.refund_failed_then_processed,
    payment_paths.paid_on_site,
    payment_paths.refunded_by_hand,
    payment_paths.disputed,
)

RARE: tuple[Path, ...] = (
    visit_paths.alerted,
    visit_paths.next_slot_taken,
    visit_paths.restarted,
    payment_paths.refund_by_hand_failed,
    payment_paths.late_money_refunded_by_hand,
    payment_paths.lowered_by_hand,
    care_paths.refund_retried,
    care_paths.refund_started_by_a_retry,
    care_paths.invoice_unrecorded,
    care_paths.attention_cleared,
    care_paths.refund_made_after_all,
    care_paths.repaired,
    care_paths.behind_its_rows,
    care_paths.disputed_and_lost,
    care_paths.decided_otherwise,
    provider_paths.paid_at_the_decision_deadline,
    provider_paths.disputed_unheard,
    provider_paths.told_in_vain,
    provider_paths.disputed_while_down,
    provider_paths.disputed_and_won,
    provider_paths.disputed_before_it_was_known,
    provider_paths.disputed_before_another_order,
)
"""Walked on a server by `make test-long`, a second and a half of processor time each: no test but those of every path
looks at them. Their stored histories are replayed by `make test`."""

PATHS: dict[str, Path] = {path.__name__: path for path in (*USUAL, *RARE)}
EVERY_PATH = [pytest.param(name, marks=pytest.mark.long if path in RARE else ()) for name, path in PATHS.items()]
"""For the tests that hold on each of them."""
