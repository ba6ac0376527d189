"""The log of e-mails forgets who leaves, also when an e-mail to them is still being tried."""

import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.testing import ActivityEnvironment

from activities.emails import EmailActivities
from adapters.postgres.database import Database
from adapters.postgres.email_log import EmailLogRows
from domain.account_emails import AccountEmail, AccountEmailSlug, query_response_email
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.postgres.storage import STORAGE
from settings import Stores
from tests.fakes.emails import FakeDocuments, FakeMailServer

KIND = VEHICLE_SERVICE.name
NOW = datetime.now(UTC)


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    database = Database(Stores(postgresql_url=postgres), STORAGE.schema)
    yield database
    await database.close()


async def leaves(database: Database, person: str, *documents: str) -> None:
    record = "INSERT INTO erasures (kind, person_id, role, documents) VALUES (:kind, :id, 'customer', :documents)"
    async with database.write.begin() as connection:
        await connection.execute(text(record), {"kind": KIND, "id": person, "documents": list(documents)})


async def kept(database: Database, mail: AccountEmail) -> list[Any]:
    """What every attempt has left: address, error, and what the mail was made of."""
    rows = """
        SELECT l.recipient_email, l.error, n.mail IS NULL FROM notification_logs AS l
        JOIN notifications AS n ON n.id = l.notification_id WHERE n.identity = :identity ORDER BY l.id
    """
    async with database.read.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(rows), {"identity": mail.identity})]


async def test_an_answer_that_is_tried_again_when_its_asker_has_left_is_neither_sent_nor_logged(database: Database):
    question, person = uuid.uuid4().hex[:24], f"CST{uuid.uuid4().hex[:6]}"
    answer = query_response_email(KIND, question, 1, f"{person}@example.com", "Open?", "Yes.", NOW)
    server, log = FakeMailServer(), EmailLogRows(database, {KIND: VEHICLE_SERVICE})
    sending = EmailActivities(server, log, FakeDocuments(), {})
    with server.down(), suppress(ConnectionError):
        await ActivityEnvironment().run(sending.send_account_email, answer)
    assert await kept(database, answer) == [(answer.to, "ConnectionError: the mail server sleeps", False)]
    await leaves(database, person, question, uuid.uuid4().hex[:24])
    assert await ActivityEnvironment().run(sending.send_account_email, answer) is False
    assert (server.sent, len(await kept(database, answer))) == ([], 1)


@pytest.mark.parametrize("error", [None, "TimeoutError: nina@example.com waits"])
async def test_an_attempt_that_ends_after_its_reader_has_left_is_logged_without_address_and_words(
    database: Database, error: str | None
):
    question, person = uuid.uuid4().hex[:24], f"CST{uuid.uuid4().hex[:6]}"
    told = AccountEmail(AccountEmailSlug.NEW_DEVICE, person, NOW, person_id=person, kind=KIND, to="nina@example.com")
    answer = query_response_email(KIND, question, 2, "nina@example.com", "Open?", "Yes.", NOW)
    log = EmailLogRows(database, {KIND: VEHICLE_SERVICE})
    await leaves(database, person, question)
    for mail in (told, answer):
        await log.record(mail, "a subject", [], None if error else "<1@test>", error)
        assert await kept(database, mail) == [("", "erased" if error else None, True)]
