"""Where people of local services are paid out."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import ConnectionRunner
from adapters.postgres.payout_accounts import payout_account, put_payout_account
from domain.billing.transfers import PayoutAccount
from kinds.local_services.postgres import audit

# The next look finds payouts that have waited for an account.
_LOOK_AGAIN = text("UPDATE payout_accounts SET checked_at = NULL WHERE kind = :kind AND person_id = :person")


async def pay_out_to(
    connection: AsyncConnection, kind: str, person_id: str, account: PayoutAccount, admin: str
) -> None:
    """Their share goes there from now on; payouts that waited for an account are made soon."""
    before = await payout_account(ConnectionRunner(connection), kind, person_id)
    await put_payout_account(connection, kind, person_id, account)
    await connection.execute(_LOOK_AGAIN, {"kind": kind, "person": person_id})
    accounts = [before and before.account_id, account.account_id]
    await audit.record(connection, admin, "payout-account", "user", person_id, account_id=accounts)
