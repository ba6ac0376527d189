import json

import pytest
from pydantic import TypeAdapter

from domain.billing.records import Method
from domain.children import booking_of
from domain.decide import ENGINE_RULES
from domain.emails import booking_emails, deadline_email
from kinds.vehicle_service.domain.emails import BookingEmailSlug
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.lifecycle import Action
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.rules import RULES
from kinds.vehicle_service.domain.visit import VisitBooking
from tests.kinds.vehicle_service.bookings import booked, estimate_ready, in_progress
from tests.kinds.vehicle_service.people import ALL_ROUNDER, BRAKES, FILTER, OIL
from tests.kinds.vehicle_service.situations import SITUATIONS
from tests.kinds.vehicle_service.typical_commands import open_an_order, typical_command
from tests.of_every import of_every

BOOKING = TypeAdapter(VisitBooking)


@of_every(SITUATIONS)
def test_a_booking_survives_the_journey_through_json(situation):
    booking = SITUATIONS[situation]().booking
    assert BOOKING.validate_json(BOOKING.dump_json(booking)) == booking


FREE = {
    "delivered, invoice owed",
    "delivered, closed",
    "cancelled at once",
    "cancelled on the way",
    "cancelled, car returned",
    "cancelled, closed",
    "cancelled, car home, refund pending",
    "walk-in delivered",
    "walk-in cancelled at once",
    "walk-in cancelled, fetched",
}


@of_every(SITUATIONS)
def test_a_vehicle_is_free_when_it_is_home_or_never_comes_whatever_becomes_of_the_money(situation):
    assert SITUATIONS[situation]().booking.vehicle_in_use == (situation not in FREE)


def test_a_booking_that_sent_mails_survives_it_too():
    builder = estimate_ready()
    booking_emails(VEHICLE_SERVICE, *builder.last_move)
    deadline_email(
        VEHICLE_SERVICE, builder.booking, BookingEmailSlug.DECISION_REMINDER, builder.booking.customer.id, builder.now
    )
    restored = BOOKING.validate_json(BOOKING.dump_json(builder.booking))
    assert restored == builder.booking
    assert restored.notice_counts == {"estimate-ready": 1, "decision-reminder": 1}


@pytest.mark.parametrize(
    "situation", ["estimate ready", "order open", "work report waits", "cancelled, refund pending"]
)
def test_every_request_survives_the_journey_through_json(situation):
    booking = SITUATIONS[situation]().booking
    requests = [typical_command(action, booking, Role.ADMIN) for action in Action if action is not Action.BOOK]
    for command in [*requests, open_an_order(booking, Role.CUSTOMER)]:
        adapter = TypeAdapter(type(command))
        assert adapter.validate_json(adapter.dump_json(command)) == command
    asked = {type(command) for command in requests}
    assert asked <= {*RULES, *ENGINE_RULES}


def longest():
    """A booking that everything happened to: sent back, moved, reassigned, paid twice, reported often."""
    builder = booked().pickup_assigned()
    for _ in range(5):
        builder.collected("a scratch on the left door " * 10).report_sent_back("please photograph the right door too")
    builder.collected().pickup_validated().analysis_assigned()
    for _ in range(5):
        builder.analysis_submitted().analysis_sent_back("the oil price is too high")
    builder.analysis_submitted().estimate_validated()
    for lines in ((OIL,), (BRAKES,), (FILTER,), (OIL, BRAKES), (OIL, BRAKES, FILTER)) * 2:
        builder.order_opened(*lines)
    builder.money_arrives().money_returned("paid twice").service_assigned(ALL_ROUNDER)
    for service in (OIL, BRAKES, FILTER):
        for _ in range(5):
            builder.work_reported(service, notes="work goes on " * 20).report_sent_back("what exactly was done?")
        builder.work_reported(service).work_validated()
    builder.drop_assigned().drop_assigned()
    return builder.brought_home().refunds_processed().documents_issued()


def test_the_longest_journey_still_fits_into_a_payload():
    builder = longest()
    assert builder.booking.status == "delivered"
    assert builder.booking.closed_at is not None
    assert builder.booking.version > 60
    size = len(BOOKING.dump_json(builder.booking))
    assert size < 64 * 1024, f"{size} bytes"


def test_the_json_of_a_booking_is_plain():
    assert json.loads(BOOKING.dump_json(in_progress(Method.OFFLINE).booking))["status"] == "in-progress"


def test_a_childs_id_tells_its_booking():
    booking = booked().pickup_assigned().booking
    assert booking_of(booking.assignments[0].id) == booking.id == 1021
