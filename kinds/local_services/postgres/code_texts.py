"""What is sent to phones: the words are made while they are sent, from the number of the row of a code."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from adapters.auth.codes import Codes
from adapters.postgres.database import Database
from adapters.postgres.people.sessions import SessionQueries
from domain.account_emails import ResetRequest
from domain.text_messages import TextMessage, TextOrder
from kinds.local_services.postgres import profiles
from kinds.local_services.postgres.codes import CodeRows, Purpose, Sent
from kinds.local_services.postgres.text_bounds import is_within_all_texts

_TARGET = text("SELECT target, spent_at IS NULL AND expires_at > now() AS good FROM codes WHERE id = :id")


class CodeTexts:
    """The messages with codes of one kind."""

    def __init__(
        self, database: Database, codes: Codes, kind: str, shop: str, *, lifetime: timedelta, texts_in_all: int
    ) -> None:
        """``shop``: in whose name. ``lifetime``: of a code. ``texts_in_all``: of everybody in an hour."""
        self._database = database
        self._codes = codes
        self._kind = kind
        self._shop = shop
        self._lifetime = lifetime
        self._texts_in_all = texts_in_all
        self._rows = CodeRows(codes, kind)

    async def text_of(self, key: str) -> TextMessage | None:
        """The message with that row's code; None when the code is good no more.

        Raises:
            LookupError: there is no such row, or not yet.
        """
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_TARGET, {"id": key})).first()
        if row is None:
            raise LookupError(f"there is no code {key}")
        if not row.good:
            return None
        code = self._codes.of(self._kind, key)
        return TextMessage(row.target, f"{code} is your code at {self._shop}. Tell it to nobody, whoever asks.")

    async def reset_code(self, asked: ResetRequest) -> TextOrder | None:
        """The message with a code for whoever has the phone of that request; the same request again is the same one.

        None for nobody, when it comes too late, and beyond the bound of all texts: a refusal would tell who has an
        account.
        """
        who = await SessionQueries(self._database).who_logs_in("phone", asked.phone or "")
        if who is None or datetime.now(UTC) >= asked.good_until:
            return None
        async with self._database.read.connect() as connection:
            code = await self._rows.made(connection, asked.key)
            confirmed = await profiles.has_verified_phone(connection, who.id)
        if code is None:
            if not await is_within_all_texts(self._database, self._texts_in_all, confirmed=confirmed):
                return None
            code = await self._make(who.id, asked)
        return TextOrder(self._kind, code.number, code.at, code.good_until)

    async def _make(self, person_id: str, asked: ResetRequest) -> Sent:
        target = asked.phone or ""
        async with self._database.write.begin() as connection:
            return await self._rows.add(
                connection, person_id, Purpose.RESET_PASSWORD, target, self._lifetime, asked.key
            )
