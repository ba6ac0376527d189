"""What the shop takes a rest from."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer

from adapters.postgres.database import Pools
from adapters.postgres.kind_operations import Operations
from adapters.postgres.pauses import Pauses
from adapters.postgres.schemas import PUBLIC
from domain.shop_pauses import Paused
from operations.pauses import current_pauses, end_of_pause, pauses_text, reason_of_pause
from operations.starting import judged, with_pools
from settings import Settings

T = TypeVar("T")
app = typer.Typer()

What = Annotated[Paused, typer.Argument(help="new bookings, or new payments online")]
Until = Annotated[
    str | None, typer.Option(help="when it ends by itself: 2026-12-24T18:00 by the shop's clock, or 90m, 2h, 3d")
]
Reason = Annotated[str | None, typer.Option(help="what customers are told beside it")]


@app.command()
def pause(what: What, until: Until = None, reason: Reason = None) -> None:
    """Take no new bookings, or no new payments online, for a while; what is under way goes on."""
    settings = judged()
    end = end_of_pause(until, datetime.now(UTC), settings.company.shop_timezone)
    said = reason_of_pause(reason)
    _with_pauses(settings, lambda pauses: pauses.pause(what, end, said))
    _tell(settings)


@app.command()
def resume(what: Annotated[Paused | None, typer.Argument(help="without it: everything")] = None) -> None:
    """Take them again."""
    found = _with_pauses(judged(), lambda pauses: pauses.resume([what] if what else list(Paused)))
    print("\n".join(f"{each} go on" for each in found) or "nothing was paused")


@app.command()
def pauses() -> None:
    """Say what is paused, as customers are told it."""
    _tell(judged())


def _tell(settings: Settings) -> None:
    print(pauses_text(_with_pauses(settings, current_pauses), settings.company.shop_timezone))


def _with_pauses(settings: Settings, use: Callable[[Pauses], Awaitable[T]]) -> T:
    async def with_rows(pools: Pools, _kinds: list[Operations]) -> T:
        return await use(Pauses(pools.of(PUBLIC), settings.company.shop_timezone))

    return with_pools(settings, with_rows)
