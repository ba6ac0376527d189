"""Addresses that an earlier release kept with a domain beyond ASCII: one form of each is found and written to."""

from collections.abc import AsyncIterator

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text

from adapters.mail_addresses import with_ascii_domain
from adapters.postgres.database import Database
from kinds.vehicle_service.postgres.storage import STORAGE
from migrations.people import v0002_mail_domains
from settings import Stores

BEFORE = {
    "CST000001": "asha@bücher.example",
    "CST000002": "Ravi@Bücher.example",
    "CST000003": "ravi@xn--bcher-kva.example",
    "CST000004": "josé@bücher.example",
    "CST000005": "meera@example.com",
    "CST000006": "josé@example.com",
}
AFTER = BEFORE | {"CST000001": "asha@xn--bcher-kva.example", "CST000004": "josé@xn--bcher-kva.example"}


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    database = Database(Stores(postgresql_url=postgres), STORAGE.schema)
    yield database
    await database.close()


async def test_kept_addresses_get_their_ascii_form_unless_somebody_has_it(database: Database):
    def migrated(connection: Connection) -> dict[str, str]:
        connection.execute(text("CREATE TEMPORARY TABLE users (id text, email text, deleted_at timestamptz)"))
        for person_id, email in BEFORE.items():
            connection.execute(text("INSERT INTO users VALUES (:id, :email)"), {"id": person_id, "email": email})
        with Operations.context(MigrationContext.configure(connection)):
            v0002_mail_domains.upgrade()
        found = {row.id: row.email for row in connection.execute(text("SELECT id, email FROM users"))}
        connection.execute(text("DROP TABLE users"))
        return found

    async with database.write.begin() as connection:
        assert await connection.run_sync(migrated) == AFTER


@pytest.mark.parametrize(
    ("kept", "sent"),
    [
        ("asha@example.com", "asha@example.com"),
        ("asha@bücher.example", "asha@xn--bcher-kva.example"),
        ("josé@bücher.example", "josé@xn--bcher-kva.example"),
        ("josé", "josé"),
        ("asha@-ü-", "asha@-ü-"),
    ],
)
def test_a_kept_address_is_sent_to_its_ascii_domain(kept: str, sent: str):
    assert with_ascii_domain(kept) == sent
