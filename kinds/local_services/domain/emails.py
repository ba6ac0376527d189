"""Which e-mail goes to whom of a move, and what it tells. No address, no phone: these are behind the login."""

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.emails import EmailFacts, EmailType
from domain.lifecycle import EngineAction
from domain.money import rupees
from kinds.local_services.domain import notices
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.money import paid_with
from kinds.local_services.domain.notices import slug_of
from kinds.local_services.domain.papers import addressee
from kinds.local_services.domain.payouts import share
from kinds.local_services.domain.views.parts import hours, price
from kinds.local_services.domain.waiting import waiting

_REQUESTS, _PAYMENTS, _WORK, _DISPUTES = "Requests", "Money", "Work", "Disputes"
DOCUMENT = "document"
"""The mail that brings a paper; it is no notice."""

EMAILS: dict[str, EmailType] = {
    slug_of(notices.REQUESTED): EmailType(_REQUESTS, "somebody asks for your service"),
    slug_of(notices.OFFER): EmailType(_REQUESTS, "there is a new offer for you"),
    slug_of(notices.REMINDER): EmailType(_REQUESTS, "a booking waits for you"),
    slug_of(notices.ACCEPTED): EmailType(_REQUESTS, "your offer is accepted"),
    slug_of(notices.DECLINED): EmailType(_REQUESTS, "your offer is declined"),
    slug_of(notices.EXPIRED): EmailType(_REQUESTS, "your booking has expired"),
    slug_of(notices.CANCELLED): EmailType(_REQUESTS, "your booking is cancelled"),
    slug_of(notices.PAYMENT_DUE): EmailType(_PAYMENTS, "your booking can be paid"),
    slug_of(notices.PAYMENT_FAILED): EmailType(_PAYMENTS, "the payment did not go through"),
    slug_of(notices.PAID): EmailType(_PAYMENTS, "your booking is paid"),
    slug_of(notices.REFUNDED): EmailType(_PAYMENTS, "your refund is on its way"),
    slug_of(notices.PAYOUT_RELEASED): EmailType(_PAYMENTS, "your share is on its way"),
    slug_of(notices.COMPLETED): EmailType(_WORK, "the work is done"),
    slug_of(notices.DISPUTE_OPENED): EmailType(_DISPUTES, "a dispute was opened"),
    slug_of(notices.DISPUTE_DECIDED): EmailType(_DISPUTES, "the dispute is decided"),
    DOCUMENT: EmailType(_PAYMENTS, "document {document}"),
}

OPTIONAL_FACTS = (
    "cause", "compensation", "fee", "note", "offer", "outcome", "payout", "price", "reason", "refund", "until",
    "waiting", "yours",
)  # fmt: skip
"""Facts that a mail can do without. Any other fact that is missing is a fault and stops the mail."""


def emails_for(before: ServiceBooking, after: ServiceBooking) -> tuple[tuple[str, str], ...]:
    """The e-mails of a move: (slug, person id)."""
    if after.event.action == EngineAction.ISSUE_INVOICE:
        return ((DOCUMENT, addressee(after, after.event.note)),)
    told = (each for each in notices.notices(after) if each.type not in notices.WITHOUT_MAIL)
    return tuple((slug_of(each.type), each.person) for each in told)


def email_facts(booking: ServiceBooking, slug: str, person: str) -> EmailFacts:
    """What that e-mail tells this person."""
    facts = {
        "title": booking.listing.title,
        "start": _local(booking, booking.starts_at),
        "hours": str(hours(booking.duration)),
        "status": str(booking.status),
        "price": price(booking.total) or "",
        "note": booking.event.note or "",
        "reader": "requester" if person == booking.requester else "provider",
        **_wait(booking),
        **_of_the_end(booking, person),
    }
    offer = booking.open_offer
    if offer is not None:
        facts["offer"] = f"{price(offer.total) or 'no price'}, {_local(booking, offer.starts_at)}"
    document = booking.event.note if slug == DOCUMENT else None
    return EmailFacts(facts, document=document, people={"other": booking.other(person)})


def _wait(booking: ServiceBooking) -> dict[str, str]:
    wait = waiting(booking)
    if wait is None:
        return {}
    return {"waiting": wait.what, "until": _local(booking, wait.until) if wait.until else ""}


def _of_the_end(booking: ServiceBooking, person: str) -> dict[str, str]:
    facts: dict[str, str] = {}
    if booking.cancellation is not None:
        done = booking.cancellation
        facts |= {"cause": str(done.cause), "fee": rupees(done.fee), "reason": done.reason or ""}
        if person == booking.requester:
            facts["refund"] = rupees(done.refund)
    if booking.dispute is not None and booking.dispute.decision is not None:
        facts["outcome"] = str(booking.dispute.decision.outcome)
        facts["refund"] = rupees(booking.dispute.decision.refund)
    if person == booking.provider and paid_with(booking) is not None:
        facts["payout"] = rupees(share(booking))
    return facts


def _local(booking: ServiceBooking, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(booking.policy.timezone)).strftime("%d %b %Y, %H:%M")
