"""A booking as it arrives in somebody's browser."""

import json
from typing import Any

from domain.billing.views import when
from domain.kind import ViewContext
from domain.people import Actor
from domain.views import detail
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.kinds.vehicle_service.people import ADMIN, PEOPLE

CONTEXT = ViewContext("rzp_test_1", PEOPLE)


def seen(builder: BookingBuilder, viewer: Actor = ADMIN) -> dict[str, Any]:
    """The booking of a builder with its timeline, as JSON brings it to that viewer."""
    entries = [
        {
            "version": event.version,
            "status": str(event.status),
            "action": str(event.action),
            "by": {"role": str(event.by.role), "id": event.by.id, "name": CONTEXT.person(event.by.id).name},
            "at": when(event.at),
            "note": event.note,
        }
        for event in builder.timeline
    ]
    shown: dict[str, Any] = json.loads(json.dumps(detail(VEHICLE_SERVICE, builder.booking, viewer, CONTEXT, entries)))
    return shown
