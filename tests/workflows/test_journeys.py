"""Whole visits, from the phone call to the car back at home."""

from domain.kinds.vehicle_service.booking import Method, PickupType


async def test_an_online_visit_ends_delivered_paid_and_invoiced(opened):
    visit = await opened()
    await visit.estimate_ready()
    await visit.paid_online()
    await visit.work_done()
    await visit.drop_assigned()
    await visit.brought_home()
    assert (await visit.closes()).status == "delivered"
    print(visit.mails, visit.actions)
