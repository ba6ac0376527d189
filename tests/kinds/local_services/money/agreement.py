"""What must be true of bookings of local services when everything is calm: provider, ledger, rows and people agree."""

import asyncio
import re
import time
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import asyncpg
import httpx
from temporalio.client import Client, WorkflowExecutionStatus

from kinds.local_services.domain.kind import LOCAL_SERVICES
from tests.kinds.local_services.money.patience import PatientMarket
from tests.simulation.checks import QUICK
from tests.workflows.servers import connected
from workflows.booking.messages import PAYMENTS_QUEUE, booking_workflow_id
from workflows.reconciliation import ReconciliationResult, ReconciliationWorkflow

Json = dict[str, Any]
Movement = tuple[int, str, str]
_OURS = re.compile(r"po-(\d+)-")
_PAUSE = 1.0

_LEDGER = """
    SELECT booking_id, kind, reference, sum(amount)::bigint AS amount FROM ledger_entries
    WHERE booking_id = ANY($1) AND kind <> 'fee' GROUP BY 1, 2, 3 HAVING sum(amount) <> 0
"""
_ORDERS = "SELECT booking_id, order_id FROM payments WHERE booking_id = ANY($1) AND order_id IS NOT NULL"
_PAYOUTS = "SELECT booking_id, key, transfer_id, kept, state FROM payouts WHERE booking_id = ANY($1)"
_REFUNDS = "SELECT booking_id, refund_id, amount FROM refunds WHERE booking_id = ANY($1) AND status = 'processed'"
_ROWS = """
    SELECT b.id, b.status, b.version, b.settled,
        (SELECT count(*) FROM booking_events AS e WHERE e.booking_id = b.id) AS entries,
        (SELECT max(e.version) FROM booking_events AS e WHERE e.booking_id = b.id) AS last,
        (SELECT count(*) FROM outbox AS o WHERE o.booking_id = b.id) AS mails,
        (SELECT count(*) FROM push_outbox AS o WHERE o.booking_id = b.id) AS pushes
    FROM bookings AS b WHERE b.id = ANY($1)
"""
_NOTICES = """
    SELECT n.id, n.user_id, n.booking_id, n.version, n.type FROM local.user_notifications AS n
    WHERE n.booking_id = ANY($1)
"""


def until_all_agree(market: PatientMarket, bookings: Sequence[int], patience: float = 90.0) -> list[str]:
    """What is still wrong when the patience has run out; nothing, as soon as all is right."""
    until, wrong = time.monotonic() + patience, ["nothing was looked at"]
    while wrong:
        wrong = asyncio.run(Agreement(market, bookings).disagreements())
        if time.monotonic() > until:
            break
        time.sleep(_PAUSE if wrong else 0)
    return wrong


class Agreement:
    """One look at everything that belongs to these bookings."""

    def __init__(self, market: PatientMarket, bookings: Sequence[int]) -> None:
        self._info, self._ids = market.info, sorted(bookings)
        self._provider = market.state()

    async def disagreements(self) -> list[str]:
        """In words; the product's own reconciliation comes last, for it takes a moment."""
        rows = await asyncpg.connect(self._info["postgres"], server_settings={"search_path": "local, public"})
        try:
            client = await connected(self._info["temporal"])
            found = [*await self._money(rows), *await self._rows(rows, client), *await self._told(rows), *self._mails()]
            return found or await reconciled(client, self._ids)
        finally:
            await rows.close()

    async def _money(self, rows: "asyncpg.Connection[Any]") -> list[str]:
        """Every paisa that moved at the provider, and no other, is in the ledger of its booking."""
        orders = {row["order_id"]: row["booking_id"] for row in await rows.fetch(_ORDERS, self._ids)}
        ledger = await rows.fetch(_LEDGER, self._ids)
        posted = {(row["booking_id"], row["kind"], row["reference"]): row["amount"] for row in ledger}
        moved = dict(self._moved(orders))
        found = [
            f"booking {key[0]}: {key[1]} {key[2]}: provider {moved.get(key, 0)}, ledger {posted.get(key, 0)}"
            for key in sorted({*moved, *posted})
            if moved.get(key) != posted.get(key)
        ]
        payouts = await rows.fetch(_PAYOUTS, self._ids)
        found += self._payouts({row["transfer_id"]: row for row in payouts if row["transfer_id"]})
        refunds = {row["refund_id"]: row["amount"] for row in await rows.fetch(_REFUNDS, self._ids)}
        at_provider = {reference: -amount for (_, kind, reference), amount in moved.items() if kind == "refund"}
        if refunds != at_provider:
            found.append(f"refunds: {refunds} in the rows, {at_provider} at the provider")
        return found

    def _moved(self, orders: dict[str, int]) -> Iterator[tuple[Movement, int]]:
        payments = {each["id"]: each for each in self._provider["payments"] if each["order_id"] in orders}
        of = {payment: orders[each["order_id"]] for payment, each in payments.items()}
        for payment, each in payments.items():
            if each["captured"]:
                yield (of[payment], "capture", payment), each["amount"]
        for refund in self._provider["refunds"]:
            if refund["payment_id"] in of and refund["status"] == "processed":
                yield (of[refund["payment_id"]], "refund", refund["id"]), -refund["amount"]
        for dispute in self._provider["disputes"]:
            if dispute["payment_id"] in of and dispute["amount_deducted"]:
                yield (of[dispute["payment_id"]], "chargeback", dispute["id"]), -dispute["amount_deducted"]
        living = {each["id"]: self._booking_of(each) for each in self._transfers() if each["status"] != "failed"}
        for transfer in self._transfers():
            if transfer["id"] in living:
                yield (living[transfer["id"]], "transfer", transfer["id"]), -transfer["amount"]
        for reversal in self._provider["reversals"]:
            if reversal["transfer_id"] in living:
                yield (living[reversal["transfer_id"]], "reversal", reversal["id"]), reversal["amount"]

    def _transfers(self) -> list[Json]:
        """Those of our bookings, whatever they were made of."""
        return [each for each in self._provider["transfers"] if self._booking_of(each) in self._ids]

    @staticmethod
    def _booking_of(transfer: Json) -> int:
        notes = transfer["notes"]
        ours = _OURS.match(notes.get("payout", "")) if isinstance(notes, dict) else None
        return int(ours[1]) if ours else 0

    def _payouts(self, known: dict[str, Any]) -> Iterator[str]:
        """One transfer a booking, and what is left of it and whose it is as the booking says."""
        living: dict[int, list[str]] = defaultdict(list)
        for each in self._transfers():
            booking, row = self._booking_of(each), known.get(each["id"])
            if each["status"] == "failed":
                continue
            living[booking].append(each["id"])
            left = each["amount"] - each["amount_reversed"]
            if row is None or row["kept"] != left:
                yield f"booking {booking}: of transfer {each['id']} {left} are left, known is {row and row['kept']}"
            elif row["state"] in ("held", "released") and each["on_hold"] != (row["state"] == "held"):
                yield f"booking {booking}: {each['id']} is {row['state']}, at the provider on hold: {each['on_hold']}"
        for booking, transfers in living.items():
            if len(transfers) > 1:
                yield f"booking {booking}: {len(transfers)} transfers, {transfers}"

    async def _rows(self, rows: "asyncpg.Connection[Any]", client: Client) -> list[str]:
        """Timelines without a gap, nothing that waits to be sent, a workflow where there is something to settle."""
        found = []
        for row in await rows.fetch(_ROWS, self._ids):
            booking = f"booking {row['id']}"
            if not row["entries"] == row["last"] == row["version"]:
                found.append(f"{booking}: version {row['version']}, {row['entries']} entries to {row['last']}")
            if row["mails"] or row["pushes"]:
                found.append(f"{booking}: {row['mails']} mails and {row['pushes']} pushes wait")
            handle = client.get_workflow_handle(booking_workflow_id(LOCAL_SERVICES.name, row["id"]))
            if ((await handle.describe()).status is WorkflowExecutionStatus.RUNNING) == row["settled"]:
                found.append(f"{booking}: {row['status']}, settled {row['settled']}, its workflow says otherwise")
        return found

    async def _told(self, rows: "asyncpg.Connection[Any]") -> list[str]:
        """Each notification once for a person and move, and each push of it with one id."""
        notices = await rows.fetch(_NOTICES, self._ids)
        found = []
        seen: dict[tuple[Any, ...], int] = defaultdict(int)
        for each in notices:
            seen[each["booking_id"], each["version"], each["user_id"], each["type"]] += 1
        found += [f"booking {key[0]}: told {number} times of {key}" for key, number in seen.items() if number > 1]
        pushes = [each["message"] for each in self._phone("pushes") if each["status"] == 200]
        ids = {str(each["id"]): each["user_id"] for each in notices}
        told = {str(each["data"].get("notification_id")): each["token"] for each in pushes}
        found += [f"notification {one} of {who} came to no device" for one, who in ids.items() if one not in told]
        found += [
            f"notification {one} of {ids[one]} came to {token}"
            for one, token in told.items()
            if one in ids and token != f"phone-of-{ids[one]}"
        ]
        return found

    def _mails(self) -> Iterator[str]:
        """A mail that was sent twice is one mail, to one person."""
        identities: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for mail in httpx.get(f"{self._info['mail']['api']}/messages", trust_env=False).json():
            about = mail["headers"]
            if about.get("X-RevCare-Booking", "") in map(str, self._ids):
                place = (about["X-RevCare-Booking"], about["X-RevCare-Notice"], about["X-RevCare-Sequence"])
                identities[*place, str(about["To"])].add(about["Message-ID"])
        for key, found in identities.items():
            if len(found) > 1:
                yield f"booking {key[0]}: {key[1:]} was sent as {len(found)} mails"

    def _phone(self, what: str) -> list[Json]:
        answer: list[Json] = httpx.get(f"{self._info['phone']['api']}/sandbox/{what}", trust_env=False).json()
        return answer


async def reconciled(client: Client, bookings: Collection[int]) -> list[str]:
    """What the product itself finds about these bookings."""
    answer: ReconciliationResult = await client.execute_workflow(
        ReconciliationWorkflow.run, QUICK, id=f"reconciliation-{uuid.uuid4()}", task_queue=PAYMENTS_QUEUE
    )
    return [
        f"reconciliation: booking {each.booking_id}: {each.kind} {each.reference} {each.detail}"
        for each in answer.differences
        if each.booking_id in bookings
    ]
