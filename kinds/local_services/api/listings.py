"""Listings as they are found, added and changed, each change with its entry in the log of what was done."""

from typing import Any

from fastapi.exceptions import RequestValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.dependencies import CurrentUser
from domain.kind import Json
from kinds.local_services.api.schemas.listings import ListingChange, NewListing
from kinds.local_services.domain.listings import pricing_fault
from kinds.local_services.domain.parts import PricingUnit
from kinds.local_services.domain.roles import Role
from kinds.local_services.postgres import listings as rows
from kinds.local_services.postgres.audit import record

_LISTING = "listing"


def must_be_theirs(person: CurrentUser) -> str | None:
    """Whose listings a person may write: their own; None: anybody's, as admins may."""
    return None if person.role == Role.ADMIN else person.id


async def add(connection: AsyncConnection, person: CurrentUser, body: NewListing) -> Json:
    """A listing of the person, or, for an admin, of the provider that the body names; as it reads."""
    owner = must_be_theirs(person) or body.provider_id
    if owner is None:
        raise _refused("provider_id", "Field required: whose listing is it?")
    row = _numbered({**body.columns(), "provider_id": owner}, [])
    number = await rows.add_listing(connection, Role.PROVIDER, row)
    await record(connection, person.id, "listing-create", _LISTING, number, provider_id=owner, title=body.title)
    return await rows.listing_seen(connection, number, person.id, everything=True)


async def change(connection: AsyncConnection, person: CurrentUser, listing_id: int, body: ListingChange) -> Json:
    """The listing as it reads afterwards."""
    before = await rows.hold_listing(connection, listing_id, must_be_theirs(person))
    row = _numbered(_priced(before, body.columns()), before["pricing_options"])
    differs = {name: value for name, value in row.items() if value != before[name]}
    await rows.change_listing(connection, listing_id, differs)
    if differs:
        facts = {name: [_plain(before[name]), _plain(value)] for name, value in differs.items()}
        await record(connection, person.id, "listing-change", _LISTING, listing_id, **facts)
    return await rows.listing_seen(connection, listing_id, person.id, everything=True)


async def hide(connection: AsyncConnection, person: CurrentUser, listing_id: int) -> None:
    """Hide a listing for good."""
    before = await rows.hold_listing(connection, listing_id, must_be_theirs(person))
    await rows.hide_listing(connection, listing_id)
    await record(connection, person.id, "listing-hide", _LISTING, listing_id, title=before["title"])


def _priced(before: Json, row: Json) -> Json:
    """The columns that change, with those that another unit leaves empty.

    Raises:
        RequestValidationError: unit, price and least time would not go together.
    """
    if (unit := row.get("pricing_unit", before["pricing_unit"])) != before["pricing_unit"]:
        cleared: Json = {"base_price": None} if unit == PricingUnit.QUOTE else {}
        row = {**cleared, **({} if unit == PricingUnit.HOUR else {"min_hours": None}), **row}
    after = {**before, **row}
    if fault := pricing_fault(after["pricing_unit"], after["base_price"], after["min_hours"]):
        name, _, words = fault.partition(": ")
        raise _refused(name, words)
    return row


def _numbered(row: Json, known: list[Json]) -> Json:
    """The columns, new options with numbers that none of this listing has had."""
    if (options := row.get("pricing_options")) is None:
        return row
    last = max([each["id"] or 0 for each in (*options, *known)], default=0)
    numbered = []
    for each in options:
        last += each["id"] is None
        numbered.append({**each, "id": each["id"] or last})
    return {**row, "pricing_options": numbered}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | list) else str(value)


def _refused(name: str, words: str) -> RequestValidationError:
    return RequestValidationError([{"type": "value_error", "loc": ("body", name), "msg": words, "input": None}])
