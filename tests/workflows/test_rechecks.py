"""When a booking fetches again what the provider did not tell."""

import asyncio
from datetime import UTC, datetime, timedelta

from tests.kinds.vehicle_service.bookings import booked
from tests.workflows.resumed import resumed
from tests.workflows.running_booking import PATIENCE
from workflows.booking.rechecks import Recheck, Rechecks, VainReports

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def rechecks(*known: Recheck) -> Rechecks:
    return Rechecks(known, MINUTE, 5 * MINUTE)


def test_each_failure_doubles_the_pause_up_to_the_longest():
    waiting, now, pauses = rechecks(), NOW, []
    for _ in range(5):
        waiting.failed("order_1", now, dispute=False)
        pauses.append(waiting.next_at - now)
        now = waiting.next_at
        assert [each.subject for each in waiting.begin(now)] == ["order_1"]
    assert pauses == [MINUTE, 2 * MINUTE, 4 * MINUTE, 5 * MINUTE, 5 * MINUTE]


def test_what_is_under_way_is_not_begun_twice_and_is_still_waited_for():
    waiting = rechecks()
    waiting.failed("disp_1", NOW, dispute=True)
    assert waiting.begin(NOW) == []
    [begun] = waiting.begin(NOW + MINUTE)
    assert (begun.subject, begun.dispute) == ("disp_1", True)
    assert waiting.begin(NOW + MINUTE) == []
    assert waiting.next_at is None
    assert waiting
    waiting.done("disp_1")
    assert not waiting


def test_the_next_run_goes_on_where_the_last_one_was():
    waiting = rechecks()
    for _ in range(2):
        waiting.failed("order_1", NOW, dispute=False)
    later = rechecks(*waiting.carried_over())
    assert later.next_at == NOW + 2 * MINUTE
    later.failed("order_1", NOW, dispute=False)
    assert later.next_at == NOW + 4 * MINUTE


def test_the_earliest_is_waited_for_first():
    waiting = rechecks()
    waiting.failed("order_2", NOW + MINUTE, dispute=False)
    waiting.failed("order_1", NOW, dispute=False)
    assert waiting.next_at == NOW + MINUTE
    assert [each.subject for each in waiting.begin(NOW + MINUTE)] == ["order_1"]
    assert waiting.next_at == NOW + 2 * MINUTE


def test_what_was_never_waited_for_may_be_done():
    waiting = rechecks()
    waiting.done("order_1")
    assert waiting.next_at is None


def test_a_dispute_whose_payment_is_unknown_waits_longer_each_time_and_comes_when_it_is_known():
    waiting, now = rechecks(), NOW
    for pause in (MINUTE, 2 * MINUTE):
        assert waiting.payment_unknown("disp_1", "pay_1", now) == NOW
        assert waiting.next_at == now + pause
        now = waiting.next_at
        waiting.begin(now)
    waiting.payment_unknown("disp_1", "pay_1", now)
    assert not waiting.payment_is_known({"pay_2"})
    assert waiting.payment_is_known({"pay_1", "pay_2"})
    waiting.wake({"pay_1", "pay_2"}, now)
    assert waiting.next_at == now


def test_a_dispute_that_cannot_be_fetched_once_its_payment_is_known_waits_like_any_other():
    waiting = rechecks()
    waiting.payment_unknown("disp_1", "pay_1", NOW)
    waiting.wake({"pay_1"}, NOW)
    assert [each.subject for each in waiting.begin(NOW)] == ["disp_1"]
    waiting.failed("disp_1", NOW, dispute=True)
    assert not waiting.payment_is_known({"pay_1"})
    assert waiting.next_at == NOW + 2 * MINUTE
    assert waiting.concern("pay_1")
    waiting.done("disp_1")
    assert not waiting.concern("pay_1")


def test_the_next_run_knows_since_when_a_payment_is_unknown():
    waiting = rechecks()
    waiting.payment_unknown("disp_1", "pay_1", NOW)
    later = rechecks(*waiting.carried_over())
    assert later.concern("pay_1")
    assert later.payment_unknown("disp_1", "pay_1", NOW + MINUTE) == NOW


def test_the_next_run_looks_into_what_was_reported_in_vain_as_late_as_the_last_one():
    reports = VainReports()
    for _ in range(5):
        reports.looked("order_1", NOW, news=False)
    reports.looked("order_2", NOW, news=True)
    later = VainReports(reports.carried_over())
    assert later.next_look("order_1", NOW) == NOW + timedelta(seconds=8)
    assert later.next_look("order_2", NOW) is None


def test_the_next_run_is_told_of_what_was_looked_at_last_and_not_of_thousands():
    reports = VainReports()
    for number in range(1000):
        reports.looked(f"order_{number}", NOW + number * MINUTE, news=False)
    told = reports.carried_over()
    assert len(told) == VainReports.carried_at_most
    assert told[-1].subject == "order_999"


async def test_a_booking_ends_though_the_order_that_it_was_to_fetch_again_has_no_row_any_more(engine):
    visit = await resumed(engine, booked().cancelled(), Recheck("order_gone", False, 1, NOW))
    async with asyncio.timeout(PATIENCE):
        assert (await visit.handle.result()).status == "cancelled"
