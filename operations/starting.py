"""What a command of operators begins with: settings that were judged, the kinds, the way to their rows."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import kinds
import settings as configuration
import startup
from adapters.postgres.database import Database, Pools
from adapters.postgres.kind import distinct
from adapters.postgres.kind_operations import Operations
from adapters.postgres.refusals import why_not
from domain.errors import Unavailable
from kind_settings import settings_by_kind
from production import Part
from settings import Settings

T = TypeVar("T")


def judged(part: Part = Part.OPERATIONS, kinds_asked: Iterable[str] = ()) -> Settings:
    """The settings of this process; ``kinds_asked`` are named as in settings ("vehicle-service").

    Raises:
        Refused: a setting that this part needs is missing, or one is not as it must be.
    """
    settings, unreadable = startup.read()
    names = [name.replace("-", "_") for name in kinds_asked]
    startup.judge(settings, part, kinds=names, unreadable=unreadable)
    return configuration.load()


def packages_of(settings: Settings) -> dict[str, str]:
    """The package of each installed kind, by the kind's name.

    Raises:
        LookupError: one of them is not there.
    """
    packages = settings.process.kinds or kinds.INSTALLED
    return {kinds.load_storage(package).kind.name: package for package in packages}


def not_installed(settings: Settings) -> list[str]:
    """The names of the kinds that the product has and this shop does not ask for."""
    packages = settings.process.kinds or kinds.INSTALLED
    return [package.rpartition(".")[2] for package in kinds.SHIPPED if package not in packages]


def operations_of(settings: Settings) -> list[Operations]:
    """What each installed kind brings.

    Raises:
        LookupError: one of them is not there.
        ValueError: two of them cannot stand side by side.
    """
    packages = settings.process.kinds or kinds.INSTALLED
    found: list[Operations] = [kinds.load_layer(package, "operations") for package in packages]
    distinct([each.storage for each in found])
    return found


def with_pools(settings: Settings, use: Callable[[Pools, list[Operations]], Awaitable[T]]) -> T:
    """What ``use`` answers with the rows of all kinds.

    Raises:
        Unavailable: PostgreSQL is away, does not let us in, or is not migrated.
    """

    async def run() -> T:
        pools = Pools(settings.stores)
        try:
            return await use(pools, operations_of(settings))
        except Exception as fault:
            if (said := why_not(fault)) is None:
                raise
            raise Unavailable(said) from None
        finally:
            await pools.close()

    return asyncio.run(run())


def with_kind(settings: Settings, name: str, use: Callable[[Database, Operations, Settings], Awaitable[T]]) -> T:
    """What ``use`` answers with the rows and the settings of one kind, named as in settings ("vehicle-service").

    Raises:
        LookupError: there is no such kind.
    """

    async def in_its_schema(pools: Pools, every: list[Operations]) -> T:
        by_name = {each.kind.name.replace("_", "-"): each for each in every}
        if name not in by_name:
            raise LookupError(f"no kind {name} is installed, only {', '.join(by_name)}")
        kind = by_name[name]
        own = settings_by_kind([kind.kind.name], settings)[kind.kind.name]
        return await use(pools.of(kind.storage.schema), kind, own)

    return with_pools(settings, in_its_schema)
