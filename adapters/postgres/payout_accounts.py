"""The accounts that people have at the payment provider, to be paid out."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared, StatementRunner
from domain.billing.transfers import AccountStatus, PayoutAccount

_OF = Prepared("SELECT account_id, status FROM payout_accounts WHERE kind = :kind AND person_id = :person")
_PUT = text(
    """
    INSERT INTO payout_accounts (kind, person_id, account_id, status, checked_at)
    VALUES (:kind, :person, :account_id, :status, now())
    ON CONFLICT (kind, person_id) DO UPDATE SET account_id = excluded.account_id, status = excluded.status,
        checked_at = excluded.checked_at
    """
)
_SEEN = text("UPDATE payout_accounts SET status = :status, checked_at = now() WHERE account_id = :account_id")
_NEWS = text(
    "SELECT DISTINCT account_id, checked_at FROM payout_accounts"
    " WHERE checked_at IS NULL OR checked_at < now() - interval '1 day' ORDER BY checked_at NULLS FIRST LIMIT :most"
)
_WAITING = text(
    """
    SELECT DISTINCT b.kind, b.id FROM payout_accounts AS a
    JOIN bookings AS b ON b.kind = a.kind
    JOIN payouts AS p ON p.booking_id = b.id AND p.payee = a.person_id AND p.state = 'pending'
    WHERE a.account_id = :account_id LIMIT :most
    """
)
MOST = 500


async def payout_account(runner: StatementRunner, kind: str, person: str) -> PayoutAccount | None:
    """Somebody's account as it was last seen, if they have one."""
    row = await runner.row(_OF, kind=kind, person=person)
    return PayoutAccount(row["account_id"], AccountStatus(row["status"])) if row is not None else None


async def put_payout_account(connection: AsyncConnection, kind: str, person: str, account: PayoutAccount) -> None:
    """From now on they are paid out there; it was just looked at."""
    given = {"kind": kind, "person": person, "account_id": account.account_id, "status": str(account.status)}
    await connection.execute(_PUT, given)


class PayoutAccountRows:
    """The same for a worker."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def account_of(self, kind: str, person: str) -> PayoutAccount | None:
        """Somebody's account."""
        return await payout_account(self._database, kind, person)

    async def seen(self, account_id: str, status: AccountStatus) -> None:
        """The provider says so now."""
        async with self._database.write.begin() as connection:
            await connection.execute(_SEEN, {"account_id": account_id, "status": str(status)})

    async def to_look_at(self) -> Sequence[str]:
        """Accounts about which the provider has told something, and those that were not looked at for a day."""
        async with self._database.read.connect() as connection:
            return [row.account_id for row in await connection.execute(_NEWS, {"most": MOST})]

    async def waiting_for(self, account_id: str) -> Sequence[tuple[str, int]]:
        """Bookings (kind, id) whose payout waits for that account."""
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_WAITING, {"account_id": account_id, "most": MOST})
            return [(row.kind, row.id) for row in rows]
