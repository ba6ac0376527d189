"""What mails say: every kind in both forms, hostile words included."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from adapters.auth.codes import Codes
from adapters.auth.contact_links import ContactLinks
from adapters.auth.password_links import PasswordLinks
from adapters.mail.render import KindTemplates, Rendered, Renderer, Shop, inr
from domain.billing.provider import ProviderRefund
from domain.billing.records import Method
from domain.commands import AdoptRefund
from domain.emails import BookingEmail, EmailLine, booking_emails, deadline_email
from kinds.vehicle_service.domain.emails import EMAILS, OPTIONAL_FACTS, BookingEmailSlug
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.parts import PickupType
from kinds.vehicle_service.emails import TEMPLATES
from settings import Secrets
from tests.kinds.vehicle_service import bookings
from tests.kinds.vehicle_service.bookings import MONDAY, BookingBuilder
from tests.of_every import of_every

KINDS = {VEHICLE_SERVICE.name: KindTemplates(VEHICLE_SERVICE.emails, TEMPLATES, OPTIONAL_FACTS)}
RENDERER = Renderer(
    shop=Shop("RevCare", "https://revcare.example/"),
    password_links=PasswordLinks(Secrets()),
    contact_links=ContactLinks(Secrets()),
    codes=Codes(Secrets()),
    kinds=KINDS,
)
NEEDED = {
    "vehicle": "Hyundai i20",
    "registration_number": "TN01AB1234",
    "status": "booked",
    "pickup_type": "doorstep",
    "pickup": "24 Nov 2026, Morning (08:00 to 12:00)",
    "drop": "25 Nov 2026, Morning (08:00 to 12:00)",
    "subtotal": "2500.00",
    "gst_percent": "18",
    "gst": "450.00",
    "total": "2950.00",
    "paid": "0.00",
    "due": "2950.00",
}
OF_A_KIND = {
    BookingEmailSlug.CANCELLATION: {"fee": "100.00", "gst_on_fee": "18.00", "fee_total": "118.00", "refund": "2832.00"},
    BookingEmailSlug.REFUND_PROCESSED: {"refund_amount": "2832.00"},
    BookingEmailSlug.REFUND_DELAYED: {"refund_amount": "2832.00"},
    BookingEmailSlug.SERVICE_REMINDER: {"months": "6", "delivered_on": "24 May 2026", "services": "Brake pads, front"},
}
EVIL = "<script>alert('x')</script>\r\nBcc: everyone@example.com"


class Page(HTMLParser):
    """Which tags a page has, and everything that it would fetch or lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "background")]


def notice(kind: BookingEmailSlug, **facts: str) -> BookingEmail:
    """A notice with the fewest facts that a mail of its kind can do with."""
    told = NEEDED | OF_A_KIND.get(kind, {}) | facts
    document = "RC-2627-000001" if kind is BookingEmailSlug.INVOICE else None
    mail = BookingEmail(1021, kind, 1, MONDAY, told, document=document, kind=VEHICLE_SERVICE.name)
    return replace(mail, to="asha@example.com", name="Asha Rao")


def mails(builder: BookingBuilder) -> dict[BookingEmailSlug, Rendered]:
    """The newest mail of each kind that a booking sends."""
    sent = [notice for before, after in builder.moves for notice in booking_emails(VEHICLE_SERVICE, before, after)]
    return {notice.slug: RENDERER.render(notice) for notice in sent}


def test_every_kind_has_a_subject() -> None:
    assert set(EMAILS) == set(BookingEmailSlug)


@of_every(BookingEmailSlug, ["booked", "analysed", "in-progress", "completed", "cancelled"])
def test_every_kind_renders_with_the_fewest_facts(kind: BookingEmailSlug, status: str) -> None:
    told = RENDERER.render(notice(kind, status=status))
    assert told.subject.startswith("Booking 1021: ")
    assert len(told.subject) < 70
    for form in (told.text, told.html):
        assert "Asha Rao" in form
        assert "Hyundai i20" in form
        assert "TN01AB1234" in form
        assert "https://revcare.example/bookings/1021" in form
        assert "None" not in form


@of_every(BookingEmailSlug)
def test_a_page_leads_to_the_booking_and_fetches_nothing(kind: BookingEmailSlug) -> None:
    page = Page(RENDERER.render(notice(kind)).html)
    assert set(page.links) == {"https://revcare.example/bookings/1021"}
    assert not {"script", "img", "link", "iframe", "style"} & set(page.tags)


@of_every(BookingEmailSlug)
def test_hostile_words_stay_words(kind: BookingEmailSlug) -> None:
    evil = dict.fromkeys(("vehicle", "registration_number", "mechanic", "note", "reason", "analysis", "refund_reason"))
    hostile = replace(
        notice(kind, **dict.fromkeys(evil, EVIL)),
        name=EVIL,
        lines=(EmailLine(EVIL, 2, "10.00"),),
        document=EVIL if kind is BookingEmailSlug.INVOICE else None,
    )
    told = RENDERER.render(hostile)
    assert "script" not in Page(told.html).tags
    assert "<script" not in told.html
    assert "\n" not in told.subject
    assert "\r" not in told.subject
    assert "Hello <script>alert('x')</script> Bcc: everyone@example.com,\n" in told.text


def test_a_missing_fact_is_a_fault_and_no_half_mail() -> None:
    bare = replace(notice(BookingEmailSlug.CANCELLATION), facts=NEEDED)
    with pytest.raises(UndefinedError):
        RENDERER.render(bare)


@pytest.mark.parametrize("form", ["text", "html"])
def test_an_estimate_shows_each_line_its_taxes_and_the_way_to_approve(form: str) -> None:
    builder = bookings.estimate_ready()
    told = getattr(mails(builder)[BookingEmailSlug.ESTIMATE_READY], form)
    expected = ["Brake pads, front", "₹1,650.00", "Cabin air filter", "recommended by our mechanic", "GST 18%"]
    for words in [*expected, "₹558.00", "₹3,658.00", "Review and approve", "25 Nov 2026, 11:06"]:
        assert words in told


@pytest.mark.parametrize("form", ["text", "html"])
def test_a_cancellation_tells_fee_gst_refund_and_the_way_home_apart(form: str) -> None:
    told = getattr(mails(bookings.in_progress().cancelled())[BookingEmailSlug.CANCELLATION], form)
    for words in ("₹100.00", "₹18.00", "₹2,832.00", "Sold the car"):
        assert words in told
    assert "bring it back" in " ".join(told.split())


def test_a_cancellation_before_the_pickup_costs_nothing_and_brings_nothing_back() -> None:
    told = mails(bookings.booked().cancelled())[BookingEmailSlug.CANCELLATION].text
    assert "costs you nothing" in told
    assert "₹" not in told
    assert "not with us" in told


def test_a_walk_in_is_never_promised_a_pickup() -> None:
    told = mails(bookings.booked(PickupType.WALK_IN))[BookingEmailSlug.BOOKING_CONFIRMATION].text
    assert "Please bring your Hyundai i20" in told
    assert "collect" not in told


def test_the_cash_to_have_ready_is_told_before_the_car_arrives() -> None:
    told = mails(bookings.out_for_delivery(Method.OFFLINE))[BookingEmailSlug.OUT_FOR_DELIVERY].text
    assert "have ₹2,950.00 ready in cash" in told


def test_a_credit_note_is_not_called_an_invoice() -> None:
    builder = bookings.in_progress().documents_issued().cancelled().documents_issued()
    told = mails(builder)[BookingEmailSlug.INVOICE]
    assert "credit note CN" in told.subject
    assert "₹2,832.00" in told.text


def test_a_credit_note_for_money_that_staff_gave_back_tells_its_own_amount() -> None:
    builder = bookings.in_progress().documents_issued()
    by_hand = ProviderRefund("rfnd_hand", str(builder.booking.payments[0].payment_id), 50000, "processed", None)
    told = mails(builder.asks(AdoptRefund(by_hand)).documents_issued())[BookingEmailSlug.INVOICE]
    assert "credit note CN" in told.subject
    assert "₹500.00" in told.text


def test_a_credit_note_after_another_one_tells_only_what_it_credits() -> None:
    builder = bookings.in_progress().documents_issued()
    by_hand = ProviderRefund("rfnd_hand", str(builder.booking.payments[0].payment_id), 50000, "processed", None)
    builder.asks(AdoptRefund(by_hand)).documents_issued().cancelled().documents_issued()
    assert "₹2,332.00" in mails(builder)[BookingEmailSlug.INVOICE].text


def test_a_rounded_total_says_so() -> None:
    told = RENDERER.render(notice(BookingEmailSlug.DELIVERED, subtotal="2499.70", gst="449.95", total="2950.00"))
    assert "Round-off" in told.text
    assert "₹0.35" in told.text
    assert "Round-off" not in RENDERER.render(notice(BookingEmailSlug.DELIVERED)).text


def test_the_reminder_names_the_deadline() -> None:
    builder = bookings.estimate_ready()
    told = RENDERER.render(
        deadline_email(
            VEHICLE_SERVICE,
            builder.booking,
            BookingEmailSlug.DECISION_REMINDER,
            builder.booking.customer.id,
            builder.now,
        )[0]
    )
    assert "25 Nov 2026, 11:06" in told.html


def test_rupees_are_grouped_as_in_india() -> None:
    assert [inr("0.00"), inr("165000.00"), inr("-0.30")] == ["₹0.00", "₹1,65,000.00", "-₹0.30"]
