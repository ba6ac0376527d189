"""What is sent to phones: the words are made while they are sent, from the number of the row of a code."""

from sqlalchemy import text

from adapters.auth.codes import Codes
from adapters.postgres.database import Database
from domain.text_messages import TextMessage

_TARGET = text("SELECT target, spent_at IS NULL AND expires_at > now() AS good FROM codes WHERE id = :id")


class CodeTexts:
    """The messages with codes of one kind."""

    def __init__(self, database: Database, codes: Codes, kind: str, shop: str) -> None:
        """``shop``: in whose name."""
        self._database = database
        self._codes = codes
        self._kind = kind
        self._shop = shop

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
