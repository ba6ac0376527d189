"""The end of the demo: the timelines, the addresses to open, and the logins."""

from collections.abc import Sequence
from typing import Any

import httpx

from devstack.demo.calls import Json
from devstack.demo.display import local_time, who
from devstack.demo.run import ScenarioRun


def timeline(run: ScenarioRun) -> str:
    """One booking's timeline, a line per transition."""
    booking = run.booking
    vehicle = booking["vehicle"]
    head = f"booking {booking['id']}, {run.scenario.name}: {run.scenario.about}"
    owner = f"{booking['customer']['name']}, {vehicle['manufacturer']} {vehicle['model']}"
    lines = [f"{head}\n  {owner} ({vehicle['registration_number']})"]
    for entry in booking["timeline"]:
        note = f"  {entry['note']}" if entry["note"] else ""
        when = local_time(entry["at"])
        move = f"{entry['version']:>4}  {when}  {entry['status']:<17}{entry['action']:<19}{who(entry):<16}{note}"
        lines.append(move.rstrip())
    return "\n".join(lines)


def addresses(info: Json, runs: Sequence[ScenarioRun]) -> str:
    """Where to look, with one booking as the example."""
    run = next((run for run in runs if run.booking.get("invoice")), runs[0])
    places = {"API, to try out (Swagger)": f"{info['api']}/docs"}
    if info.get("temporal_ui"):
        places["Temporal UI"] = f"{info['temporal_ui']}/namespaces/{info['temporal_namespace']}/workflows"
        if run.booking:
            places[f"  booking {run.journey.id} there"] = workflow_page(info, run.journey.id)
    places["mails"] = str(info["mail"]["api"])
    if run.booking:
        places[f"booking {run.journey.id} (log in first)"] = f"{info['api']}/bookings/{run.journey.id}"
    if run.booking.get("invoice"):
        places["  its invoice"] = f"{info['api']}{run.booking['invoice']['url']}"
    return "\n".join(f"  {what:<29} {where}" for what, where in places.items())


def workflow_page(info: Json, booking_id: int) -> str:
    """The page of a booking's workflow; its newest run is asked of the UI itself."""
    name, place = f"vehicle_service-{booking_id}", f"namespaces/{info['temporal_namespace']}/workflows"
    address = f"{info['temporal_ui']}/{place}/{name}"
    try:
        answer = httpx.get(f"{info['temporal_ui']}/api/v1/{place}/{name}", timeout=5, trust_env=False)
        found: Any = answer.json()
        return f"{address}/{found['workflowExecutionInfo']['execution']['runId']}/history"
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return address


def logins(people: Json, run: ScenarioRun) -> str:
    """One of each role: phone and password, as the login wants them."""
    customer = run.journey.customer.card
    rows = (("admin", people["admin"]), ("mechanic", people["mechanics"][0]), ("customer", customer))
    return "\n".join(
        f"  {role:<9} {person['name']:<16} phone {person['phone']}   password {person['password']}"
        for role, person in rows
    )
