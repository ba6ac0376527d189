"""The books: ledger, provider and documents."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from adapters.postgres.database import Pools
from adapters.postgres.kind_operations import Operations
from adapters.postgres.schemas import PUBLIC
from adapters.razorpay import GatewayUnavailable
from adapters.razorpay.settlements import RazorpaySettlements
from domain.books.months import month as month_of
from domain.errors import Invalid, Unavailable
from operations import reconciliation
from operations.book_files import Format
from operations.books import Bookkeeping, Made, books_text
from operations.starting import judged, with_pools
from production import Part
from settings import Razorpay

app = typer.Typer()

_PATIENCE = timedelta(minutes=30)
"""For one statement: the sums of a month are over all there is."""


class Action(StrEnum):
    """What to do about the books of a month."""

    WRITE = "write"
    CLOSE = "close"
    REOPEN = "reopen"


@app.command()
def reconcile(
    days: Annotated[float, typer.Option(help="how far back to look")] = 10,
    patience: Annotated[
        float, typer.Option(help="seconds after which a difference is looked at again, and counts if it is still there")
    ] = 30,
) -> None:
    """Compare the books with the provider now. So are documents and workflows; exit code 1 when they differ."""
    judged()
    answer = asyncio.run(reconciliation.reconcile(days, patience))
    print(reconciliation.report_text(answer))
    if answer.differences:
        raise typer.Exit(1)


@app.command()
def books(
    month: Annotated[str, typer.Option(help="as 2026-11; its days are those of REVCARE_SHOP_TIMEZONE")],
    action: Annotated[Action, typer.Argument()] = Action.WRITE,
    kind: Annotated[str | None, typer.Option(help="those of one kind alone, as REVCARE_KIND names it")] = None,
    wanted: Annotated[Format, typer.Option("--format", help="a file for each sheet, or workbooks")] = Format.CSV,
    out: Annotated[Path, typer.Option(file_okay=False, help="the folder into which they go")] = Path(),
    stored: Annotated[bool, typer.Option("--stored", help="take settlements that are known, ask no provider")] = False,
    reason: Annotated[str, typer.Option(help="why a month is reopened; it is kept")] = "",
) -> None:
    """Write, close or reopen the books of a month. Exit code 1 when a sum does not agree (docs/accounting.md)."""
    asked = month_of(month)
    if (kind and action is not Action.WRITE) or (reason and action is not Action.REOPEN):
        raise Invalid("--kind is for writing alone, --reason for reopening")

    async def done(keeper: Bookkeeping, kinds: Sequence[Operations]) -> Made | None:
        if action is Action.REOPEN:
            await keeper.reopen(asked, reason)
            return None
        if action is Action.CLOSE:
            return await keeper.close(asked, out, wanted)
        return await keeper.books(asked, out, wanted, _installed(kind, kinds))

    made = _with_bookkeeping(done, ask=not (stored or kind or action is Action.REOPEN))
    print(books_text(made) if made else f"the books of {asked} are open")
    if made and (made.wrong or made.altered):
        raise typer.Exit(1)


def _installed(wanted: str | None, kinds: Sequence[Operations]) -> str | None:
    names = {each.kind.name.replace("_", "-"): each.kind.name for each in kinds}
    if wanted is not None and wanted not in names:
        raise LookupError(f"no kind {wanted} is installed, only {', '.join(names)}")
    return names[wanted] if wanted else None


def _with_bookkeeping(
    act: Callable[[Bookkeeping, Sequence[Operations]], Awaitable[Made | None]], *, ask: bool
) -> Made | None:
    settings = judged(Part.BOOKS if ask else Part.OPERATIONS)
    patient = settings.stores.model_copy(update={"postgresql_statement_timeout": _PATIENCE})
    provider = _provider(settings.razorpay) if ask else None

    async def run(pools: Pools, kinds: list[Operations]) -> Made | None:
        zone = ZoneInfo(settings.company.shop_timezone)
        return await act(Bookkeeping(pools.of(PUBLIC), zone, provider), kinds)

    try:
        return with_pools(settings.model_copy(update={"stores": patient}), run)
    except GatewayUnavailable as fault:
        said = f"the payment provider does not answer ({fault.detail}); --stored makes the books without it"
        raise Unavailable(said) from fault
    finally:
        if provider is not None:
            provider.close()


def _provider(keys: Razorpay) -> RazorpaySettlements:
    return RazorpaySettlements(
        key_id=keys.key_id, key_secret=keys.key_secret.get_secret_value(), base_url=keys.base_url
    )
