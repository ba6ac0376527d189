"""The worker process: ``python -m worker [workflows|activities|all]``.

``workflows`` runs the bookings themselves, ``activities`` everything that calls others or takes long (payments,
e-mails, maintenance, backups), ``all`` both in one process. As many processes of each role as you like may run.
"""

import gc

if __name__ == "__main__":
    gc.disable()  # what is imported stays: looking for garbage in it takes a sixth of the time of a start

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

import kinds
import startup
from adapters.heartbeat import beating
from adapters.logs import configure_logging
from adapters.postgres.database import Pools
from adapters.postgres.kind import distinct
from adapters.postgres.unserved import unserved_bookings
from adapters.resources import Resources, open_resources
from adapters.temporal.client import register_search_attributes
from kind_settings import settings_by_kind
from production import Part
from setting_types import Group
from settings import Settings, Stores
from workers.activities import PAYMENT_THREADS, build_activities, mail_sender
from workers.always import always_running, start_always
from workers.capacity import Capacity, usable_memory
from workers.kind import KindWorker
from workers.outages import once_temporal_answers, watched_parts
from workers.pushes import push_sender, unusable
from workers.queues import QUEUES, WorkerRole, build_workers
from workers.schedules import keep_schedules
from workers.serving import MARGIN, serve

POOL_TIMEOUT = timedelta(seconds=4)
"""Shorter than an attempt to write a booking's rows (5 s), or attempts would end while they wait for a connection."""
STATEMENT_TIMEOUT = timedelta(seconds=5)
"""As long as such an attempt. What a worker that died has sent must not be written after what another one writes, and
that takes up the booking when the task of the first one has timed out, after ten seconds."""
MAINTENANCE_SLOTS = 4
MAINTENANCE_STATEMENT = timedelta(minutes=9)

_PARTS = {
    WorkerRole.WORKFLOWS: (Part.WORKFLOWS,),
    WorkerRole.ACTIVITIES: (Part.ACTIVITIES,),
    WorkerRole.ALL: (Part.WORKFLOWS, Part.ACTIVITIES),
}

log = structlog.get_logger("worker")


async def run(settings: Settings, role: WorkerRole, running: Sequence[KindWorker[Any]]) -> bool:
    """Work until told to stop, then finish what is under way; False when that took too long."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(
            open_resources(settings, pool_timeout=POOL_TIMEOUT, statement_timeout=STATEMENT_TIMEOUT)
        )
        await stack.enter_async_context(watched_parts(resources, activities=role is not WorkerRole.WORKFLOWS))
        maintenance = Pools(_for_maintenance(settings.stores))
        stack.push_async_callback(maintenance.close)
        added = await once_temporal_answers(partial(register_search_attributes, resources.temporal), stop)
        if added is None:
            return True
        if added:
            log.info("search attributes registered", names=added)
        threads = stack.enter_context(ThreadPoolExecutor(PAYMENT_THREADS + 2, thread_name_prefix="payments"))
        sender = mail_sender(resources, running)
        stack.push_async_callback(sender.close)
        pushes = None
        if role is not WorkerRole.WORKFLOWS:
            pushes = await stack.enter_async_context(push_sender(settings.pushes))
        activities = build_activities(resources, maintenance, threads, sender, running, pushes)
        workers = build_workers(resources.temporal, activities, threads, settings.process, running, role)
        gc.freeze()  # what lives as long as the process; a full collection looks at all the rest
        gc.set_threshold(10_000)  # a move makes thousands of objects, and what is young was looked through in each task
        gc.enable()
        if role is not WorkerRole.WORKFLOWS:
            await stack.enter_async_context(always_running(resources.temporal))
        begun = partial(_begun, resources, running, role)

        async def begins() -> None:
            await once_temporal_answers(begun, stop)
            await stack.enter_async_context(beating(settings.process.heartbeat))

        within = settings.process.graceful_shutdown + MARGIN
        finished = await serve(workers, stop, begins, within)
        if not finished:
            # What is left would keep the loop and the pools from closing; another worker does it again.
            log.warning("worker stops: what is under way took too long and is left to another worker")
            leave(0)
    return finished


def judged(settings: Settings, role: WorkerRole, unreadable: Sequence[str] = ()) -> list[KindWorker[Any]]:
    """The kinds that a process of this role runs with these settings.

    Raises:
        LookupError: one of them is not there.
        ValueError: two kinds cannot stand side by side, or a setting is not as it must be.
    """
    running = installed(settings.process.kinds)
    names, supplier = [kind.kind.name for kind in running], any(kind.supplier_for is None for kind in running)
    policies: list[type[Group]] = []
    if role is not WorkerRole.WORKFLOWS:
        unreadable = [*unreadable, *unusable(settings.pushes)]
        policies = [kind.policy for kind in running if kind.policy]
    startup.judge(settings, *_PARTS[role], kinds=names, supplier=supplier, unreadable=unreadable, policies=policies)
    settings_by_kind(names, settings)
    return running


def installed(packages: Sequence[str]) -> list[KindWorker[Any]]:
    """The kinds that this process runs: those of ``REVCARE_KINDS``, else those that are installed.

    Raises:
        ValueError: two of them cannot stand side by side.
    """
    found: list[KindWorker[Any]] = [kinds.load_layer(package, "worker") for package in packages or kinds.INSTALLED]
    distinct([kind.storage for kind in found])
    return found


async def _begun(resources: Resources, running: Sequence[KindWorker[Any]], role: WorkerRole) -> None:
    with suppress(Exception):  # only to be told: `watched_parts` says when PostgreSQL is away
        for kind, count in (await unserved_bookings(resources.database, [each.kind.name for each in running])).items():
            log.warning("bookings are open of a kind that REVCARE_KINDS does not name", kind=kind, bookings=count)
    if role is not WorkerRole.WORKFLOWS:
        await start_always(resources.temporal)
        await keep_schedules(resources.temporal, resources.settings, running)
    process = resources.settings.process
    taken_on = asdict(Capacity.of(process, usable_memory())) if role is not WorkerRole.ACTIVITIES else {}
    where = {"environment": process.environment, "rehearsal": process.rehearsal}
    log.info("worker ready", role=role, queues=QUEUES[role], **where, **taken_on)


def _for_maintenance(stores: Stores) -> Stores:
    """A connection for each activity of the maintenance queue, and time for long statements."""
    limits = {"postgresql_pool": MAINTENANCE_SLOTS, "postgresql_statement_timeout": MAINTENANCE_STATEMENT}
    return stores.model_copy(update=limits)


def leave(code: int) -> None:
    """Leave at once: the SDK's threads can abort the interpreter's own exit (sdk-python issue 300)."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main(words: Sequence[str] | None = None) -> None:
    """The worker process."""
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description="Run bookings, or what they need done; settings are environment variables (docs/settings.md).",
    )
    parser.add_argument(
        "role",
        nargs="?",
        type=WorkerRole,
        choices=list(WorkerRole),
        default=WorkerRole.ALL,
        help="workflows: bookings themselves; activities: payments, e-mails, backups and the rest; all: both (default)",
    )
    role: WorkerRole = parser.parse_args(words).role
    settings, unreadable = startup.read()
    try:
        running = judged(settings, role, unreadable)
    except (LookupError, ValueError) as refused:
        startup.leave(refused)
    configure_logging(settings.process)
    try:
        asyncio.run(run(settings, role, running))
    except Exception:
        log.exception("worker failed")
        leave(1)
    leave(0)


if __name__ == "__main__":
    main()
