"""Who sees what of a booking of a local service, found by looking at it as each of them in every situation."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from domain.billing.provider import ProviderDispute
from domain.commands import RecordDispute
from domain.kind import ViewContext
from domain.people import Actor, Person
from domain.views import detail
from kinds.local_services.domain import commands
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.parts import Outcome
from tests.kinds.local_services.bookings import ADMIN, ASHA, DAY, HOUR, RAVI, START, Request
from tests.kinds.vehicle_service.refresh_pages import OTHER_KINDS
from tests.kinds.vehicle_service.visibility import table

HEAD = f"""{OTHER_KINDS}a local service

Written by `python -m tests.kinds.local_services.refresh_pages`, as above: a booking is looked at in every sort of
situation by its requester, its provider and an admin. Until it is paid the provider reads of the address its rounded
place, of the requester one letter of the last name, and no phone; 30 days after the end both know each other as little
again. Lists tell either party the same. Strangers find no such booking.

What is left out is decided in `kinds/local_services/domain/views/detail.py` (`view`, `HIDDEN_NOTES`),
`kinds/local_services/domain/views/parties.py` and `kinds/local_services/domain/views/parts.py`.

"""
BY_HAND = "\n## What an admin reads of it in the Temporal UI\n"
"""From here on the page is written by people."""

PEOPLE = {
    ASHA.id: Person(ASHA.id, "Asha Rao", "+919876543210"),
    RAVI.id: Person(RAVI.id, "Ravi Kumar", "+919812345678"),
}
VIEWERS: dict[str, Actor] = {"requester": ASHA, "provider": RAVI, "admin": ADMIN}


def page() -> str:
    """What stands in the page of who sees what about this kind."""
    looks = ({name: _seen(request, viewer) for name, viewer in VIEWERS.items()} for request in _situations())
    return HEAD + table(looks, tuple(VIEWERS))


def _seen(request: Request, viewer: Actor) -> dict[str, Any]:
    return detail(LOCAL_SERVICES, request.booking, viewer, ViewContext("rzp_key", PEOPLE))


def _situations() -> Iterator[Request]:
    bad = commands.Dispute(ASHA, "bad-work", "the kitchen was not done", ("/uploads/kitchen.webp",))
    yield Request()
    yield Request().asks(commands.Offer(RAVI, total=150_000, note="windows too"))
    yield Request().accepted()
    yield Request().paid().paid_out()
    yield Request().begun()
    yield Request().completed()
    yield Request().completed().asks(bad)
    yield Request().completed().asks(bad).asks(commands.DecideDispute(ADMIN, Outcome.REFUND_PART, 50_000)).settled()
    yield Request().completed().asks(commands.Confirm(ASHA)).asks(commands.Review(ASHA, 5, "good")).settled()
    yield Request().paid().when(START - HOUR).asks(commands.Cancel(ASHA, reason="ill"), timedelta(0)).settled()
    yield Request().paid().when(START + DAY).asks(commands.Cancel(RAVI, no_show=True, arrived=True))
    bank = ProviderDispute("disp_1", "pay_1", 135_000, 135_000, "lost", "chargeback", None, None)
    yield Request().completed().asks(RecordDispute(bank))
