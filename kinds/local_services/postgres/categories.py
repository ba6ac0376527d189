"""Categories of listings, as a reference table; each change is in the log of what was done."""

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres import reference_tables
from adapters.postgres.reference_tables import ReferenceTable
from adapters.postgres.statements import one
from domain.kind import Json
from kinds.local_services.postgres.audit import record

_ROWS = "SELECT id, name, description, icon, sac, platform_pays_gst FROM categories"
CATEGORIES = ReferenceTable(
    name="categories",
    what="category",
    rows=_ROWS,
    nullable=frozenset({"icon"}),
    instead="its listings need another one",
)
_ONE = f"{_ROWS} WHERE id = :id"
_CATEGORY = "category"


async def add(connection: AsyncConnection, actor: str, row: Json) -> Json:
    """A new category, as it reads."""
    made = await reference_tables.add(connection, CATEGORIES, row)
    await record(connection, actor, "category-create", _CATEGORY, made["id"], name=made["name"])
    return made


async def change(connection: AsyncConnection, actor: str, number: int, row: Json) -> Json:
    """The category as it reads afterwards."""
    before = await one(connection, _ONE, id=number) or {}
    made = await reference_tables.change(connection, CATEGORIES, number, row)
    differs = {name: [before[name], made[name]] for name in made if made[name] != before[name]}
    if differs:
        await record(connection, actor, "category-change", _CATEGORY, number, **differs)
    return made


async def remove(connection: AsyncConnection, actor: str, number: int) -> None:
    """A category that no listing has goes."""
    before = await one(connection, _ONE, id=number) or {}
    await reference_tables.remove(connection, CATEGORIES, number)
    await record(connection, actor, "category-delete", _CATEGORY, number, name=before["name"])
