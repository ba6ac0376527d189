"""A dispute is answered in time or the money is lost unheard: an admin is reminded, and called when it is too late."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.attention import action_required, all_deadlines, needs_attention, reasons_for_attention, waiting_for
from domain.billing.provider import ProviderDispute
from domain.closing import is_settled
from domain.commands import ClearAttention, RecordDispute
from domain.deadlines import open_deadlines
from domain.temporal_ui import search_attribute_values
from domain.views import waiting_view
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.roles import Role
from tests.kinds.vehicle_service.bookings import BookingBuilder, delivered, in_progress
from tests.kinds.vehicle_service.people import ADMIN, BOTH_WITH_GST, POLICY

TEN_DAYS = timedelta(days=10)


def disputed(builder: BookingBuilder, status: str = "open", answer_in: timedelta | None = TEN_DAYS) -> BookingBuilder:
    until = None if answer_in is None else int((builder.now + answer_in).timestamp())
    fact = ProviderDispute("disp_1", "pay_1", BOTH_WITH_GST, 0, status, "chargeback", None, until)
    return builder.asks(RecordDispute(fact))


def coming(builder: BookingBuilder):
    """When each deadline that is left comes, from now on; and what it says."""
    left = open_deadlines(all_deadlines(VEHICLE_SERVICE, builder.booking), builder.booking.alerted)
    return [(each.at - builder.now, each.summary) for each in left if each.summary.startswith("dispute")]


def test_an_admin_is_reminded_before_the_answer_is_due_and_called_when_it_is_late():
    builder = disputed(in_progress())
    since = builder.booking.disputes[0].since
    until = since + TEN_DAYS
    left = open_deadlines(all_deadlines(VEHICLE_SERVICE, builder.booking), builder.booking.alerted)
    assert [each.at for each in left] == [until - timedelta(days=2), until]
    for deadline in left:
        builder.waits(deadline.at - builder.now).asks(deadline.command)
    assert coming(builder) == []
    said = "dispute disp_1 over 2950.00, to be answered until 2026-12-03T"
    assert [note[: len(said)] for note in builder.booking.attention] == [said, said]
    assert [note.rpartition(": ")[2] for note in builder.booking.attention] == [
        "evidence is still missing",
        "that time is over",
    ]
    assert action_required(VEHICLE_SERVICE, builder.booking) == "attention"


@pytest.mark.parametrize("status", ["under_review", "won", "lost", "closed"])
def test_a_dispute_that_was_answered_or_decided_has_no_deadline(status):
    assert coming(disputed(disputed(in_progress()), status)) == []


def test_a_dispute_without_a_time_to_answer_has_no_deadline():
    assert coming(disputed(in_progress(), answer_in=None)) == []


def test_a_reminder_that_would_come_before_the_dispute_is_left_out():
    builder = disputed(in_progress(), answer_in=timedelta(days=1))
    assert [summary for _, summary in coming(builder)] == ["dispute unanswered: call an admin"]


def test_another_phase_with_another_time_to_answer_is_reminded_of_again():
    builder = disputed(in_progress())
    for deadline in open_deadlines(all_deadlines(VEHICLE_SERVICE, builder.booking), ()):
        builder.waits(deadline.at - builder.now).asks(deadline.command)
    assert len(coming(disputed(builder))) == 2


def test_the_window_of_the_reminder_is_the_policys():
    builder = in_progress(policy=replace(POLICY, dispute_reminder=timedelta(days=5)))
    (at, _), _ = coming(disputed(builder))
    assert timedelta(days=4) < at < timedelta(days=5)


def test_a_closed_booking_is_disputed_and_its_deadline_stands():
    builder = delivered().documents_issued()
    closed_at = builder.booking.closed_at
    disputed(builder)
    assert builder.booking.closed_at == closed_at
    assert not is_settled(VEHICLE_SERVICE, builder.booking)
    assert len(coming(builder)) == 2
    first = min(each.at for each in all_deadlines(VEHICLE_SERVICE, builder.booking))
    assert search_attribute_values(VEHICLE_SERVICE, builder.booking)["DeadlineAt"] == first
    assert waiting_view(VEHICLE_SERVICE, builder.booking, Role.MECHANIC)["what"] == "to decide the dispute"
    disputed(builder, "won")
    assert is_settled(VEHICLE_SERVICE, builder.booking)
    assert waiting_for(VEHICLE_SERVICE, builder.booking) is None


def test_what_asks_for_attention_names_the_time_until_the_bank_has_our_answer():
    builder = disputed(in_progress())
    (reason,) = reasons_for_attention(VEHICLE_SERVICE, builder.booking)
    assert reason.startswith("dispute disp_1 over 2950.00, to be answered until 2026-12-03")
    disputed(builder, "under_review")
    assert reasons_for_attention(VEHICLE_SERVICE, builder.booking) == ["dispute disp_1 over 2950.00"]


def test_a_call_that_was_seen_to_is_cleared_while_the_dispute_goes_on_asking():
    builder = disputed(in_progress(), answer_in=timedelta(hours=1))
    (late,) = open_deadlines(all_deadlines(VEHICLE_SERVICE, builder.booking), builder.booking.alerted)
    builder.waits(timedelta(hours=1)).asks(late.command).asks(ClearAttention(ADMIN))
    assert builder.booking.attention == []
    disputed(builder, "closed")
    assert not needs_attention(VEHICLE_SERVICE, builder.booking)
