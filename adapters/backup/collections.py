"""The collections of one MongoDB database during a restore: staged beside the live ones, exchanged, taken back.

The live names are missing for the moment between two renames; until a restore is over the old collections are kept.
"""

from typing import Any

from pymongo.errors import CollectionInvalid

_NEW, _OLD = "restoring_new_", "restoring_old_"
_PRIMARY = "_id_"
_INDEX_OPTIONS = ("unique", "sparse", "expireAfterSeconds", "partialFilterExpression")


class Collections:
    """Names and renames in one database; each step may be repeated."""

    def __init__(self, database: Any) -> None:
        self._database = database

    async def live(self) -> list[str]:
        """Those that are in use."""
        return [name for name in await self._names() if not name.startswith(("system.", _NEW, _OLD))]

    def staged(self, name: str) -> Any:
        """The collection that is filled beside the live one."""
        return self._database[_NEW + name]

    async def create(self, name: str, indexes: list[Any]) -> None:
        """Make a staged collection with its indexes."""
        await self._make(_NEW + name)
        for key, facts in indexes:
            if key != _PRIMARY:
                options = {option: facts[option] for option in _INDEX_OPTIONS if option in facts}
                await self.staged(name).create_index([tuple(part) for part in facts["key"]], **options)

    async def forward(self) -> None:
        """Give the staged collections the live names; goes on where an earlier attempt stopped."""
        there = await self._names()
        for new in (name for name in there if name.startswith(_NEW)):
            name = new.removeprefix(_NEW)
            if _OLD + name in there:
                await self._database[name].drop()  # written between two renames of an attempt that was killed
            else:
                await self._make(name)
                await self._database[name].rename(_OLD + name)
            await self._database[new].rename(name)

    async def back(self) -> None:
        """Undo ``forward``, also half of it: the old collections get their names back, the staged ones wait again."""
        there = await self._names()
        for old in (name for name in there if name.startswith(_OLD)):
            name = old.removeprefix(_OLD)
            if name in there and _NEW + name not in there:
                await self._database[name].rename(_NEW + name)
            elif name in there:
                await self._database[name].drop()
            await self._database[old].rename(name)

    async def is_switched(self) -> bool:
        """Whether a restore has begun to change names and was neither finished nor taken back."""
        return any(name.startswith(_OLD) for name in await self._names())

    async def clear(self) -> None:
        """Drop what a restore has put aside or staged."""
        for name in await self._names():
            if name.startswith((_NEW, _OLD)):
                await self._database[name].drop()

    async def _names(self) -> list[str]:
        return sorted(await self._database.list_collection_names())

    async def _make(self, name: str) -> None:
        try:
            await self._database.create_collection(name)
        except CollectionInvalid:
            return
