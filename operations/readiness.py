"""Whether a shop can take bookings: every part is asked, and each that does not do its part is told in a sentence."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import aiosmtplib
from sqlalchemy import text
from temporalio.client import Client

from adapters.mail.checking import must_take_mails
from adapters.mongo import MongoDatabase
from adapters.postgres.database import Database, Pools
from adapters.postgres.kind_operations import Operations
from adapters.postgres.schemas import PUBLIC
from adapters.postgres.unserved import unserved_bookings
from adapters.razorpay.gateway import RazorpayGateway
from adapters.razorpay.transport import GatewayUnavailable
from adapters.temporal.client import connect, missing_search_attributes
from adapters.temporal.namespaces import once_known
from adapters.temporal.reachability import POLLED_WITHIN, last_poll, must_have_namespace
from adapters.temporal.schedules import Idle, idle_schedules
from domain.errors import BookingError, KeyRefused, Unavailable
from kind_settings import settings_by_kind
from migrations.streams import behind
from operations.checks import missing
from settings import Settings
from workers.queues import QUEUES, WorkerRole

_WITHIN = 15.0
"""Seconds for one part to answer."""
_NEW_FOR = timedelta(seconds=12)
"""A namespace that was just made is not known to all parts of its cluster for so long."""
_ADMIN = text(
    "SELECT u.email FROM users AS u JOIN roles AS r ON r.id = u.role_id"
    " WHERE r.name = 'admin' AND u.deleted_at IS NULL ORDER BY u.created_at LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a part is; ``fault`` is a sentence about what is not as it must be, and what mends it."""

    part: str
    fault: str | None = None


class Faulty(Exception):
    """What is wrong with a part, a sentence that says what mends it."""


async def look(
    settings: Settings, pools: Pools, kinds: Sequence[Operations], jobs: Sequence[str], *, ready: bool
) -> list[Answer]:
    """Every server; with ``ready`` also the workers, the schedules of these ``jobs``, and the rows without which nobody
    can book.

    What depends on a part that is faulty is not asked.
    """
    own = settings_by_kind([kind.kind.name for kind in kinds], settings)
    found = await asyncio.gather(
        _rows(pools, kinds, ready=ready),
        *(_documents(name, of_kind, ready=ready) for name, of_kind in own.items()),
        _temporal(jobs, ready=ready),
        _mail(settings, pools, kinds),
        _provider(settings),
    )
    return [answer for answers in found for answer in answers]


async def _rows(pools: Pools, kinds: Sequence[Operations], *, ready: bool) -> list[Answer]:
    database = pools.of(PUBLIC)

    async def answers() -> None:
        async with database.read.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def is_newest() -> None:
        async with database.read.connect() as connection:
            if old := await connection.run_sync(behind):
                raise Faulty(f"{'; '.join(old)}: `revcare migrate` brings it there")

    found = [await _asked("PostgreSQL", answers)]
    if _all_good(found):
        found.append(await _asked("schema", is_newest))
    if ready and _all_good(found):
        found += await _unserved(database, [kind.kind.name for kind in kinds])
        for name, lacking in (await missing(pools, kinds)).items():
            first = f"first booking of {_spoken(name)}"
            found += [Answer(first, each) for each in lacking] or [Answer(first)]
    return found


async def _unserved(database: Database, served: Sequence[str]) -> list[Answer]:
    return [
        Answer(
            f"bookings of {_spoken(kind)}",
            f"{count} open, and nobody runs that kind: name its package in REVCARE_KINDS until they are closed",
        )
        for kind, count in (await unserved_bookings(database, served)).items()
    ]


async def _documents(kind: str, settings: Settings, *, ready: bool) -> list[Answer]:
    mongo = MongoDatabase(settings.stores)

    async def has_percent() -> None:
        try:
            await mongo.gst.percent()
        except Unavailable as none:
            raise Faulty(f"{none.detail}: an admin sets one (PUT /api/v1/gst/?percent=18)") from None

    try:
        found = [await _asked(f"MongoDB of {_spoken(kind)}", mongo.ping)]
        if ready and _all_good(found):
            found.append(await _asked(f"GST percent of {_spoken(kind)}", has_percent))
    finally:
        mongo.close()
    return found


async def _temporal(jobs: Sequence[str], *, ready: bool) -> list[Answer]:
    try:
        client = await connect()
    except Unavailable as away:
        return [Answer("Temporal", away.detail)]

    async def has_namespace() -> None:
        try:
            await must_have_namespace(client)
        except LookupError as none:
            raise Faulty(f"{none}: `revcare bootstrap` makes it") from None

    async def has_attributes() -> None:
        if absent := await once_known(partial(missing_search_attributes, client), _NEW_FOR):
            raise Faulty(f"{', '.join(absent)} missing: `revcare bootstrap` makes them")

    async def has_schedules() -> None:
        idle = await idle_schedules(client, jobs)
        absent, paused = ([each for each, why in idle.items() if why is one] for one in (Idle.MISSING, Idle.PAUSED))
        told = [f"{', '.join(absent)} missing: `revcare bootstrap` makes them"] if absent else []
        if paused:
            told.append(f"{', '.join(paused)} paused: an admin of Temporal resumes them")
        if told:
            raise Faulty("; ".join(told))

    found = [Answer("Temporal"), await _asked("namespace", has_namespace)]
    if _all_good(found):
        found.append(await _asked("search attributes", has_attributes))
        if ready:
            found.append(await _asked("schedules", has_schedules))
        roles = (WorkerRole.WORKFLOWS, WorkerRole.ACTIVITIES) if ready else ()
        found += [await _asked(f"role {role}", partial(_must_poll, client, role)) for role in roles]
    return found


async def _must_poll(client: Client, role: WorkerRole) -> None:
    since = datetime.now(UTC) - POLLED_WITHIN
    polls = {queue: await last_poll(client, queue, of_workflows=True) for queue in QUEUES[role]}
    if silent := [queue for queue, asked in polls.items() if asked is None or asked < since]:
        raise Faulty(f"no worker asks for work of {', '.join(silent)}: `revcare worker {role}` does")


async def _mail(settings: Settings, pools: Pools, kinds: Sequence[Operations]) -> list[Answer]:
    config = settings.mail

    async def takes_mails() -> None:
        try:
            await must_take_mails(config, await _address_of_an_admin(pools, kinds))
        except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPTimeoutError, OSError) as fault:
            raise Faulty(f"{config.server}:{config.port} does not answer: {_first_line(fault)}") from None
        except aiosmtplib.SMTPException as refused:
            raise Faulty(f"{config.server}:{config.port} refuses our mails: {_first_line(refused)}") from None

    return [await _asked("mail", takes_mails)]


async def _address_of_an_admin(pools: Pools, kinds: Sequence[Operations]) -> str | None:
    """Somebody who would get a mail; None where nobody is known, or the rows cannot be read."""
    for kind in kinds:
        with suppress(Exception):
            async with pools.of(kind.storage.schema).read.connect() as connection:
                if found := await connection.scalar(_ADMIN):
                    return str(found)
    return None


async def _provider(settings: Settings) -> list[Answer]:
    own = settings.razorpay
    gateway = RazorpayGateway(key_id=own.key_id, key_secret=own.key_secret.get_secret_value(), base_url=own.base_url)

    async def answers() -> None:
        now = datetime.now(UTC)
        try:
            await asyncio.to_thread(gateway.page_of_payments, now - timedelta(minutes=1), now, 0)
        except KeyRefused:
            raise Faulty("it refuses our key (RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET)") from None
        except (GatewayUnavailable, BookingError) as fault:
            raise Faulty(f"{own.base_url} does not answer as it should: {fault.detail}") from None

    try:
        return [await _asked("payment provider", answers)]
    finally:
        gateway.close()


async def _asked(part: str, ask: Callable[[], Awaitable[None]]) -> Answer:
    try:
        async with asyncio.timeout(_WITHIN):
            await ask()
    except Faulty as told:
        return Answer(part, str(told))
    except TimeoutError:
        return Answer(part, f"does not answer within {_WITHIN:.0f} s")
    except Exception as fault:
        return Answer(part, f"does not answer: {_first_line(fault)}")
    return Answer(part)


def _all_good(answers: Sequence[Answer]) -> bool:
    return not any(each.fault for each in answers)


def _first_line(fault: BaseException) -> str:
    said = next(iter(str(fault).splitlines()), "")[:200]
    return said or type(fault).__name__


def _spoken(kind: str) -> str:
    return kind.replace("_", "-")
