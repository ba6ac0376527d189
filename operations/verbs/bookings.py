"""The workflows of bookings: those that are lost or fail, and whether they can go on with this release."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer

from domain.errors import BookingError
from domain.recovery import BookingRef
from operations import recovery as recovering
from operations.starting import judged, with_pools
from operations.stuck import stuck as stuck_bookings
from operations.stuck import stuck_text
from worker import installed
from workers import replay as replaying

app = typer.Typer()

History = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE..",
        help="a history, from `temporal workflow show -w ID --output json`",
        exists=True,
        dir_okay=False,
    ),
]


@app.command()
def stuck() -> None:
    """Show bookings that do not go on by themselves. Exit code 1 when there are any."""
    found = with_pools(judged(), lambda pools, every: stuck_bookings(pools, [each.kind for each in every]))
    print(stuck_text(found))
    if any(each.many for each in found):
        raise typer.Exit(1)


@app.command()
def recovery(
    action: Annotated[Literal["show", "go-on", "restart"], typer.Argument(help="what to do")] = "show",
    booking: Annotated[int | None, typer.Argument(help="the booking to start again")] = None,
    kind: Annotated[str | None, typer.Option(help="its kind, where there are several")] = None,
) -> None:
    """Show or help workflows that are lost or fail. Exit code 1 when there are any (docs/runbook-recovery.md)."""
    settings = judged()
    if (action == "restart") is (booking is None):
        raise ValueError("restart needs a booking, the other actions none")
    of_kind = kind or installed(settings.process.kinds)[0].kind.name
    try:
        state = asyncio.run(recovering.recovery(action, BookingRef(of_kind, booking) if booking else None))
    except BookingError as refusal:
        print(f"refused: {refusal.detail}")
        raise typer.Exit(1) from None
    print(recovering.recovery_text(state))
    if state.stopped or state.missing or state.failing:
        raise typer.Exit(1)


@app.command()
def replay(files: History) -> None:
    """Replay histories with this release. Needs no server; exit code 1 when one could not go on."""
    failed = asyncio.run(replaying.replay(files, installed(judged().process.kinds)))
    for path in files:
        print(f"{path}: {failed.get(path, 'can go on')}")
    if failed:
        raise typer.Exit(1)
