"""The sums of a month: each is known from two sides, which have to be equal to the paisa."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from domain.billing.documents import DocumentFacts
from domain.billing.ledger import EntryKind
from domain.books.gstr1 import BookedDocument, Gstr1
from domain.books.registers import ItemRow, OpenItem, SettlementRow, UnsettledRow
from domain.books.sheets import Row, Rupees
from domain.money import Paise

_ONLINE = tuple(kind for kind in EntryKind if kind is not EntryKind.CASH)
_OF_CUSTOMERS = (EntryKind.CAPTURE, EntryKind.CASH, EntryKind.REFUND, EntryKind.CHARGEBACK)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the database itself adds up, beside the rows that went into the sheets. In paise.

    ``open_before``, ``unsettled_before``: money less documents, and what the provider had still to settle, when the
    month began.
    """

    invoices: Paise
    credit_notes: Paise
    ledger: dict[str, Paise]
    settled: Paise
    open_before: Paise
    unsettled_before: Paise


@dataclass(frozen=True, slots=True)
class Check:
    """Two sides of one sum."""

    what: str
    one: Paise
    other: Paise

    @property
    def difference(self) -> Paise:
        """Zero when the books are right."""
        return self.one - self.other

    @property
    def row(self) -> Row:
        """As the summary shows it."""
        return (self.what, Rupees(self.one), Rupees(self.other), Rupees(self.difference))


@dataclass(slots=True)
class Sums:
    """What has gone into the sheets so far."""

    sales: Paise = 0
    credit_notes: Paise = 0
    to_payees: Paise = 0
    documents: int = 0
    taxes: dict[str, Paise] = field(default_factory=lambda: dict.fromkeys(("taxable", "cgst", "sgst", "igst"), 0))
    ledger: dict[str, Paise] = field(default_factory=lambda: dict.fromkeys(map(str, EntryKind), 0))
    open_items: Paise = 0
    settlements: Paise = 0
    settlement_sums: Paise = 0
    items: Paise = 0
    unmatched: int = 0
    unsettled: Paise = 0

    def document(self, document: BookedDocument) -> None:
        """A row of the sales register or of the credit notes."""
        facts: DocumentFacts = document.facts
        self.documents += 1
        if document.sign > 0:
            self.sales += facts.total
        else:
            self.credit_notes += facts.total
        if document.to_payee:
            self.to_payees += document.sign * facts.total
        for name in self.taxes:
            self.taxes[name] += document.sign * getattr(facts, name)

    def entry(self, kind: str, amount: Paise) -> None:
        """A row of the ledger."""
        self.ledger[kind] = self.ledger.get(kind, 0) + amount

    def open_item(self, item: OpenItem) -> None:
        """A booking whose money and documents differ."""
        self.open_items += item.money - item.documents

    def settlement(self, row: SettlementRow) -> None:
        """A settlement."""
        self.settlements += row.amount
        self.settlement_sums += row.items

    def item(self, row: ItemRow) -> None:
        """An item of a settlement."""
        self.items += row.credit - row.debit
        self.unmatched += row.found != "matched"

    def not_settled(self, row: UnsettledRow) -> None:
        """What the provider has still to settle."""
        self.unsettled += row.ledger - row.settled

    def checks(self, totals: Totals, returns: Iterable[Gstr1], *, account: bool) -> Iterator[Check]:
        """Every sum from both sides. ``account``: with the provider's settlements, which are of the whole account."""
        returns = list(returns)
        documents = self.sales - self.credit_notes
        reported = sum(sum(each.by_table.values()) for each in returns)
        rounded = sum(each.round_off for each in returns)
        yield Check("Sales register / invoices issued", self.sales, totals.invoices)
        yield Check("Credit notes / credit notes issued", self.credit_notes, totals.credit_notes)
        yield Check("GSTR-1 with taxes and round-off / invoices less credit notes", reported + rounded, documents)
        by_sac = sum(each.by_sac for each in returns)
        yield Check("Summary by SAC with round-off / invoices less credit notes", by_sac + rounded, documents)
        for kind in EntryKind:
            yield Check(f"Ledger, {kind} / entries", self.ledger[kind], totals.ledger.get(kind, 0))
        moved = sum(self.ledger[kind] for kind in _OF_CUSTOMERS)
        yield Check(
            "Money less documents at the end / at the beginning, with what moved and was issued",
            self.open_items,
            totals.open_before + moved - (documents - self.to_payees),
        )
        if account:
            online = sum(self.ledger[kind] for kind in _ONLINE)
            yield Check("Settlements, as the provider says / their items", self.settlements, self.items)
            yield Check("Items of settlements / as stored", self.items, totals.settled)
            yield Check(
                "Not settled at the end / at the beginning, with what moved, less what was settled",
                self.unsettled,
                totals.unsettled_before + online - self.items,
            )

    def told(self, returns: Iterable[Gstr1]) -> Iterator[Row]:
        """What the summary says besides: taxes, and what a person has to look at."""
        for name, label in (("taxable", "Taxable value"), ("cgst", "CGST"), ("sgst", "SGST"), ("igst", "IGST")):
            yield (f"{label}, invoices less credit notes", Rupees(self.taxes[name]), None, None)
        yield ("Documents", self.documents, None, None)
        for each in returns:
            yield (f"Documents of {each.gstin} without a State as place of supply", each.without_place, None, None)
            for series, count in each.missing_numbers().items():
                yield (f"Numbers that {series} lacks", count, None, None)
        yield ("Items of settlements that are not as in the ledger", self.unmatched, None, None)
