"""The doors of reference tables: who adds, changes and removes their rows. The same three routes for each."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from adapters.postgres import masters
from adapters.postgres.masters import Master
from api.answers import done, reply
from api.dependencies import Writer, requires
from api.schemas.answers import Answer, Message
from api.schemas.booking_fields import LARGEST_ID, Body

RowIdInPath = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference table at its path; ``resource`` is that of its scopes."""

    path: str
    resource: str
    master: Master
    new: type[Body]
    change: type[Body]
    answer: type[Answer]

    def name(self, deed: str) -> str:
        """The name of a route, which generated clients see: "add_car_class"."""
        return f"{deed}_{self.master.what.replace(' ', '_')}"


def given(body: Body) -> dict[str, Any]:
    """The fields that were sent, by their own names."""
    return {name: getattr(body, name) for name in body.model_fields_set}


def admit(router: APIRouter, door: Reference) -> None:
    """POST, PUT and DELETE."""

    # The annotations are values here: each table has bodies of its own.
    async def add(connection: Writer, body: door.new) -> Response:  # type: ignore[name-defined]
        return reply(await masters.add(connection, door.master, given(body)), 201)

    router.add_api_route(
        door.path,
        add,
        methods=["POST"],
        status_code=201,
        response_model=door.answer,
        name=door.name("add"),
        summary=f"Add a {door.master.what}",
        dependencies=[requires(f"WRITE:{door.resource}")],
    )
    admit_changes(router, door)


def admit_changes(router: APIRouter, door: Reference) -> None:
    """PUT and DELETE."""

    async def change(connection: Writer, row_id: RowIdInPath, body: door.change) -> Response:  # type: ignore[name-defined]
        return reply(await masters.change(connection, door.master, row_id, given(body)))

    async def remove(connection: Writer, row_id: RowIdInPath) -> Response:
        await masters.remove(connection, door.master, row_id)
        return done(f"the {door.master.what} was removed")

    router.add_api_route(
        f"{door.path}/{{row_id}}",
        change,
        methods=["PUT"],
        response_model=door.answer,
        name=door.name("change"),
        summary=f"Change a {door.master.what}; bookings keep what they were made with",
        dependencies=[requires(f"UPDATE:{door.resource}")],
    )
    router.add_api_route(
        f"{door.path}/{{row_id}}",
        remove,
        methods=["DELETE"],
        response_model=Message,
        name=door.name("remove"),
        summary=f"Remove a {door.master.what} that nothing uses",
        dependencies=[requires(f"DELETE:{door.resource}")],
    )
