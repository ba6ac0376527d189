"""The sender of the outbox: what is wrong with one e-mail delays no other for long, and nothing is tried for ever."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities import emails, outbox
from activities.emails import EmailActivities
from activities.outbox import HOLDING, OutboxActivities
from domain.account_emails import Mail
from domain.emails import Attachment, BookingEmail
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from tests.fakes.emails import FakeDocuments, FakeMailServer, FakePeople
from tests.fakes.outbox import FakeOutbox, Waiting
from tests.workflows.running_booking import eventually

KIND = VEHICLE_SERVICE.name
TWO_DAYS = timedelta(days=2).total_seconds()


class Workflows:
    """Up to which version each booking's e-mails may leave."""

    def __init__(self) -> None:
        self.known: dict[int, int] = {}
        self.unreachable: set[int] = set()
        self.asked: list[int] = []

    async def message_version(self, kind: str, booking_id: int) -> int | None:
        self.asked.append(booking_id)
        if booking_id in self.unreachable:
            raise ConnectionError("no answer")
        return self.known.get(booking_id)


class Rows(FakeOutbox):
    """An outbox some of whose rows cannot be decoded."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: set[int] = set()

    async def claim(self, email: Waiting, lasting: timedelta) -> tuple[BookingEmail, bool] | None:
        claimed = await super().claim(email, lasting)
        if claimed and email.booking_id in self.broken:
            raise ValueError("no such field")
        return claimed


class MailServer(FakeMailServer):
    """A mail server that never answers about some e-mails, and a log that takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.silent_about: set[str] = set()
        self.logging = timedelta(0)

    async def send(self, mail: Mail, attachments: Sequence[Attachment] = ()) -> str:
        if mail.slug in self.silent_about:
            await asyncio.Event().wait()
        return await super().send(mail, attachments)

    async def record(
        self,
        mail: Mail,
        subject: str,
        attachments: list[str],
        message_id: str | None,
        error: str | None,
        *,
        for_good: bool = False,
        version: int | None = None,
    ) -> None:
        await asyncio.sleep(self.logging.total_seconds())
        await super().record(mail, subject, attachments, message_id, error, for_good=for_good, version=version)


class Documents(FakeDocuments):
    async def pdf(self, number: str) -> bytes:
        if number == "broken":
            raise ValueError("it does not print")
        return await super().pdf(number)


class Sending:
    """The sender over rows of its own, as its worker runs it."""

    def __init__(self, idle: timedelta = timedelta(milliseconds=5)) -> None:
        self.rows, self.workflows, self.server = Rows(), Workflows(), MailServer()
        sender = EmailActivities(self.server, self.server, Documents(), {KIND: FakePeople()})
        self.activities = OutboxActivities(self.rows.beside(self.server), self.workflows, sender, idle)

    def write(self, booking_id: int, slug: str = "completed", document: str | None = None) -> Waiting:
        """A new version of the booking with this e-mail, known to its workflow."""
        return self.write_to([f"CST{booking_id:06d}"], booking_id, slug, document)

    def write_to(
        self, people: Sequence[str], booking_id: int, slug: str = "completed", document: str | None = None
    ) -> Waiting:
        """The same with one for each of these people; answers the last."""
        version, now = self.workflows.known.get(booking_id, 0) + 1, datetime.now(UTC)
        mails = [
            BookingEmail(booking_id, slug, number, now, person_id=person, kind=KIND, document=document)
            for number, person in enumerate(people, 1)
        ]
        self.rows.write(KIND, booking_id, version, mails)
        self.workflows.known[booking_id] = version
        return self.rows.of(booking_id)[-1]

    @asynccontextmanager
    async def works(self) -> AsyncIterator[None]:
        """It sends for the time of the block, and then ends as it should."""
        environment = ActivityEnvironment()
        draining = asyncio.create_task(environment.run(self.activities.drain_outbox))
        try:
            yield
        finally:
            environment.worker_shutdown()
            await draining


@pytest.fixture
def sending() -> Sending:
    return Sending()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses and limits of milliseconds."""
    monkeypatch.setattr(outbox, "_FIRST_PAUSE", timedelta(milliseconds=1))
    monkeypatch.setattr(outbox, "_LONGEST_PAUSE", timedelta(milliseconds=20))


async def test_one_question_about_a_booking_is_for_all_who_are_told_of_its_move(sending):
    sending.write_to(["CST000001", "CST000002"], 1)
    async with sending.works():
        await eventually(lambda: sending.server.kinds(1) == ["completed", "completed"])
    assert sending.workflows.asked == [1]


async def test_nobody_is_asked_about_a_version_that_is_just_being_recorded():
    sending, before = Sending(idle=timedelta(milliseconds=80)), time.monotonic()
    sending.write(1)
    async with sending.works():
        await eventually(lambda: sending.workflows.asked)
        assert time.monotonic() - before >= 0.08
        await eventually(lambda: sending.server.kinds(1) == ["completed"])
    assert sending.workflows.asked == [1]


async def test_a_question_that_fails_fails_for_each_who_is_told(sending, hurried):
    sending.workflows.unreachable.add(1)
    waiting = [sending.write_to(["CST000001", "CST000002"], 1), sending.rows.of(1)[0]]
    async with sending.works():
        await eventually(lambda: all(each.looks for each in waiting))
        sending.workflows.unreachable.clear()
        await eventually(lambda: sending.server.kinds(1) == ["completed", "completed"])


async def test_an_email_whose_document_does_not_print_holds_up_the_next_for_some_attempts_only(sending, hurried):
    broken = sending.write(1, "invoice", document="broken")
    sending.write(1, "delivered")
    async with sending.works():
        await eventually(lambda: sending.server.kinds(1) == ["delivered"])
    assert broken.attempts >= HOLDING
    failed = [(mail.slug, error) for mail, error in sending.server.attempts if error]
    assert set(failed) == {("invoice", "ValueError: it does not print")}


async def test_the_next_email_waits_while_the_one_before_was_tried_a_few_times_only(sending):
    broken = sending.write(1, "invoice", document="broken")
    sending.write(1, "delivered")
    sending.write(2)
    async with sending.works():
        await eventually(lambda: sending.server.kinds(2) and broken.looks)
    assert sending.server.kinds(1) == []


async def test_an_old_email_is_given_up_only_after_its_attempts(sending, hurried):
    sending.write(1, "invoice", document="broken").since -= TWO_DAYS
    async with sending.works():
        await eventually(lambda: not sending.rows.of(1))
    assert len(sending.server.attempts) == HOLDING + 1


async def test_an_email_that_takes_too_long_is_a_failed_attempt_of_the_log(sending, monkeypatch):
    monkeypatch.setattr(emails, "SENT_WITHIN", timedelta(milliseconds=20))
    sending.server.silent_about.add("invoice")
    sending.write(1, "invoice")
    async with sending.works():
        await eventually(lambda: sending.server.attempts)
    [(mail, error), *_] = sending.server.attempts
    assert (mail.slug, error) == ("invoice", "TimeoutError: ")


async def test_an_email_that_was_handed_over_is_recorded_however_long_that_takes(sending, monkeypatch):
    monkeypatch.setattr(emails, "SENT_WITHIN", timedelta(milliseconds=50))
    sending.server.logging = timedelta(milliseconds=200)
    sending.write(1)
    async with sending.works():
        await eventually(lambda: not sending.rows.of(1))
    assert [error for _, error in sending.server.attempts] == [None]


def test_a_claim_lasts_longer_than_an_attempt():
    assert emails.SENT_WITHIN + timedelta(seconds=10) <= outbox._CLAIM <= timedelta(seconds=30)


@pytest.mark.parametrize("fault", ["unreadable row", "workflow without an answer"])
async def test_a_fault_of_one_row_stops_no_other(sending, fault):
    faulty = sending.write(1)
    (sending.rows.broken if fault == "unreadable row" else sending.workflows.unreachable).add(1)
    sending.write(2)
    async with sending.works():
        await eventually(lambda: faulty.looks > 1)
        sending.write(3)
        await eventually(lambda: sending.server.kinds(2) and sending.server.kinds(3))
    assert sending.rows.of(1) == [faulty]


async def test_a_row_that_cannot_be_read_is_given_up_after_a_day(sending, hurried):
    sending.write(1).since -= TWO_DAYS
    sending.rows.broken.add(1)
    async with sending.works():
        await eventually(lambda: not sending.rows.of(1))
    assert sending.server.attempts == []


async def test_an_email_is_not_given_up_because_its_workflow_does_not_answer_for_a_while(sending, hurried):
    old = sending.write(1)
    old.since -= TWO_DAYS
    sending.workflows.unreachable.add(1)
    async with sending.works():
        await eventually(lambda: old.looks > 2)
        sending.workflows.unreachable.clear()
        await eventually(lambda: sending.server.kinds(1))


@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (timedelta(milliseconds=10), timedelta(milliseconds=10)),
        (timedelta(seconds=12), timedelta(seconds=5)),
        (timedelta(minutes=4), timedelta(minutes=1)),
        (timedelta(hours=5), timedelta(minutes=10)),
    ],
)
def test_the_pauses_between_looks_for_a_version_grow(age, pause):
    mail = BookingEmail(1, "completed", 1, datetime.now(UTC), person_id="CST000001", kind=KIND)
    row = Waiting(KIND, 1, 1, "completed", "CST000001", mail, since=0.0, read_at=age.total_seconds())
    assert outbox._until_next_look(row) == pytest.approx(pause, abs=timedelta(milliseconds=5))
