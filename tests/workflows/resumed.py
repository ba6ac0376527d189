"""A booking whose workflow begins in the middle: in a state that the rules alone have made."""

import itertools
import re

from pydantic import TypeAdapter

from domain.billing.provider import CURRENCY, ProviderOrder, ProviderPayment
from kinds.vehicle_service.domain.visit import VisitBooking
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.workflows.engine import Engine
from tests.workflows.prepared import begun
from tests.workflows.visit import Visit
from workflows.booking.rechecks import Recheck

_NUMBERS = itertools.count(5001)
_STATE = TypeAdapter(VisitBooking)


async def resumed(engine: Engine, builder: BookingBuilder, *rechecks: Recheck) -> Visit:
    """The workflow of that booking under a number of its own, with its orders and payments at the provider.

    ``rechecks``: what an earlier run could not fetch.
    """
    booking = _renumbered(builder.booking, next(_NUMBERS))
    engine.store.write(booking)
    for row in booking.payments:
        if row.order_id is not None:
            status = "paid" if row.payment_id else "created"
            engine.gateway.orders[row.order_id] = ProviderOrder(row.order_id, row.amount, CURRENCY, status, None)
        if row.payment_id is not None:
            engine.gateway.payments[row.payment_id] = ProviderPayment(
                row.payment_id, row.order_id, row.amount, CURRENCY, "captured", True, 0, "upi", None, 1
            )
    return await begun(Visit(engine, booking), booking, rechecks=rechecks)


def _renumbered(booking: VisitBooking, number: int) -> VisitBooking:
    """All ids are those of this number, those of the provider as well."""
    text = re.sub(rf"\b{booking.id}(\d{{3}})?\b", rf"{number}\1", _STATE.dump_json(booking).decode())
    return _STATE.validate_json(re.sub(r'"(order|pay|rfnd)_(\w+)"(?!:)', rf'"\1_{number}_\2"', text))
