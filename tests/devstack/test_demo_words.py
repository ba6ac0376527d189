"""The demos speak of what their kinds know, and say clearly which booking is not as it should be."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from devstack.demo.expectations import VerificationFailed
from devstack.demo.kind import demo_of
from devstack.kinds.local_services.scenarios import SCENARIOS
from devstack.kinds.local_services.verification import verify
from kinds.local_services.domain.booking import Status
from kinds.local_services.settings import LocalServicesSettings
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from setting_types import variable

SERVICES = demo_of("local-services")


@pytest.mark.parametrize(("kind", "statuses"), [("vehicle-service", VisitStatus), ("local-services", Status)])
def test_a_demo_has_a_colour_for_each_status_of_its_kind(kind, statuses):
    assert set(demo_of(kind).wording.colours) == {str(status) for status in statuses}


def test_a_kind_without_a_demo_is_named_with_those_that_have_one():
    with pytest.raises(LookupError, match="no demo of 'boats': KIND is vehicle-service or local-services"):
        demo_of("boats")


def test_the_demo_of_services_sets_what_the_kind_reads():
    known = {variable(LocalServicesSettings, name) for name in LocalServicesSettings.model_fields}
    assert set(SERVICES.settings) - {"REVCARE_KINDS"} <= known


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_scenario_ends_with_money_out_of_nothing(scenario):
    kept = Decimal(scenario.paid) - Decimal(scenario.refunded)
    assert scenario.status in (Status.COMPLETED, Status.CANCELLED)
    assert Decimal(0) <= Decimal(scenario.payout) <= kept * Decimal("0.85")


def test_a_booking_that_ended_otherwise_is_a_clear_line():
    booking = {"id": 1001, "status": "CANCELLED", "waiting_for": None, "payment_status": "paid"}
    run = SimpleNamespace(scenario=SCENARIOS[0], booking=booking)
    with pytest.raises(VerificationFailed, match="it ended CANCELLED, not COMPLETED"):
        list(verify(None, run))  # type: ignore[arg-type]
