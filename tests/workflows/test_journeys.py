"""Whole visits, from the phone call to the car back at home."""

from collections import Counter

import pytest

from domain.billing.provider import PaymentStatus, RefundStatus
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.visit import VisitBooking
from tests.kinds.vehicle_service.people import BRAKES, FILTER, LATA, OIL, RAVI
from tests.workflows.paths import EVERY_PATH

BY_HAND = {"refunded_by_hand": 11800}
"""What staff gave away in the dashboard beyond what we owed: there the fee, with its GST."""
BY_THE_BANK = {"disputed_and_lost": 11800, "disputed_before_it_was_known": 100_000}
"""What the bank took beyond what we owed; it is invoiced all the same."""


def money_kept(booking: VisitBooking) -> int:
    """What stays with us: what came in without what went back or was taken."""
    came = sum(payment.amount for payment in booking.payments if payment.status is PaymentStatus.SUCCESS)
    went = sum(refund.amount for refund in booking.refunds if refund.status is RefundStatus.PROCESSED)
    return came - went - sum(dispute.amount_deducted for dispute in booking.disputes)


@pytest.mark.parametrize("path", EVERY_PATH)
async def test_every_path_ends_with_a_timeline_without_gaps_and_nothing_left_to_do(walked, path):
    visit = await walked(path)
    ack = await visit.closes()
    booking = visit.booking
    assert visit.versions == list(range(1, booking.version + 1))
    assert (ack.status, ack.version) == (booking.status, booking.version)
    assert booking.closed_at is not None
    assert not booking.with_us
    assert booking.active() is None


@pytest.mark.parametrize("path", EVERY_PATH)
async def test_every_path_sends_each_mail_once_and_numbers_a_kind_from_one(walked, path):
    visit = await walked(path)
    mails = visit.engine.post.of(visit.id)
    assert max(Counter((mail.slug, mail.sequence) for mail in mails).values()) == 1
    for kind, count in Counter(mail.slug for mail in mails).items():
        assert {mail.sequence for mail in mails if mail.slug == kind} == set(range(1, count + 1))
    assert (await visit.mailed()).count("booking-confirmation") == 1


@pytest.mark.parametrize("path", EVERY_PATH)
async def test_every_path_keeps_exactly_the_money_that_the_visit_costs_and_invoices_it(walked, path):
    booking = (await walked(path)).booking
    given_away = BY_HAND.get(path, 0)
    assert money_kept(booking) == totals(booking).total - given_away - BY_THE_BANK.get(path, 0)
    billed = sum(invoice.total for invoice in booking.invoices) - sum(note.amount for note in booking.credit_notes)
    assert billed == totals(booking).total - given_away


async def test_an_online_visit_tells_its_customer_of_every_step(walked):
    visit = await walked("online")
    assert visit.booking.status == "delivered"
    assert Counter(await visit.mailed()) == Counter(
        {
            "booking-confirmation": 1,
            "pickup-scheduled": 1,
            "vehicle-received": 1,
            "estimate-ready": 1,
            "payment-received": 1,
            "invoice": 1,
            "progress-update": 1,
            "completed": 1,
            "out-for-delivery": 1,
            "delivered": 1,
        }
    )


async def test_money_paid_online_is_captured_at_the_provider(walked):
    visit = await walked("online")
    [payment] = visit.booking.payments
    assert visit.engine.gateway.payments[payment.payment_id].captured
    assert (payment.amount, payment.method) == (295000, "online")


async def test_cash_is_collected_on_site_before_the_keys_change_hands(walked):
    actions = (await walked("cash")).actions
    assert actions[-4:-2] == ["open-collection", "verify-cod"]
    assert sorted(actions[-2:]) == ["issue-invoice", "submit-progress"]  # the document is made beside the last step


async def test_a_walk_in_is_received_and_handed_over_at_the_workshop_without_a_driver(walked):
    visit = await walked("walk_in")
    assert visit.actions[:2] == ["book", "receive"]
    assert "hand-over" in visit.actions
    assert {job.job for job in visit.booking.assignments} == {"analysis", "service"}


async def test_a_declined_line_is_not_charged_and_a_recommended_one_is(walked):
    booking = (await walked("declined_recommended")).booking
    assert {line.service_id: line.state for line in booking.lines} == {BRAKES: "done", OIL: "declined", FILTER: "done"}
    assert booking.invoices[0].total == (165000 + 60000) * 118 // 100


async def test_what_was_sent_back_is_done_again_and_the_corrected_prices_count(walked):
    visit = await walked("sent_back")
    assert [visit.actions.count(f"send-back-{what}") for what in ("progress", "analysis")] == [2, 1]
    assert visit.booking.invoices[0].total == (160000 + 80000) * 118 // 100
    mails = await visit.mailed()
    assert mails.count("vehicle-received") == mails.count("estimate-ready") == 1


async def test_a_replaced_mechanic_is_released_and_the_points_go_to_those_who_did_the_work(walked):
    booking = (await walked("reassigned")).booking
    assert [job.mechanic for job in booking.assignments if job.replaced] == [RAVI, LATA, RAVI]
    assert {award.what: award.mechanic_id for award in booking.awards} == {
        "pickup": "MEC000040",
        "analysis": "MEC000040",
        f"service {OIL}": "MEC000037",
        f"service {BRAKES}": "MEC000036",
        "drop": "MEC000040",
    }


async def test_a_moved_visit_holds_its_new_slots_and_needs_a_mechanic_again(walked):
    visit = await walked("rescheduled")
    assert visit.actions.count("reschedule") == 2
    assert (await visit.mailed()).count("pickup-scheduled") == 2
    assert visit.booking.pickup.timeslot.name == "Evening"
