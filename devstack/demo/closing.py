"""The end of the demo: the timelines, the addresses to open, and the logins."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from devstack.demo.calls import Json
from devstack.demo.display import local_time, who
from devstack.demo.kind import Wording
from devstack.demo.run import Run


def timeline(run: Run, wording: Wording) -> str:
    """One booking's timeline, a line per transition."""
    booking = run.booking
    head = f"booking {booking['id']}, {run.scenario.name}: {run.scenario.about}"
    lines = [f"{head}\n  {wording.described(booking)}"]
    for entry in booking["timeline"]:
        note = f"  {entry['note']}" if entry["note"] else ""
        when = local_time(entry["at"])
        move = f"{entry['version']:>4}  {when}  {entry['status']:<17}{entry['action']:<19}{who(entry):<16}{note}"
        lines.append(move.rstrip())
    return "\n".join(lines)


def addresses(places: Mapping[str, str]) -> str:
    """Where to look."""
    return "\n".join(f"  {what:<29} {where}" for what, where in places.items())


def workflow_page(info: Json, name: str) -> str:
    """The page of a workflow by its id; its newest run is asked of the UI itself."""
    place = f"namespaces/{info['temporal_namespace']}/workflows"
    address = f"{info['temporal_ui']}/{place}/{name}"
    try:
        answer = httpx.get(f"{info['temporal_ui']}/api/v1/{place}/{name}", timeout=5, trust_env=False)
        found: Any = answer.json()
        return f"{address}/{found['workflowExecutionInfo']['execution']['runId']}/history"
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return address


def logins(people: Sequence[tuple[str, Json]]) -> str:
    """Phone and password, as the login wants them."""
    return "\n".join(
        f"  {role:<9} {person['name']:<16} phone {person['phone']}   password {person['password']}"
        for role, person in people
    )
