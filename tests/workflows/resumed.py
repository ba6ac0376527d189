"""A booking whose workflow begins in the middle: in a state that the rules alone have made."""

import itertools
import re

from pydantic import TypeAdapter

from domain.billing.provider import CURRENCY, ProviderOrder, ProviderPayment
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.kinds.vehicle_service.people import ASHA
from tests.workflows.engine import Engine
from tests.workflows.visit import Visit
from workflows.booking.messages import Start
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
    visit = Visit(engine, booking)
    await engine.client.start_workflow(
        VehicleServiceWorkflow.run,
        Start(booking, ASHA, rechecks=rechecks),
        id=visit.handle.id,
        task_queue=visit.queue,
    )
    return visit


def _renumbered(booking: VisitBooking, number: int) -> VisitBooking:
    """All ids are those of this number, those of the provider as well."""
    text = re.sub(rf"\b{booking.id}(\d{{3}})?\b", rf"{number}\1", _STATE.dump_json(booking).decode())
    return _STATE.validate_json(re.sub(r'"(order|pay|rfnd)_(\w+)"(?!:)', rf'"\1_{number}_\2"', text))
