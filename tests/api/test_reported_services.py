"""Which services a report may name: those of its booking, whatever leg it speaks of."""

from tests.api.visits import Visits

UNKNOWN = 987_654_321


def test_a_report_of_a_pickup_names_services_of_the_booking_only(visits: Visits):
    _, booking = visits.booked()
    mechanic, service = visits.shop.assign(booking, "pickup"), booking["services"][0]["service_id"]
    report = {"booking_id": booking["id"], "notes": "fetched"}
    for wrong in ({"completed_service_ids": [service, UNKNOWN]}, {"service_id": UNKNOWN}):
        answer = mechanic.send("POST", "/bookings/mechanic/progress", json={**report, **wrong})
        assert (answer.status_code, answer.json()["service_id"]) == (400, UNKNOWN)
    beside = mechanic.send("POST", "/bookings/mechanic/progress", json={**report, "description": {"$gt": ""}})
    assert beside.status_code == 422
    assert "notes and description are one field" in beside.json()["detail"]
    sent = mechanic.post("/bookings/mechanic/progress", {**report, "completed_service_ids": [service]})
    assert sent["service_ids"] == [service]
    change = {"completed_service_ids": [UNKNOWN]}
    answer = visits.shop.admin.send("PUT", f"/bookings/admin/progress/{sent['id']}", json=change)
    assert (answer.status_code, answer.json()["service_id"]) == (400, UNKNOWN)
