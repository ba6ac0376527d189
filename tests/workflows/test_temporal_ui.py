"""What an admin sees in the Temporal UI is the truth about the booking."""

import asyncio
from datetime import timedelta

import temporalio.api.sdk.v1

from tests.workflows.running_booking import PATIENCE
from tests.workflows.visit import Visit


async def found(visit: Visit, query: str) -> bool:
    """The list of workflows, filtered as an admin would; it follows within moments."""
    wanted = f"WorkflowId = '{visit.handle.id}' AND {query}"
    async with asyncio.timeout(PATIENCE):
        while not [run async for run in visit.engine.client.list_workflows(wanted)]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return True


async def details(visit: Visit) -> str:
    metadata = await visit.handle.query(
        "__temporal_workflow_metadata", result_type=temporalio.api.sdk.v1.WorkflowMetadata
    )
    return metadata.current_details


async def test_bookings_are_found_by_their_stage_customer_and_kind(opened):
    visit = await opened()
    assert await found(visit, "BookingStage = 'booked' AND BookingKind = 'vehicle_service'")
    await visit.pickup_assigned()
    assert await found(visit, "BookingStage = 'pickup' AND BookingMechanic = 'MEC000034'")
    assert await found(visit, "BookingCustomer = 'CST000210'")


async def test_bookings_are_found_by_what_is_due_and_by_when_something_must_happen(opened):
    visit = await opened()
    await visit.estimate_ready()
    assert await found(visit, "AmountDue = 365800 AND PaymentStatus = 'none'")
    soon = visit.booking.decision_until - timedelta(hours=24)
    assert await visit.attribute("DeadlineAt") == soon.replace(microsecond=soon.microsecond // 1000 * 1000) or soon
    assert await found(visit, f"DeadlineAt <= '{(soon + timedelta(seconds=1)).isoformat()}'")
    await visit.order_opened()
    assert await found(visit, "AmountDue = 295000 AND PaymentStatus = 'pending'")


async def test_a_cancelled_booking_whose_car_is_still_here_is_found_as_cancelled_and_running(opened):
    visit = await opened()
    await visit.received()
    await visit.cancelled()
    assert await found(visit, "BookingStage = 'cancelled' AND ExecutionStatus = 'Running'")


async def test_what_is_over_waits_for_nothing(walked):
    visit = await walked("online")
    described = await visit.handle.describe()
    shown = {pair.key.name: pair.value for pair in described.typed_search_attributes}
    assert shown["BookingStage"] == "delivered"
    assert shown["AmountDue"] == 0
    assert "DeadlineAt" not in shown
    assert "BookingMechanic" not in shown


async def test_the_details_say_what_the_booking_waits_for_and_what_happened_last(opened):
    visit = await opened()
    await visit.estimate_ready()
    text = await details(visit)
    assert "**[analysed]**" in text
    assert "Waiting for the customer to approve the estimate until" in text
    assert "then the booking is cancelled with the inspection fee and the car is brought back" in text
    assert "**validate-analysis** by admin ADM000001" in text


async def test_the_head_of_the_page_never_changes_and_names_car_and_services(opened):
    visit = await opened()
    described = await visit.handle.describe()
    assert "Hyundai i20" in await described.static_summary()
    assert "Brake pads, front" in await described.static_details()


async def test_the_view_agrees_with_the_rows(opened):
    visit = await opened()
    await visit.received()
    view = await visit.view()
    assert (view["status"], view["version"], view["kind"]) == ("received", visit.booking.version, "vehicle_service")
