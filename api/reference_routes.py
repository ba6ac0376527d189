"""The routes of reference tables: who adds, changes and removes their rows. The same three routes for each."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from adapters.postgres import reference_tables
from adapters.postgres.reference_tables import ReferenceTable
from api.dependencies import WriteTransaction, requires
from api.responses import done, reply
from api.schemas.answers import Answer, Message
from api.schemas.fields import LARGEST_ID, Body

RowIdInPath = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference table at its path; ``resource`` is that of its scopes."""

    path: str
    resource: str
    master: ReferenceTable
    new: type[Body]
    change: type[Body]
    answer: type[Answer]

    def name(self, action: str) -> str:
        """The name of a route, which generated clients see: "add_area"."""
        return f"{action}_{self.master.what.replace(' ', '_')}"


def given(body: Body) -> dict[str, Any]:
    """The fields that were sent, by their own names."""
    return {name: getattr(body, name) for name in body.model_fields_set}


def register(router: APIRouter, reference: Reference) -> None:
    """POST, PUT and DELETE."""

    # The annotations are values here: each table has bodies of its own.
    async def add(connection: WriteTransaction, body: reference.new) -> Response:  # type: ignore[name-defined]
        return reply(await reference_tables.add(connection, reference.master, given(body)), 201)

    router.add_api_route(
        reference.path,
        add,
        methods=["POST"],
        status_code=201,
        response_model=reference.answer,
        name=reference.name("add"),
        summary=f"Add a {reference.master.what}",
        dependencies=[requires(f"WRITE:{reference.resource}")],
    )
    register_changes(router, reference)


def register_changes(router: APIRouter, reference: Reference) -> None:
    """PUT and DELETE."""

    async def change(connection: WriteTransaction, row_id: RowIdInPath, body: reference.change) -> Response:  # type: ignore[name-defined]
        return reply(await reference_tables.change(connection, reference.master, row_id, given(body)))

    async def remove(connection: WriteTransaction, row_id: RowIdInPath) -> Response:
        await reference_tables.remove(connection, reference.master, row_id)
        return done(f"the {reference.master.what} was removed")

    router.add_api_route(
        f"{reference.path}/{{row_id}}",
        change,
        methods=["PUT"],
        response_model=reference.answer,
        name=reference.name("change"),
        summary=f"Change a {reference.master.what}; bookings keep what they were made with",
        dependencies=[requires(f"UPDATE:{reference.resource}")],
    )
    router.add_api_route(
        f"{reference.path}/{{row_id}}",
        remove,
        methods=["DELETE"],
        response_model=Message,
        name=reference.name("remove"),
        summary=f"Remove a {reference.master.what} that nothing uses",
        dependencies=[requires(f"DELETE:{reference.resource}")],
    )
