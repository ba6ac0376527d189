"""The provider's settlements as the books keep them."""

from collections.abc import Iterable
from dataclasses import asdict

import orjson
from sqlalchemy import text

from adapters.postgres.database import Database
from domain.billing.provider import ProviderSettlement, SettledItem

_SETTLEMENTS = text(
    """
    INSERT INTO settlements (settlement_id, amount, fees, tax, utr, settled_at)
    SELECT DISTINCT ON (r.settlement_id) r.settlement_id, amount, fees, tax, utr, to_timestamp(settled_at)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS r(settlement_id text, amount bigint, fees bigint, tax bigint, utr text, settled_at bigint)
    ON CONFLICT (settlement_id) DO UPDATE SET amount = excluded.amount, fees = excluded.fees, tax = excluded.tax,
        utr = excluded.utr, settled_at = excluded.settled_at
    """
)
_ITEMS = text(
    """
    INSERT INTO settlement_items (settlement_id, entity_id, reference, type, payment_id, dispute_id, amount, fee, tax,
        credit, debit, settled_at)
    SELECT DISTINCT ON (r.settlement_id, r.entity_id) r.settlement_id, r.entity_id,
        CASE WHEN type = 'adjustment' THEN coalesce(dispute_id, entity_id) ELSE entity_id END, type, payment_id,
        dispute_id, amount, fee, tax, credit, debit, to_timestamp(settled_at)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(settlement_id text, entity_id text, type text, payment_id text,
        dispute_id text, amount bigint, fee bigint, tax bigint, credit bigint, debit bigint, settled_at bigint)
    ON CONFLICT (settlement_id, entity_id) DO UPDATE SET reference = excluded.reference, type = excluded.type,
        payment_id = excluded.payment_id, dispute_id = excluded.dispute_id, amount = excluded.amount,
        fee = excluded.fee, tax = excluded.tax, credit = excluded.credit, debit = excluded.debit,
        settled_at = excluded.settled_at
    """
)


async def keep_settlements(database: Database, settlements: Iterable[ProviderSettlement]) -> None:
    """Write what the provider says of its settlements; the second time changes nothing."""
    async with database.write.begin() as connection:
        await connection.execute(_SETTLEMENTS, {"rows": _json(settlements)})


async def keep_items(database: Database, items: Iterable[SettledItem]) -> None:
    """Write what is in them."""
    async with database.write.begin() as connection:
        await connection.execute(_ITEMS, {"rows": _json(items)})


def _json(rows: Iterable[ProviderSettlement] | Iterable[SettledItem]) -> str:
    return orjson.dumps([asdict(row) for row in rows]).decode()
