"""Mails outside of a booking's handle: they wait for the mail server, arrive once, and not when they are of no use."""

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from activities.emails import UNKNOWN_FOR
from domain.account_emails import AccountEmailSlug, Recipient, ResetRequest, password_email, query_response_email
from domain.emails import BookingEmail
from kinds.vehicle_service.activities import BATCH
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.reminders import DueService
from kinds.vehicle_service.domain.visit import KIND
from kinds.vehicle_service.reminder_workflow import ServiceRemindersWorkflow
from tests.workflows.running_booking import eventually
from workflows.booking.messages import MAIL_QUEUE
from workflows.email import EmailWorkflow, PasswordResetWorkflow

NINA = Recipient("CST000777", "Nina New", "nina@example.com")
_KEYS = itertools.count(1)


def now() -> datetime:
    return datetime.now(UTC)


def answer():
    return query_response_email(KIND, f"query{next(_KEYS)}", 1, NINA.email, "Open on Sunday?", "No.", now())


def invitation(lasting: timedelta):
    key = f"invited{next(_KEYS)}"
    return password_email(KIND, AccountEmailSlug.SET_PASSWORD, key, NINA.person_id, now(), now() + lasting)


def forgotten(email: str, lasting: timedelta = timedelta(hours=1)) -> ResetRequest:
    return ResetRequest(f"forgot{next(_KEYS)}", now(), now() + lasting, email=email, kind=KIND)


def due(booking_id: int, months: int = 6) -> DueService:
    car = ("Hyundai i20", "TN01AB1234", "24 Nov 2026")
    return DueService(booking_id, months, NINA.person_id, *car, ("Oil change",))


@pytest.fixture
def begin(engine):
    """Start one of these workflows."""

    async def start(run, *order, name: str = ""):
        name = name or f"mailing-{next(_KEYS)}"
        return await engine.client.start_workflow(run, args=order, id=name, task_queue=MAIL_QUEUE)

    return start


def arrived(engine, identity: str) -> int:
    return sum(mail.identity == identity for mail in engine.post.sent)


async def test_an_email_waits_for_the_mail_server_and_arrives_once(engine, begin):
    mail = answer()
    with engine.post.down():
        handle = await begin(EmailWorkflow.run, mail)
        await eventually(lambda: [sent for sent, error in engine.post.attempts if sent == mail and error])
    assert await handle.result() is True
    assert arrived(engine, mail.identity) == 1


async def test_an_email_that_left_before_is_not_sent_again_and_a_resend_is(engine, begin):
    mail = answer()
    results = [await (await begin(EmailWorkflow.run, mail)).result() for _ in range(2)]
    assert results == [True, False]
    again = query_response_email(KIND, "other", 1, *("",) * 3, now())
    assert again.identity != mail.identity
    resent = type(mail)(**{name: getattr(mail, name) for name in mail.__slots__} | {"resend": 1})
    assert await (await begin(EmailWorkflow.run, resent)).result() is True
    assert arrived(engine, mail.identity) == 2


async def test_a_link_that_has_run_out_is_not_mailed_any_more(engine, begin):
    over, closing = invitation(timedelta(0)), invitation(timedelta(seconds=1))
    assert await (await begin(EmailWorkflow.run, over)).result() is False
    with engine.post.down():
        handle = await begin(EmailWorkflow.run, closing)
        assert await handle.result() is False
    await asyncio.sleep(0.1)
    assert [arrived(engine, each.identity) for each in (over, closing)] == [0, 0]


async def test_whoever_forgot_gets_an_email_and_nobody_gets_none(engine, begin):
    engine.directory.people[NINA.email] = NINA
    known, unknown = forgotten(NINA.email), forgotten("nobody@example.com")
    assert await (await begin(PasswordResetWorkflow.run, known)).result() is True
    assert await (await begin(PasswordResetWorkflow.run, unknown)).result() is False
    mail = next(each for each in engine.post.sent if each.identity == f"password-reset.{known.key}")
    assert (mail.to, mail.person_id, mail.good_until) == (NINA.email, NINA.person_id, known.good_until)
    assert arrived(engine, f"password-reset.{unknown.key}") == 0


async def test_a_round_reminds_everybody_once_however_many_there_are(engine, begin):
    first = 700_000
    engine.past_visits.waiting = [due(first + number) for number in range(BATCH + 3)]
    engine.past_visits.waiting.append(due(first, 12))
    try:
        for name in ("reminders-monday", "reminders-tuesday"):
            await (await begin(ServiceRemindersWorkflow.run, name=name)).result()
    finally:
        engine.past_visits.waiting = []
    sent = [mail for mail in engine.post.sent if mail.slug == "service-reminder"]
    assert len(sent) == len({mail.identity for mail in sent}) == BATCH + 4
    assert {mail.sequence for mail in sent if mail.booking_id == first} == {6, 12}


def about_a_booking(person_id: str) -> BookingEmail:
    facts = {"vehicle": "Hyundai i20"}
    return BookingEmail(
        700_000 + next(_KEYS), "completed", 1, now(), facts, person_id=person_id, kind=VEHICLE_SERVICE.name
    )


async def test_an_email_about_a_booking_goes_to_the_address_that_its_reader_has_when_it_leaves(engine, begin):
    engine.directory.people[NINA.email] = NINA
    mail = about_a_booking(NINA.person_id)
    assert await (await begin(EmailWorkflow.run, mail)).result() is True
    (sent,) = [sent for sent in engine.post.sent if sent.identity == mail.identity]
    assert (sent.to, sent.name) == (NINA.email, NINA.name)


async def test_who_has_left_gets_no_email_about_a_booking(engine, begin):
    engine.directory.left.add("CST000778")
    mail = about_a_booking("CST000778")
    assert await (await begin(EmailWorkflow.run, mail)).result() is False
    assert arrived(engine, mail.identity) == 0


async def test_an_invitation_waits_for_the_transaction_that_makes_its_reader(engine, begin):
    directory, mail = engine.directory, replace(invitation(timedelta(days=7)), person_id="CST000781")
    directory.unknown.add("CST000781")
    handle = await begin(EmailWorkflow.run, mail)
    await eventually(lambda: "CST000781" in directory.looked_for)
    directory.unknown.remove("CST000781")
    assert await handle.result() is True
    assert arrived(engine, mail.identity) == 1


async def test_an_invitation_whose_reader_was_never_made_is_given_up(engine, begin):
    engine.directory.unknown.add("CST000782")
    mail = replace(invitation(timedelta(days=7)), person_id="CST000782", at=now() - UNKNOWN_FOR)
    assert await (await begin(EmailWorkflow.run, mail)).result() is False
    assert arrived(engine, mail.identity) == 0


async def test_an_email_whose_workflow_is_gone_is_given_up_after_a_day_and_holds_up_no_other(engine):
    outbox, old = engine.store.outbox, about_a_booking("CST000779")
    outbox.write(KIND, old.booking_id, 1, [old])
    outbox.write(KIND, old.booking_id, 2, [replace(old, slug="cancellation")])
    first, second = outbox.of(old.booking_id)
    first.since -= timedelta(hours=25).total_seconds()
    try:
        await eventually(lambda: second.looks)  # a person gets the e-mails of a booking one after the other
        assert outbox.of(old.booking_id) == [second]
        assert arrived(engine, old.identity) == 0
    finally:
        outbox.rows.remove(second)


async def test_an_email_whose_workflow_is_there_waits_for_its_version_however_long(engine, opened):
    visit = await opened()
    early = replace(about_a_booking("CST000780"), booking_id=visit.id)
    engine.store.outbox.write(KIND, visit.id, 99, [early])
    (row,) = [row for row in engine.store.outbox.of(visit.id) if row.version == 99]
    row.since -= timedelta(hours=25).total_seconds()
    try:
        looks = row.looks
        await eventually(lambda: row.looks > looks)
        assert row in engine.store.outbox.of(visit.id)
    finally:
        engine.store.outbox.rows.remove(row)
