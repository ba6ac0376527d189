from domain.decide import decide
from domain.errors import BookingError
from kinds.vehicle_service.domain.allowed_actions import allowed_actions
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.lifecycle import Action
from kinds.vehicle_service.domain.roles import Role
from tests.kinds.vehicle_service.bookings import analysed, booked, delivered, estimate_ready, out_for_delivery
from tests.kinds.vehicle_service.situations import CASH, SITUATIONS
from tests.kinds.vehicle_service.typical_commands import typical_command
from tests.of_every import of_every

PEOPLE = (Role.CUSTOMER, Role.MECHANIC, Role.ADMIN)


@of_every(SITUATIONS, PEOPLE)
def test_what_is_listed_is_granted_and_what_is_granted_is_listed(situation, role):
    builder = SITUATIONS[situation]()
    listed = set(allowed_actions(builder.booking, role))
    granted = set()
    for action in set(Action) - {Action.BOOK}:
        try:
            after = decide(
                VEHICLE_SERVICE,
                builder.booking,
                typical_command(action, builder.booking, role),
                builder.now,
            )
        except BookingError:
            continue
        # Some requests are one verb with two names: a desk's report receives, reports or hands over.
        granted.add(after.event.action)
    assert granted == listed


@of_every(SITUATIONS)
def test_nobody_is_offered_what_only_the_engine_does(situation):
    booking = SITUATIONS[situation]().booking
    assert allowed_actions(booking, Role.SYSTEM) == ()
    for role in PEOPLE:
        assert not {"pay", "payment-failed", "expire", "alert", "refund", "return-money", "issue-invoice"} & set(
            allowed_actions(booking, role)
        )


def test_the_customer_of_a_ready_estimate_may_decide():
    assert set(allowed_actions(estimate_ready().booking, Role.CUSTOMER)) == {
        "confirm-services",
        "choose-cash",
        "reschedule",
        "cancel",
    }
    assert set(allowed_actions(analysed().booking, Role.CUSTOMER)) == {"reschedule", "cancel"}


def test_the_mechanic_on_site_collects_before_handing_over():
    builder = out_for_delivery(CASH)
    assert set(allowed_actions(builder.booking, Role.MECHANIC)) == {"verify-cod", "open-collection", "refuse-payment"}
    assert set(allowed_actions(builder.cash_verified().booking, Role.MECHANIC)) == {"submit-progress"}


def test_a_mechanic_without_a_job_may_do_nothing():
    assert allowed_actions(booked().booking, Role.MECHANIC) == ()


def test_a_closed_booking_is_for_nobody_to_change():
    booking = delivered().documents_issued().booking
    assert all(allowed_actions(booking, role) == () for role in Role)
