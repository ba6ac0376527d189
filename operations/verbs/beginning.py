"""What a new shop begins with: settings, what the servers need, and whether everything is there."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

import startup
from operations import bootstrap as beginning
from operations.readiness import Answer, look
from operations.settings_list import PARTS, Listed, faults, listing, strangers
from operations.starting import judged, not_installed, packages_of, with_pools
from settings import Settings
from worker import installed
from workers.schedules import scheduled_jobs

app = typer.Typer()


class Process(StrEnum):
    """What a machine of a shop may run."""

    API = "api"
    WORKFLOWS = "workflows"
    ACTIVITIES = "activities"


@app.command("settings")
def settings_(
    processes: Annotated[
        list[Process] | None, typer.Argument(help="what is to start here; everything, where nothing is named")
    ] = None,
) -> None:
    """Show every setting, and what is wrong. Says where each value is from; no secret is shown. Exit code 1 when
    a process would not start, or a variable is none of ours."""
    read, unreadable = startup.read()
    kinds = packages_of(read)
    known = []
    for each in listing(kinds):
        if isinstance(each, Listed):
            known.append(each.name)
            other = f"  (default {each.default})" if each.source != "default" else ""
            print(f"  {each.name:<40} {each.source:<12} {each.value}{other}")
        else:
            print(f"\n{each.text}")
    wrong = [*_faults(read, unreadable, processes or PARTS), *strangers(known, not_installed(read))]
    print("\nnothing is wrong" if not wrong else f"\n{len(wrong)} wrong:", *wrong, sep="\n  ")
    if wrong:
        raise typer.Exit(1)


@app.command()
def bootstrap(
    keep_days: Annotated[
        int, typer.Option(min=1, max=3650, help="so long a namespace that is made here keeps what has ended")
    ] = 90,
) -> None:
    """Make what the servers need. That is Temporal's namespace, search attributes and schedules, and MongoDB's indexes.

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


@app.command()
def check(
    ready: Annotated[
        bool,
        typer.Option(
            "--ready", help="also the workers, what is started by the clock, and the rows without which nobody can book"
        ),
    ] = False,
) -> None:
    """Ask every server whether it does its part. A line for each, "ok" or "no" with what mends it; exit code 1 when
    one does not."""
    read, unreadable = startup.read()
    found = [Answer("settings", each) for each in _faults(read, unreadable, PARTS)] or [Answer("settings")]
    if not unreadable:
        jobs = [job.id for job in scheduled_jobs(read, installed(read.process.kinds))]
        found += with_pools(read, lambda pools, kinds: look(read, pools, kinds, jobs, ready=ready))
    for each in found:
        print(f"no  {each.part}: {each.fault}" if each.fault else f"ok  {each.part}")
    if any(each.fault for each in found):
        raise typer.Exit(1)


def _faults(settings: Settings, unreadable: list[str], processes: Iterable[str]) -> list[str]:
    kinds = packages_of(settings)
    supplier = any(kind.supplier_for is None for kind in installed(settings.process.kinds))
    return faults(settings, unreadable, kinds, [PARTS[each] for each in processes], supplier=supplier)
