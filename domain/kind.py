"""What the engine asks of a kind of booking, in one object: ``BookingKind``.

The engine decides, records, projects, takes and returns money, writes documents and e-mails for every kind; whatever
it cannot know about bookings of one kind it asks here. Everything is plain data or a pure function of the state.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from domain.billing.document_terms import DocumentSubject, IssueTerms, LegDescription, Series
from domain.billing.due_documents import DueDocument, documents_of_money
from domain.billing.payouts import PayoutWish
from domain.billing.records import Payment
from domain.billing.totals import Charge
from domain.booking import Address, Booking
from domain.commands import Cancel, Command, CommandWithOrder
from domain.deadlines import Deadline
from domain.emails import BookingEmail, EmailFacts, EmailType
from domain.lifecycle import Lifecycle, Transition
from domain.limits import HourlyLimit
from domain.money import Paise
from domain.notices import Notice
from domain.people import NAMES, Actor, Person, Role, RoleSpec
from domain.ui_texts import UiTexts
from domain.waiting import Waiting

B = TypeVar("B", bound=Booking)

Json = dict[str, Any]
Rule = Callable[[B, Any, datetime], Transition]
"""(a working copy of the booking, the command, now): changes the copy or raises ``BookingError``."""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order that the payment provider has to make before a command can be granted.

    ``optional``: the command is granted without one when the provider does not answer (cash will do).
    """

    amount: Paise
    optional: bool = False


class Expectation(Enum):
    """What to do with the money of a payment that was asked for."""

    TAKE = "take"
    """The booking waits for it: what is only authorised is captured."""
    KEEP = "keep"
    """Nothing waits for it, but what came in stays, as an advance."""
    SEND_BACK = "send-back"
    """It is not wanted (any more)."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A person who may see the booking in that role; one who took part once and no longer does is not ``active``."""

    person: str
    role: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class ViewContext:
    """What a view needs beside the state: the provider's public key for a checkout, the booking's people by id."""

    key_id: str
    people: Mapping[str, Person] = field(default_factory=dict)
    rows: Json = field(default_factory=dict)
    """What the kind's storage has beside the state (``KindStorage.shown``)."""

    def person(self, person_id: str) -> Person:
        """That person as they are known now; an id without a person reads as itself."""
        return self.people.get(person_id) or Person(person_id, NAMES.get(person_id, person_id))


def _always(booking: Any) -> bool:
    return True


def _nothing_more(booking: Any, role: str) -> Json:
    return {}


def _order_stands(booking: Booking, command: Command) -> bool:
    return isinstance(command, CommandWithOrder) and booking.live_order() is not None


def _as_recorded(entries: Sequence[Json], context: ViewContext) -> Sequence[Json]:
    return entries


def _no_order(booking: Any, command: Command) -> OrderRequest | None:
    return None


def _nothing_expected(booking: Any, payment: Payment) -> Expectation:
    return Expectation.SEND_BACK


def _the_customer(booking: Booking) -> Iterable[Participant]:
    return (Participant(booking.customer.id, "customer"),)


def _nothing_reserved(booking: Any) -> Mapping[str, Json]:
    return {}


def _nothing_open(booking: Any) -> bool:
    return False


def _as_it_is(booking: B, found: Json) -> B:
    return booking


def _none(booking: Any) -> Iterable[Any]:
    return ()


def _no_emails(before: Any, after: Any) -> tuple[tuple[str, str], ...]:
    return ()


def _customers_address(booking: Booking) -> Address | None:
    return booking.customer.address


@dataclass(frozen=True, kw_only=True)
class BookingKind(Generic[B]):
    """One kind of booking. Without the optional parts a booking costs nothing, reserves nothing and sends no e-mail.

    ``name`` is the prefix of workflow ids and "kind" on the wire; the JSON of ``state`` is the workflow's payload, the
    row and the next run's start.
    """

    name: str
    state: type[B]
    workflow: str
    roles: tuple[RoleSpec, ...]
    lifecycle: Lifecycle[Any]
    rules: Mapping[type[Command], Rule[B]]
    waiting: Callable[[B], Waiting | None]
    """Whom its own work waits for; None when only money and documents are left, of which the engine knows."""
    deadlines: Callable[[B], Iterable[Deadline]]
    charges: Callable[[B], tuple[Charge, ...]]
    leg: Callable[[B, str], LegDescription]
    """About a leg of the charges, by its name."""
    ui: UiTexts[B]
    first_action: str = "book"
    """The action of the first timeline entry."""
    payment_provider: str = "provider"
    """What waits call the provider of payments, where "provider" is somebody else."""
    cancel: Callable[[Actor, str], Command] = Cancel
    """What Cancel in the Temporal UI means."""
    summary: Callable[[B, str], Json] = _nothing_more
    """What a list row for a role has beside customer and totals."""
    summary_version: int = 1
    """Counts the changes of ``summary``: raise it with each, for rows of earlier ones are stored."""
    view: Callable[[B, Actor, ViewContext], Json] | None = None
    """What a viewer sees in detail; without it the row, and all about the money for those who may see it."""
    timeline: Callable[[Sequence[Json], ViewContext], Sequence[Json]] = _as_recorded
    """The entries of a timeline in the kind's words, with what it tells beside the moves. Of a stream they come one by
    one, and without what else the context has."""
    work_is_done: Callable[[B], bool] = _always
    """Whether a booking in a final status is, beside money and documents, which the engine looks after."""
    limits: tuple[HourlyLimit, ...] = ()
    """How often people may repeat themselves; a command that stands in none is not counted."""
    already_done: Callable[[B, Command], bool] = _order_stands
    """The booking is as a repeatable command wants it: the same order stands, cash is agreed on."""
    order_for: Callable[[B, Command], OrderRequest | None] = _no_order
    expects: Callable[[B, Payment], Expectation] = _nothing_expected
    payouts: Callable[[B], Iterable[PayoutWish]] = _none
    """What of the money that came in is somebody else's by this state: one wish for each payee and payment."""
    participants: Callable[[B], Iterable[Participant]] = _the_customer
    reservations: Callable[[B], Mapping[str, Json]] = _nothing_reserved
    """The contended things that this state holds, by leg; the engine only compares them."""
    leaves_open: Callable[[B], bool] = _nothing_open
    """Whether a new booking takes something else that is free, should what it wants to reserve be taken meanwhile."""
    with_found: Callable[[B, Json], B] = _as_it_is
    """That booking with what its storage has found instead."""
    attention: Callable[[B], Iterable[str]] = _none
    """The kind's own reasons to call an admin, in sentences."""
    hidden_notes: Mapping[str, frozenset[str]] = field(default_factory=lambda: {Role.CUSTOMER: frozenset({"alert"})})
    """Role -> actions whose note it may not read: what an admin is called for is not for customers."""
    emails: Mapping[str, EmailType] = field(default_factory=dict)
    emails_for: Callable[[B, B], tuple[tuple[str, str], ...]] = _no_emails
    """The e-mails of a transition: (slug, person id)."""
    email_facts: Callable[[B, str, str], EmailFacts] = lambda booking, slug, person: EmailFacts({})
    notices: Callable[[B], Iterable[Notice]] = lambda booking: ()
    """Who is told what of the newest entry of its timeline, in the application and on their devices."""
    reminder: Callable[[BookingEmail], Notice | None] = lambda email: None
    """What the reader of an e-mail that a deadline sends is told there as well: no move tells it."""
    documents: Callable[[B], Iterable[DueDocument]] = documents_of_money
    billing_address: Callable[[B], Address | None] = _customers_address
    document_subject: Callable[[B], DocumentSubject] = lambda booking: DocumentSubject()
    company: Callable[[B], str] = lambda booking: ""
    """Which company issues the documents of a booking, where there are several."""
    series: Mapping[str, Series] = field(default_factory=lambda: {"": Series("RC", "CN")})
    """Company -> the numbers of its documents."""
    issuing: Callable[[B, DueDocument], IssueTerms] | None = None
    """By whom and to whom a document is issued; without it by the booking's company to its customer."""
    document_leg: str | None = None
    """The leg whose invoice is that of the booking, where others than its customer have invoices of their own: then
    each document is only for whom it is issued to, and for admins."""

    def issue_terms(self, booking: B, due: DueDocument) -> IssueTerms:
        """How a document that is due is issued."""
        if self.issuing is not None:
            return self.issuing(booking, due)
        return IssueTerms(self.company(booking), booking.customer.id, booking.rate)

    @property
    def pays_out(self) -> bool:
        """Whether it passes money on to others at all."""
        return self.payouts is not _none

    def role(self, name: str) -> RoleSpec:
        """What is said about a role.

        Raises:
            LookupError: there is no such role.
        """
        for spec in self.roles:
            if spec.name == name:
                return spec
        raise LookupError(f"{self.name} has no role {name}")

    def shown_role(self, name: str) -> str:
        """What answers and tokens call a role."""
        return next((spec.shown for spec in self.roles if spec.name == name), name)

    def sees_money(self, role: str) -> bool:
        """Whether people in that role read amounts."""
        return next((spec.sees_money for spec in self.roles if spec.name == role), True)
