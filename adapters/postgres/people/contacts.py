"""What people are called and where they can be reached now."""

from collections.abc import Collection

from sqlalchemy import text

from adapters.postgres.database import Database
from domain.account_emails import Recipient

_PEOPLE = text("SELECT id, name, email FROM users WHERE id = ANY(CAST(:ids AS text[]))")


class ContactRows:
    """Names and e-mail addresses as they are today."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def contact(self, person_id: str, mentioned: Collection[str] = ()) -> tuple[Recipient | None, dict[str, str]]:
        """A reader, None for who has left or has no address; and names by id: of who has left, what stands there.

        Raises:
            LookupError: there is no such reader, or not yet: an invitation may leave before its transaction has ended.
        """
        async with self._database.read.connect() as connection:
            rows = (await connection.execute(_PEOPLE, {"ids": [person_id, *mentioned]})).all()
        reader = next((row for row in rows if row.id == person_id), None)
        if reader is None:
            raise LookupError(f"there is no person {person_id}")
        address = Recipient(reader.id, reader.name, reader.email) if reader.email else None
        return address, {row.id: row.name for row in rows if row.id in mentioned}
