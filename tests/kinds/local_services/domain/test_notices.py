"""Who is told of what: in the app, by e-mail, in words."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.auth.codes import Codes
from adapters.auth.contact_links import ContactLinks
from adapters.auth.password_links import PasswordLinks
from adapters.mail.render import KindTemplates, Renderer, Shop
from domain.attention import all_deadlines
from domain.commands import Alert
from domain.emails import booking_emails
from kinds.local_services.domain import commands
from kinds.local_services.domain.commands import DecideDispute, Expire, PublishReviews
from kinds.local_services.domain.emails import EMAILS, OPTIONAL_FACTS
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.notices import TYPES, WITHOUT_MAIL, notices, slug_of, type_of
from kinds.local_services.domain.parts import Outcome
from kinds.local_services.emails import TEMPLATES
from settings import Secrets
from tests.kinds.local_services.bookings import ADMIN, ASHA, DAY, HOUR, RAVI, START, Request
from tests.of_every import of_every

BAD = commands.Dispute(ASHA, "bad-work", "the kitchen was not done")
BOTH = {ASHA.id, RAVI.id}


def not_begun() -> Request:
    request = Request().paid()
    [call] = [each for each in all_deadlines(LOCAL_SERVICES, request.booking) if isinstance(each.command, Alert)]
    return request.when(call.at).asks(call.command)


MOVES = {
    "requested": (Request, {("booking.requested", RAVI.id)}),
    "offered": (lambda: Request().asks(commands.Offer(RAVI, total=150_000)), {("booking.offer", ASHA.id)}),
    "accepted": (lambda: Request().accepted(), {("booking.accepted", ASHA.id), ("payment.due", ASHA.id)}),
    "counter-offer accepted": (
        lambda: Request().asks(commands.Offer(RAVI, total=150_000)).asks(commands.Accept(ASHA)),
        {("booking.accepted", RAVI.id), ("payment.due", ASHA.id)},
    ),
    "another time accepted": (
        lambda: Request().paid().asks(commands.Offer(ASHA, starts_at=START + DAY)).asks(commands.AcceptOffer(RAVI, 2)),
        {("booking.accepted", ASHA.id)},
    ),
    "declined": (lambda: Request().asks(commands.DeclineOffer(RAVI, 1)), {("booking.declined", ASHA.id)}),
    "another time declined": (
        lambda: Request().paid().asks(commands.Offer(ASHA, starts_at=START + DAY)).asks(commands.DeclineOffer(RAVI, 2)),
        {("booking.declined", ASHA.id)},
    ),
    "unanswered": (lambda: Request().asks(Expire(), DAY), {("booking.expired", each) for each in BOTH}),
    "unpaid": (lambda: Request().accepted().asks(Expire(), DAY), {("booking.expired", each) for each in BOTH}),
    "paid": (lambda: Request().paid(), {("booking.paid", each) for each in BOTH}),
    "about to pay": (lambda: Request().accepted().asks(commands.PayIntent(ASHA)), set()),
    "not begun": (not_begun, {("booking.reminder", each) for each in BOTH}),
    "begun": (lambda: Request().begun(), {("booking.started", ASHA.id)}),
    "completed": (lambda: Request().completed(), {("booking.completed", each) for each in BOTH}),
    "confirmed": (lambda: Request().completed().asks(commands.Confirm(ASHA)), set()),
    "cancelled": (
        lambda: Request().paid().when(START - HOUR).asks(commands.Cancel(ASHA), timedelta(0)),
        {("booking.cancelled", each) for each in BOTH},
    ),
    "refunded": (
        lambda: Request().paid().asks(commands.Cancel(ADMIN)).refunded(),
        {("refund.processed", ASHA.id)},
    ),
    "disputed": (lambda: Request().completed().asks(BAD), {("dispute.opened", each) for each in BOTH}),
    "decided": (
        lambda: Request().completed().asks(BAD).asks(DecideDispute(ADMIN, Outcome.REFUND_PART, 50_000)),
        {("dispute.decided", each) for each in BOTH},
    ),
    "reviewed": (lambda: Request().completed().asks(commands.Review(ASHA, 5)), {("review.received", RAVI.id)}),
    "both reviewed": (
        lambda: Request().completed().asks(commands.Review(ASHA, 5)).asks(commands.Review(RAVI, 4)),
        {("review.received", ASHA.id), *(("review.published", each) for each in BOTH)},
    ),
    "one review published": (
        lambda: Request().completed().asks(commands.Review(ASHA, 5)).asks(PublishReviews(), 15 * DAY),
        {("review.published", RAVI.id)},
    ),
}


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    kinds = {"local_services": KindTemplates(EMAILS, TEMPLATES, OPTIONAL_FACTS)}
    secrets = Secrets()
    shop = Shop("Nearby", "https://nearby.example")
    links = {"password_links": PasswordLinks(secrets), "contact_links": ContactLinks(secrets)}
    return Renderer(shop=shop, codes=Codes(secrets), kinds=kinds, **links)


@of_every(MOVES)
def test_a_move_tells_whom_the_contract_says_and_every_mail_can_be_read(move, renderer):
    request_of, told = MOVES[move]
    request = request_of()
    assert {tuple(each) for each in notices(request.booking)} == told
    mails = booking_emails(LOCAL_SERVICES, request.before, request.booking)
    assert {(type_of(each.slug), each.person_id) for each in mails} == {
        each for each in told if each[0] not in WITHOUT_MAIL
    }
    for mail in mails:
        mail.facts["other"] = "Ravi Kumar"
        rendered = renderer.render(mail)
        assert "Deep clean" in rendered.text
        assert "12 MG Road" not in rendered.text + rendered.html
        assert rendered.subject.startswith("Booking 1007: ")


@of_every(MOVES)
def test_what_others_have_written_stays_words_in_a_mail(move, renderer):
    evil = "<script>alert('x')</script>\r\nBcc: everyone@example.com"
    request = MOVES[move][0]()
    for mail in booking_emails(LOCAL_SERVICES, request.before, request.booking):
        hostile = dict.fromkeys({"title", "note", "reason", "other"} & {*mail.facts, "other"}, evil)
        rendered = renderer.render(replace(mail, name=evil, facts=mail.facts | hostile))
        assert "<script" not in rendered.html
        assert "&lt;script&gt;" in rendered.html
        assert not {"\r", "\n"} & set(rendered.subject)


def test_a_cancelled_booking_tells_each_party_its_own_money(renderer):
    request = MOVES["cancelled"][0]()
    texts = {}
    for mail in booking_emails(LOCAL_SERVICES, request.before, request.booking):
        mail.facts["other"] = "Ravi Kumar"
        texts[mail.person_id] = renderer.render(mail).text
    assert "₹675.00" in texts[ASHA.id]
    assert "Your share" not in texts[ASHA.id]
    assert "₹555.52" in texts[RAVI.id]


def test_every_type_with_a_mail_has_one_and_its_words():
    named = {slug_of(each) for each in TYPES if each not in WITHOUT_MAIL} - {"account-security"}
    assert named == set(EMAILS) - {"document"}
    assert named == {path.stem for path in Path(TEMPLATES).glob("*.j2")} - {"service", "document"}


@of_every(TYPES)
def test_a_slug_leads_back_to_its_type(kind):
    assert type_of(slug_of(kind)) == kind
