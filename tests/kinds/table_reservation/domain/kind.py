"""The table reservation as the engine knows it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal

from domain.billing.balance import returned_of
from domain.billing.document_terms import DocumentSubject, LegDescription, Series, SubjectLine
from domain.billing.payouts import PayoutWish
from domain.billing.records import Payment
from domain.billing.views import when
from domain.commands import Command
from domain.deadlines import Deadline
from domain.emails import EmailFacts, EmailType
from domain.kind import BookingKind, Expectation, Json, OrderRequest, Participant
from domain.limits import HourlyLimit
from domain.money import percent_of, rupees
from domain.notices import Notice
from domain.people import ADMINISTRATION, OWN_ACCOUNT, SCOPE_OF_PAYOUTS, TAKING_PART, RoleSpec
from domain.ui_texts import UiTexts
from domain.waiting import Waiting
from tests.kinds.table_reservation.domain.booking import LIFECYCLE, HandOver, Miss, PayDeposit, Status, TableBooking
from tests.kinds.table_reservation.domain.rules import RESTAURANT, RULES, charges, due

GRACE = timedelta(minutes=30)


def waiting(booking: TableBooking) -> Waiting | None:
    if booking.status == Status.RESERVED and due(booking):
        return Waiting("customer", f"to pay the deposit of {rupees(due(booking))}", booking.starts_at + GRACE)
    if booking.status == Status.RESERVED:
        return Waiting("host", "to seat the guests", booking.starts_at + GRACE, "the table is free again")
    return Waiting("host", "to write the bill") if booking.status == Status.SEATED else None


def deadlines(booking: TableBooking) -> Iterator[Deadline]:
    if booking.status == Status.RESERVED:
        yield Deadline(at=booking.starts_at + GRACE, key="missed", summary="nobody comes", command=Miss())


def order_for(booking: TableBooking, command: Command) -> OrderRequest | None:
    return OrderRequest(due(booking)) if isinstance(command, PayDeposit) and due(booking) else None


def expects(booking: TableBooking, payment: Payment) -> Expectation:
    """A deposit that comes when the guests have sat down is set off at the bill all the same."""
    return {"reserved": Expectation.TAKE, "seated": Expectation.KEEP}.get(booking.status, Expectation.SEND_BACK)


def payouts(booking: TableBooking) -> Iterator[PayoutWish]:
    """The host's share of the deposit: on hold until the guests have left, or have not come."""
    over = booking.status in (Status.LEFT, Status.MISSED)
    for payment in booking.payments if booking.share else ():
        if payment.leg == "deposit" and not payment.superseded:
            kept = payment.amount - returned_of(booking, payment)
            share = percent_of(kept, Decimal(booking.share))
            yield PayoutWish(booking.host, payment.id, share, over, {"percent": str(booking.share)})


def participants(booking: TableBooking) -> Iterator[Participant]:
    yield from (Participant(booking.customer.id, "customer"), Participant(booking.host, "host"))
    yield from (Participant(guest, "customer", active=False) for guest in booking.former_guests)


def reservations(booking: TableBooking) -> Mapping[str, Json]:
    span = {"from": booking.starts_at.isoformat(), "until": booking.ends_at.isoformat()}
    held = booking.status in (Status.RESERVED, Status.SEATED)
    return {"table": {"house": booking.house, "table": booking.table, **span}} if held else {}


def summary(booking: TableBooking, role: str) -> Json:
    return {"table": {"house": booking.house, "number": booking.table, "from": when(booking.starts_at)}}


def notices(booking: TableBooking) -> Iterator[Notice]:
    """The guest is told on the phone as well, the host sees it in the application."""
    if booking.event.action == "cancel":
        told = {"table": booking.table}
        yield Notice(booking.customer.id, "table-cancelled", told, "Cancelled", f"Table {booking.table}")
        yield Notice(booking.host, "table-free", told)


TABLE_RESERVATION: BookingKind[TableBooking] = BookingKind(
    name="table_reservation",
    state=TableBooking,
    workflow="TableReservationWorkflow",
    roles=(
        RoleSpec("admin", "ADM", ADMINISTRATION | {SCOPE_OF_PAYOUTS}),
        RoleSpec("host", "TBL", TAKING_PART | {SCOPE_OF_PAYOUTS}),
        RoleSpec("customer", "TBL", TAKING_PART | OWN_ACCOUNT, open_registration=True),
    ),
    lifecycle=LIFECYCLE,
    rules=RULES,
    waiting=waiting,
    deadlines=deadlines,
    charges=charges,
    leg=lambda booking, name: LegDescription(f"Table {booking.table}: {name}", RESTAURANT),
    summary=summary,
    ui=UiTexts(
        static_summary=lambda booking: f"table {booking.table}, {booking.house} house",
        stages=(Status.RESERVED, Status.SEATED, Status.LEFT),
        assignee=lambda booking: (booking.host, booking.host),
        assignee_title="Host",
        scheduled_at=lambda booking: booking.starts_at,
    ),
    limits=(HourlyLimit("hand-overs", 300, (HandOver,)),),
    order_for=order_for,
    expects=expects,
    payouts=payouts,
    participants=participants,
    reservations=reservations,
    emails={"table-cancelled": EmailType("booking", "Cancelled"), "table-free": EmailType("booking", "A free table")},
    emails_for=lambda before, after: (
        (("table-cancelled", after.customer.id), ("table-free", after.host)) if after.event.action == "cancel" else ()
    ),
    email_facts=lambda booking, slug, person: EmailFacts({"table": str(booking.table)}),
    notices=notices,
    reminder=lambda email: Notice(email.person_id, email.slug, dict(email.facts), "Your table", "It waits for you."),
    document_subject=lambda booking: DocumentSubject(
        "Table", (SubjectLine("table", str(booking.table), "Number"), SubjectLine("house", booking.house, "House"))
    ),
    company=lambda booking: booking.house,
    series={"north": Series("TN", "CTN"), "south": Series("TS", "CTS")},
)
