"""Commands reach the update of the booking's workflow that is named like their class."""

import inspect

from temporalio import workflow

from domain.commands import ClearAttention
from kinds.vehicle_service.domain.commands import ConfirmServices
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.of_every import of_every
from workflows.booking.messages import update_name

_definition = workflow._Definition.must_from_class(VehicleServiceWorkflow)
UPDATES = {name: definition for name, definition in _definition.updates.items() if name not in (None, "open")}


def test_a_name_is_the_class_in_snake_case():
    assert update_name(ClearAttention) == "clear_attention"
    assert update_name(ConfirmServices) == "confirm_services"


@of_every(UPDATES)
def test_every_update_takes_the_command_that_is_named_like_it(name: str):
    (taken,) = UPDATES[name].arg_types
    assert inspect.isclass(taken)
    assert update_name(taken) == name
