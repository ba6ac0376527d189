"""The provider's side of a comparison: what moved there, by its lists and by id."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from activities.reconciliation_ports import Ledger, ProviderStatement, Span, TransferStatement
from domain.billing.ledger import EntryKind, Fact
from domain.billing.statement import facts_of_dispute, facts_of_payment, facts_of_refund, facts_of_transfer

_DISPUTED_FOR = timedelta(days=180)


class ProviderMovements:
    """``transfers``: where a kind passes money on."""

    def __init__(
        self, statement: ProviderStatement, ledger: Ledger, transfers: TransferStatement | None = None
    ) -> None:
        self._statement = statement
        self._ledger = ledger
        self._transfers = transfers

    def listed(
        self, part: Span, disputes_until: datetime | None, each: Callable[[Iterator[Any]], Iterable[Any]] = iter
    ) -> list[Fact]:
        """What began in that time; with ``disputes_until`` every lost dispute of the last half year before, too."""
        payments = each(self._statement.payments_between(part.since, part.until))
        found = [fact for payment in payments for fact in facts_of_payment(payment)]
        for refund in each(self._statement.refunds_between(part.since, part.until)):
            found += facts_of_refund(refund)
        for transfer in each(self._transfers.transfers_between(part.since, part.until)) if self._transfers else ():
            found += facts_of_transfer(transfer)
        if disputes_until is not None:
            for dispute in each(self._statement.disputes_between(part.since - _DISPUTED_FOR, disputes_until)):
                found += facts_of_dispute(dispute)
        return found

    async def missed(self, fact: Fact) -> list[Fact]:
        """What the lists of this time do not have, asked for by its id; a reversal by the transfers of its booking."""
        if fact.kind not in (EntryKind.TRANSFER, EntryKind.REVERSAL):
            return await asyncio.to_thread(self.fetch, fact)
        if self._transfers is None or fact.booking_id is None:
            return []
        ids = [fact.reference]
        if fact.kind is EntryKind.REVERSAL:
            ids = await self._ledger.transfers_of(fact.booking_id)
        found = [await asyncio.to_thread(self._transfers.transfer, each) for each in ids]
        facts = [each for transfer in found if transfer is not None for each in facts_of_transfer(transfer)]
        return [each for each in facts if (each.kind, each.reference) == (fact.kind, fact.reference)]

    def fetch(self, fact: Fact) -> list[Fact]:
        """A payment, fee, refund or dispute by its id; nothing when the provider does not know it."""
        if fact.kind in (EntryKind.CAPTURE, EntryKind.FEE):
            payment = self._statement.payment(fact.reference)
            return [each for each in facts_of_payment(payment) if each.kind is fact.kind] if payment else []
        if fact.kind is EntryKind.CHARGEBACK:
            dispute = self._statement.dispute_of_id(fact.reference)
            return list(facts_of_dispute(dispute)) if dispute else []
        refund = self._statement.refund_of_id(fact.reference)
        return list(facts_of_refund(refund)) if refund else []
