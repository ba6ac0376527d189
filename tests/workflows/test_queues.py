"""What waits does not keep others waiting, and what stops does so at once."""

import asyncio
import time
import uuid
from collections.abc import Callable, Collection
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.service import RPCError

from domain.account_emails import Recipient, ResetRequest
from domain.backups import BackupInput, Made, RestoreInput, Store
from domain.billing.provider import PaymentEvent
from kinds.vehicle_service.domain.visit import KIND
from settings import Process
from tests.fakes.backups import FakeBackups
from tests.fakes.emails import FakeHints, FakePeople
from tests.workflows.engine import KINDS, Engine, working
from tests.workflows.prepared import prepared
from tests.workflows.running_booking import eventually
from tests.workflows.visit import Visit, new_booking
from workers.queues import QUEUES, WorkerRole, registered, workflow_types
from workflows.backup import BackupWorkflow, RestoreWorkflow
from workflows.booking.messages import BACKUPS_QUEUE, BOOKINGS_QUEUE, MAIL_QUEUE, MAINTENANCE_QUEUE, refund_workflow_id
from workflows.email import PasswordResetWorkflow
from workflows.sweep import PaymentSweepWorkflow

SLOTS = 4
FORGETFUL = Recipient("CST000777", "Nina New", "nina.forgot@example.com")


def impatient(**limits: Any) -> Process:
    return Process(**{"graceful_shutdown": timedelta(0)} | limits)


async def test_bookings_that_wait_for_their_rows_hold_up_no_refund_no_restore_and_no_reset_mail(engine):
    """Every slot for bookings is taken, for as long as PostgreSQL is away."""
    async with engine.stopped(), working(engine.client, process=impatient(workflow_tasks=SLOTS)) as few:
        paid = await prepared(few, Visit.estimate_ready)
        await paid.paid_online()
        waiting = [await Visit(few, new_booking()).opens() for _ in range(SLOTS + 2)]
        with ExitStack() as provider_is_down:
            provider_is_down.enter_context(few.gateway.down())
            await paid.cancelled()
            await _refund_began(paid)
            with few.store.down():
                updates = [visit.in_background(visit.pickup_assigned()) for visit in waiting]
                await eventually(lambda: few.store.refused_calls >= SLOTS * 3)
                provider_is_down.close()
                await eventually(lambda: few.gateway.refunds)
                await _restored(few)
                await _reset(few)
                assert not [update for update in updates if update.done()]
        assert {ack.version for ack in await asyncio.gather(*updates)} == {2}


async def _refund_began(visit: Visit) -> None:
    await visit.becomes(lambda booking: booking.refunds)
    refund = visit.engine.client.get_workflow_handle(refund_workflow_id(visit.booking.refunds[0].key))
    async with asyncio.timeout(30):
        while True:
            with suppress(RPCError):
                await refund.describe()
                return
            await asyncio.sleep(0.05)


async def _restored(few: Engine) -> None:
    given = RestoreInput("restore-20261124T090000Z-07b1d3aa", "backup-20261124T061109Z-4f2a91c0")
    name = f"restore-{uuid.uuid4().hex}"
    async with asyncio.timeout(30):
        await few.client.execute_workflow(RestoreWorkflow.run, given, id=name, task_queue=BACKUPS_QUEUE)
    assert few.backups.steps[-2:] == ["switch", "clear"]


async def _reset(few: Engine) -> None:
    few.directory.people[FORGETFUL.email] = FORGETFUL
    now = datetime.now(UTC)
    asked = ResetRequest(uuid.uuid4().hex, now, now + timedelta(hours=1), email=FORGETFUL.email, kind=KIND)
    async with asyncio.timeout(30):
        assert await few.client.execute_workflow(
            PasswordResetWorkflow.run, asked, id=f"reset-{asked.key}", task_queue=MAIL_QUEUE
        )


class Cancelled:
    """Work that takes for ever; when it was told to stop."""

    def __init__(self) -> None:
        self.begun, self.at = False, 0.0

    async def wait(self) -> None:
        self.begun = True
        try:
            await asyncio.Event().wait()
        finally:
            self.at = time.monotonic()


class SlowBackups(FakeBackups):
    def __init__(self, work: Cancelled) -> None:
        super().__init__()
        self._work = work

    async def make(self, given: BackupInput, tell: Callable[[str], None]) -> Made:
        await self._work.wait()
        return await super().make(given, tell)


class SlowPeople(FakePeople):
    def __init__(self, work: Cancelled) -> None:
        super().__init__()
        self._work = work

    async def find(self, email: str | None, phone: str | None) -> Recipient | None:
        await self._work.wait()
        return None


class SlowHints(FakeHints):
    def __init__(self, work: Cancelled) -> None:
        super().__init__()
        self._work = work

    async def undelivered(self, but: Collection[int] = ()) -> list[PaymentEvent]:
        await self._work.wait()
        return []


async def test_all_workers_of_a_process_stop_at_once(engine):
    """One after the other, the last would take new work for as long as the others are given."""
    grace, works = 1.5, [Cancelled() for _ in range(3)]
    slow = Engine(engine.client, process=impatient(graceful_shutdown=timedelta(seconds=grace)))
    slow.backups, slow.directory, slow.hints = SlowBackups(works[0]), SlowPeople(works[1]), SlowHints(works[2])
    now, client = datetime.now(UTC), engine.client
    given = BackupInput("backup-20261124T061109Z-4f2a91c0", (Store.POSTGRESQL,))
    asked = ResetRequest(uuid.uuid4().hex, now, now + timedelta(hours=1), email="x@example.com", kind=KIND)
    async with engine.stopped():
        await slow.start()
        begun = [
            await client.start_workflow(BackupWorkflow.run, given, id=uuid.uuid4().hex, task_queue=BACKUPS_QUEUE),
            await client.start_workflow(PasswordResetWorkflow.run, asked, id=uuid.uuid4().hex, task_queue=MAIL_QUEUE),
            await client.start_workflow(PaymentSweepWorkflow.run, id=uuid.uuid4().hex, task_queue=MAINTENANCE_QUEUE),
        ]
        await eventually(lambda: all(work.begun for work in works))
        assert await slow.stop()
        for handle in begun:
            await handle.terminate()
    told = [work.at for work in works]
    assert max(told) - min(told) < grace


async def test_a_stop_ends_in_time_while_the_database_is_away_and_the_move_counts_once(engine):
    async with engine.stopped():
        stuck = Engine(engine.client, store=engine.store, process=impatient())
        stuck.stop_within = timedelta(seconds=1)
        await stuck.start()
        visit = await Visit(stuck, new_booking()).opens()
        with engine.store.down():
            before = engine.store.refused_calls
            waiting = visit.in_background(visit.pickup_assigned())
            await eventually(lambda: engine.store.refused_calls > before)
            async with asyncio.timeout(20):
                assert await stuck.stop() is False
    assert (await waiting).version == 2
    assert visit.versions == [1, 2]


def test_every_activity_and_every_workflow_type_has_one_queue_and_every_queue_one_role(engine):
    activities = [each for queue in registered(engine.activities()).values() for each in queue]
    types = [each for queue in workflow_types(KINDS).values() for each in queue]
    assert len(activities) == len(set(activities))
    assert len(types) == len(set(types))
    assert registered(engine.activities()).keys() == workflow_types(KINDS).keys() == set(QUEUES[WorkerRole.ALL])
    assert QUEUES[WorkerRole.WORKFLOWS] == (BOOKINGS_QUEUE,)
    assert len(QUEUES[WorkerRole.ALL]) == len(set(QUEUES[WorkerRole.ALL]))
