"""What people are called and where they can be reached now."""

from collections.abc import Collection

import orjson

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared
from adapters.postgres.notices import Notices
from domain.account_emails import Recipient

_PEOPLE = """
    SELECT coalesce(json_agg(json_build_object('id', u.id, 'name', u.name, 'email', u.email)), '[]')::text AS people,
        {unwanted} AS unwanted
    FROM users AS u WHERE u.id = ANY(CAST(:ids AS text[]))
"""
_BEFORE = Prepared(
    "SELECT u.id, u.name, c.email FROM contact_changes AS c JOIN users AS u ON u.id = c.user_id WHERE c.id = :change"
)


class ContactRows:
    """Names and e-mail addresses as they are today, and addresses as they were before a change."""

    def __init__(self, database: Database, notices: Notices | None = None) -> None:
        """``notices`` say of which e-mails people of this kind want none."""
        self._database = database
        self._people = Prepared(_PEOPLE.format(unwanted=(notices or Notices()).unwanted))

    async def contact(
        self, person_id: str, mentioned: Collection[str] = (), about: str = ""
    ) -> tuple[Recipient | None, dict[str, str]]:
        """A reader, None for who has left, has no address, or wants no e-mails ``about`` that, a slug; and names by
        id: of who has left, what stands there.

        Raises:
            LookupError: there is no such reader, or not yet: an invitation may leave before its transaction has ended.
        """
        given = {"ids": [person_id, *mentioned], "person": person_id, "about": about, "channel": "email"}
        used = {name: given[name] for name in self._people.names}
        row = await self._database.row(self._people, **used)
        people = {person["id"]: person for person in orjson.loads(row["people"])}
        if person_id not in people:
            raise LookupError(f"there is no person {person_id}")
        reader = people[person_id]
        reached = reader["email"] and not row["unwanted"]
        recipient = Recipient(person_id, reader["name"], reader["email"]) if reached else None
        return recipient, {each: people[each]["name"] for each in mentioned if each in people}

    async def contact_before(self, change: str) -> Recipient:
        """Who had the mail address that was theirs before a change.

        Raises:
            LookupError: there is no such change, not yet or not any more.
        """
        row = await self._database.row(_BEFORE, change=change)
        if row is None:
            raise LookupError(f"there is no change {change} of phone or mail address")
        return Recipient(row["id"], row["name"], row["email"])
