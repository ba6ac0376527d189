"""Local services as the engine knows them: the table of contents of this folder."""

from domain.billing.document_terms import DocumentSubject, SubjectLine
from domain.kind import BookingKind
from domain.people import Actor
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import KIND, ServiceBooking, Status
from kinds.local_services.domain.deadlines import deadlines
from kinds.local_services.domain.emails import EMAILS, email_facts, emails_for
from kinds.local_services.domain.lifecycle import LIFECYCLE, Action
from kinds.local_services.domain.money import SERVICE_LEG, charges
from kinds.local_services.domain.papers import SERIES, documents, issuing, leg
from kinds.local_services.domain.participants import participants, reservations
from kinds.local_services.domain.payouts import payouts
from kinds.local_services.domain.roles import ROLES
from kinds.local_services.domain.rules import RULES
from kinds.local_services.domain.rules.paying import already_done, expects, order_for
from kinds.local_services.domain.timeline import timeline
from kinds.local_services.domain.told import reminded, told
from kinds.local_services.domain.ui import UI
from kinds.local_services.domain.views.detail import HIDDEN_NOTES, summary, view
from kinds.local_services.domain.waiting import GATEWAY, waiting


def _work_is_done(booking: ServiceBooking) -> bool:
    """Confirmed and reviewed, or called off for good."""
    if booking.disputed:
        return False
    if booking.status == Status.COMPLETED:
        return booking.confirmed and booking.reviews_closed
    return booking.cancellation is not None and booking.cancellation.hold_from is None


def _cancel(actor: Actor, reason: str) -> commands.Cancel:
    return commands.Cancel(actor, reason=reason)


def _document_subject(booking: ServiceBooking) -> DocumentSubject:
    return DocumentSubject("Service", (SubjectLine("service", booking.listing.title),))


LOCAL_SERVICES: BookingKind[ServiceBooking] = BookingKind(
    name=KIND,
    state=ServiceBooking,
    workflow="LocalServiceWorkflow",
    roles=ROLES,
    first_action=Action.REQUEST,
    payment_provider=GATEWAY,
    lifecycle=LIFECYCLE,
    rules=RULES,
    work_is_done=_work_is_done,
    cancel=_cancel,
    waiting=waiting,
    deadlines=deadlines,
    charges=charges,
    leg=leg,
    view=view,
    summary=summary,
    timeline=timeline,
    ui=UI,
    already_done=already_done,
    order_for=order_for,
    expects=expects,
    payouts=payouts,
    participants=participants,
    reservations=reservations,
    hidden_notes=HIDDEN_NOTES,
    emails=EMAILS,
    emails_for=emails_for,
    email_facts=email_facts,
    notices=told,
    reminder=reminded,
    documents=documents,
    document_subject=_document_subject,
    series=SERIES,
    issuing=issuing,
    document_leg=SERVICE_LEG,
)
