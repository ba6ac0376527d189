"""After the show: the timelines, the addresses to look at, and who can log in."""

from collections.abc import Sequence
from typing import Any

import httpx

from devstack.demo.act import Act
from devstack.demo.calls import Json
from devstack.demo.stage import local_time, who


def timeline(act: Act) -> str:
    """One booking's whole life, a line per move."""
    booking = act.booking
    vehicle = booking["vehicle"]
    head = f"booking {booking['id']}, {act.story.name}: {act.story.about}"
    owner = f"{booking['customer']['name']}, {vehicle['manufacturer']} {vehicle['model']}"
    lines = [f"{head}\n  {owner} ({vehicle['registration_number']})"]
    for entry in booking["timeline"]:
        note = f"  {entry['note']}" if entry["note"] else ""
        when = local_time(entry["at"])
        move = f"{entry['version']:>4}  {when}  {entry['status']:<17}{entry['action']:<19}{who(entry):<16}{note}"
        lines.append(move.rstrip())
    return "\n".join(lines)


def addresses(info: Json, acts: Sequence[Act]) -> str:
    """Where to look, with one booking as the example."""
    act = next((act for act in acts if act.booking.get("invoice")), acts[0])
    places = {"API, to try out (Swagger)": f"{info['api']}/docs"}
    if info.get("temporal_ui"):
        places["Temporal UI"] = f"{info['temporal_ui']}/namespaces/{info['temporal_namespace']}/workflows"
        if act.booking:
            places[f"  booking {act.journey.id} there"] = workflow_page(info, act.journey.id)
    places["mails"] = str(info["mail"]["api"])
    if act.booking:
        places[f"booking {act.journey.id} (log in first)"] = f"{info['api']}/bookings/{act.journey.id}"
    if act.booking.get("invoice"):
        places["  its invoice"] = f"{info['api']}{act.booking['invoice']['url']}"
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


def logins(people: Json, act: Act) -> str:
    """One of each role: phone and password, as the login wants them."""
    customer = act.journey.customer.card
    rows = (("admin", people["admin"]), ("mechanic", people["mechanics"][0]), ("customer", customer))
    return "\n".join(
        f"  {role:<9} {person['name']:<16} phone {person['phone']}   password {person['password']}"
        for role, person in rows
    )
