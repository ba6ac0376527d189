"""What a new shop begins with."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from operations import bootstrap as beginning
from operations.starting import judged
from worker import installed

app = typer.Typer()


@app.command()
def bootstrap(
    keep_days: Annotated[
        int, typer.Option(min=1, max=3650, help="so long a namespace that is made here keeps what has ended")
    ] = 90,
) -> None:
    """Make Temporal's namespace, search attributes and schedules and MongoDB's indexes, where they are missing.

    May be repeated, also beside a product that works: a schedule of an older release is changed. Exit code 1 when
    something could not be made.
    """
    settings = judged()

    async def make() -> bool:
        whole = True
        async for step in beginning.bootstrap(settings, installed(settings.process.kinds), timedelta(days=keep_days)):
            print(f"{step.what}: {step.outcome}", flush=True)
            whole = whole and not step.fault
        return whole

    if not asyncio.run(make()):
        raise typer.Exit(1)
