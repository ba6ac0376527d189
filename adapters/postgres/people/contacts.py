"""Where people can be reached now."""

from sqlalchemy import text

from adapters.postgres.database import Database
from domain.account_emails import Recipient

_CONTACT = text("SELECT id, name, email FROM users WHERE id = :id AND deleted_at IS NULL AND email IS NOT NULL")


class ContactRows:
    """Names and e-mail addresses as they are today."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def contact(self, person_id: str) -> Recipient | None:
        """None for who has left or has no address."""
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_CONTACT, {"id": person_id})).first()
        return Recipient(row.id, row.name, row.email) if row else None
