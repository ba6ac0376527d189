"""What people are called and where they can be reached now."""

from collections.abc import Collection

from sqlalchemy import text

from adapters.postgres.database import Database
from domain.account_emails import Recipient

_CONTACT = text("SELECT id, name, email FROM users WHERE id = :id")
_NAMES = text("SELECT id, name FROM users WHERE id = ANY(CAST(:ids AS text[]))")


class ContactRows:
    """Names and e-mail addresses as they are today."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def contact(self, person_id: str) -> Recipient | None:
        """None for who has left or has no address.

        Raises:
            LookupError: there is no such person, or not yet: an invitation may leave before its transaction has ended.
        """
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_CONTACT, {"id": person_id})).first()
        if row is None:
            raise LookupError(f"there is no person {person_id}")
        return Recipient(row.id, row.name, row.email) if row.email else None

    async def names(self, person_ids: Collection[str]) -> dict[str, str]:
        """Names by id; of who has left, what stands in its place."""
        async with self._database.read.connect() as connection:
            return {row.id: row.name for row in await connection.execute(_NAMES, {"ids": list(person_ids)})}
