"""What letters say, in both forms, hostile words included; and the links in them."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from pydantic import SecretStr

from adapters.auth.codes import Codes
from adapters.auth.contact_links import ContactLinks
from adapters.auth.password_links import PasswordLinks
from adapters.mail.render import ACCOUNT_SUBJECTS, KindTemplates, Renderer, Shop
from domain.account_emails import (
    ACCOUNT_EMAIL_CATEGORIES,
    AccountEmail,
    AccountEmailSlug,
    FactorEvent,
    Recipient,
    code_email,
    contact_changed_email,
    new_device_email,
    password_email,
    query_response_email,
    second_factor_email,
)
from domain.errors import Invalid
from kinds.vehicle_service.domain.visit import KIND
from settings import Secrets
from tests.adapters.test_mail_words import EVIL, Page

NOW = datetime.now(UTC)
PASSWORD_LINKS = PasswordLinks(Secrets())
CONTACT_LINKS = ContactLinks(Secrets())
CODES = Codes(Secrets())
LINKS = {"password_links": PASSWORD_LINKS, "contact_links": CONTACT_LINKS, "codes": CODES}
RENDERER = Renderer(shop=Shop("RevCare", "https://revcare.example/"), kinds={}, **LINKS)
NINA = Recipient("CST000777", "Nina New", "nina@example.com")
FACTS = {"moment": "24 November 2026, 11:41 IST", "device": "Firefox on Linux", "address": "203.0.113.7", "left": "2"}
TO_NINA = [
    password_email(KIND, AccountEmailSlug.PASSWORD_RESET, "k1", NINA.person_id, NOW, NOW + timedelta(hours=1)),
    password_email(KIND, AccountEmailSlug.SET_PASSWORD, "k2", NINA.person_id, NOW, NOW + timedelta(days=7)),
    contact_changed_email(KIND, "c1", NINA.person_id, ["phone", "email"], NOW, NOW + timedelta(days=7)),
    contact_changed_email(KIND, "c2", NINA.person_id, ["email"], NOW, None),
    new_device_email(KIND, "s1", NINA.person_id, "Firefox on Linux", "203.0.113.7", "24 November 2026, 11:41 IST", NOW),
    code_email(KIND, "row", NINA.person_id, NOW, NOW + timedelta(minutes=10)),
    *(second_factor_email(KIND, f"f{at}", NINA.person_id, event, FACTS, NOW) for at, event in enumerate(FactorEvent)),
]
EMAILS = [
    *(replace(email, to=NINA.email, name=NINA.name) for email in TO_NINA),
    query_response_email(KIND, "66b0f3c2a1d4e5f607182930", 1, NINA.email, "Open on\n\nSunday?", "No.\nOn Monday.", NOW),
]
WITH_LINK = [email for email in EMAILS if email.good_until and email.slug is not AccountEmailSlug.CODE]
TO_PASSWORD = [email for email in WITH_LINK if email.slug is not AccountEmailSlug.CONTACT_CHANGED]
CODE = next(email for email in EMAILS if email.slug is AccountEmailSlug.CODE)


def kind(email: AccountEmail) -> str:
    return email.slug.value


def test_every_kind_is_here_and_has_a_subject_and_a_category() -> None:
    assert (
        {email.slug for email in EMAILS}
        == set(AccountEmailSlug)
        == set(ACCOUNT_SUBJECTS)
        == set(ACCOUNT_EMAIL_CATEGORIES)
    )


def test_an_account_email_is_in_the_name_of_its_kind_and_leads_to_its_pages() -> None:
    tables = KindTemplates({}, Path(), shop=Shop("Two Houses", "https://tables.example/"))
    shop = Shop("RevCare", "https://revcare.example/")
    renderer = Renderer(shop=shop, kinds={"table_reservation": tables}, **LINKS)
    told = renderer.render(replace(WITH_LINK[0], kind="table_reservation"))
    assert told.subject.startswith("Two Houses: ")
    assert "https://tables.example/password#token=" in told.text
    assert "revcare.example" not in told.text + told.html


@pytest.mark.parametrize("email", EMAILS, ids=kind)
def test_an_account_email_says_the_same_in_both_forms_and_names_no_booking(email: AccountEmail) -> None:
    told = RENDERER.render(email)
    assert told.subject.startswith("RevCare: ")
    for form in (told.text, told.html):
        assert (f"Hello {NINA.name}," if email.name else "Hello,") in form
        assert "ooking" not in form
        assert "None" not in form
    page = Page(told.html)
    assert not {"script", "img", "link", "iframe", "style"} & set(page.tags)


@pytest.mark.parametrize("email", TO_PASSWORD, ids=kind)
def test_the_link_is_the_same_each_time_in_both_forms_and_its_secret_behind_the_hash(email: AccountEmail) -> None:
    told = RENDERER.render(email)
    (link,) = set(Page(told.html).links)
    assert link in told.text
    assert link.startswith("https://revcare.example/password#token=")
    said = PASSWORD_LINKS.read(KIND, link.rpartition("=")[2])
    assert (said.person_id, said.asked_at) == (NINA.person_id, email.at)
    assert RENDERER.render(email) == told


def test_a_change_of_contact_is_taken_back_with_a_link_that_says_nothing_of_it() -> None:
    email = replace(TO_NINA[2], to=NINA.email, name=NINA.name)
    told = RENDERER.render(email)
    (link,) = set(Page(told.html).links)
    assert link in told.text
    assert link.startswith("https://revcare.example/contact#token=")
    assert CONTACT_LINKS.read(KIND, link.rpartition("=")[2]) == "c1"
    assert "The phone number and mail address of your account were changed." in " ".join(told.text.split())
    assert "good for 7 days and works once" in " ".join(told.text.split())
    for other in (PASSWORD_LINKS.issue(KIND, "c1", NOW, NOW + timedelta(days=1)), link[:-3], "a.b.c", ""):
        with pytest.raises(Invalid):
            CONTACT_LINKS.read(KIND, other.rpartition("=")[2])
    for kind_of, until in (("table_reservation", timedelta(days=1)), (KIND, timedelta(days=-1))):
        with pytest.raises(Invalid):
            CONTACT_LINKS.read(KIND, CONTACT_LINKS.issue(kind_of, "c1", NOW + until))


def test_a_change_that_an_admin_made_is_told_without_a_link() -> None:
    told = RENDERER.render(replace(TO_NINA[3], to=NINA.email, name=NINA.name))
    assert Page(told.html).links == []
    assert "The mail address of your account was changed by somebody who works for us." in " ".join(told.text.split())


def test_a_code_is_the_only_run_of_six_digits_in_its_mail_and_follows_from_its_row() -> None:
    told, another = RENDERER.render(CODE), RENDERER.render(replace(CODE, key="another row"))
    (code,) = set(re.findall(r"(?<![0-9])[0-9]{6}(?![0-9])", told.text + told.html))
    assert code == CODES.of(KIND, "row")
    assert code not in told.subject
    assert code not in another.text
    assert "good for 10 minutes and works once" in " ".join(told.text.split())
    kept = CODES.digest(KIND, "row", code)
    assert CODES.is_right(KIND, "row", code, kept)
    assert not CODES.is_right(KIND, "row", f"{(int(code) + 1) % 10**6:06}", kept)
    assert CODES.of("table_reservation", "row") != code


def test_a_login_on_a_new_device_is_told_with_what_is_known_of_it_and_where_to_choose_a_password() -> None:
    told = RENDERER.render(replace(TO_NINA[4], to=NINA.email, name=NINA.name))
    for form in (told.text, told.html):
        for fact in ("Firefox on Linux", "203.0.113.7", "24 November 2026, 11:41 IST"):
            assert fact in form
    assert set(Page(told.html).links) == {"https://revcare.example/password"}
    unknown = new_device_email(KIND, "s2", NINA.person_id, None, "203.0.113.7", "24 November 2026, 11:41 IST", NOW)
    assert "Device" not in RENDERER.render(replace(unknown, to=NINA.email)).text


def test_what_became_of_a_second_factor_is_told_with_where_to_choose_a_password() -> None:
    headlines = set()
    for email in (each for each in EMAILS if each.slug is AccountEmailSlug.SECOND_FACTOR):
        told = RENDERER.render(email)
        for form in (told.text, told.html):
            for fact in ("Firefox on Linux", "203.0.113.7", FACTS["moment"], "Few are left"):
                assert fact in form
        page = Page(told.html)
        assert set(page.links) == {"https://revcare.example/password"}
        headlines.add(" ".join(told.text.split())[:90])
    assert len(headlines) == len(FactorEvent)
    none_left = second_factor_email(KIND, "f9", NINA.person_id, FactorEvent.SET_UP, {"moment": FACTS["moment"]}, NOW)
    assert "Few are left" not in RENDERER.render(replace(none_left, to=NINA.email)).text


def test_how_long_a_link_is_good_is_told_in_words() -> None:
    def told(lasting: timedelta) -> str:
        return " ".join(RENDERER.render(replace(WITH_LINK[0], good_until=NOW + lasting)).text.split())

    for minutes, words in ((60, "1 hour"), (90, "1 hour"), (30, "30 minutes"), (2880, "2 days"), (0, "a moment")):
        assert f"good for {words} and works once" in told(timedelta(minutes=minutes))


def test_an_answer_keeps_its_lines() -> None:
    told = RENDERER.render(EMAILS[-1])
    assert "No.\nOn Monday." in told.text
    assert "No.\nOn Monday." in told.html
    assert "white-space:pre-line" in told.html


@pytest.mark.parametrize("email", EMAILS, ids=kind)
def test_hostile_words_stay_words(email: AccountEmail) -> None:
    told = RENDERER.render(replace(email, name=EVIL, facts=dict.fromkeys(email.facts, EVIL)))
    assert "script" not in Page(told.html).tags
    assert "<script" not in told.html
    assert "\n" not in told.subject


def test_a_link_is_only_as_good_as_its_key_and_its_time() -> None:
    good_until = NOW + timedelta(hours=1)
    token = PASSWORD_LINKS.issue(KIND, NINA.person_id, NOW, good_until)
    claims = jwt.decode(token, options={"verify_signature": False})
    key = Secrets().secret_key.get_secret_value()
    other = PasswordLinks(Secrets(secret_key=SecretStr("a-key-of-another-shop-of-32-bytes-or-more")))
    refused = [
        PASSWORD_LINKS.issue(KIND, NINA.person_id, NOW - timedelta(hours=2), NOW - timedelta(hours=1)),
        other.issue(KIND, NINA.person_id, NOW, good_until),
        PASSWORD_LINKS.issue("table_reservation", NINA.person_id, NOW, good_until),
        jwt.encode(claims, key, algorithm="HS256"),
        jwt.encode(claims, "", algorithm="none"),
        token[:-3] + "AAA",
        "a.b.c",
        "",
    ]
    for each in refused:
        with pytest.raises(Invalid):
            PASSWORD_LINKS.read(KIND, each)
    assert PASSWORD_LINKS.read(KIND, token).person_id == NINA.person_id


def test_an_account_email_carries_no_secret() -> None:
    token = PASSWORD_LINKS.issue(KIND, NINA.person_id, NOW, NOW + timedelta(hours=1))
    assert token.rpartition(".")[2] not in repr(WITH_LINK)


def test_in_a_rehearsal_the_subject_of_every_mail_says_so():
    shop = Shop("RevCare", "https://revcare.example/")
    rehearsing = Renderer(shop=shop, kinds={}, rehearsal=True, **LINKS)
    for email in EMAILS:
        assert rehearsing.subject(email) == f"[Rehearsal] {RENDERER.subject(email)}"
        assert rehearsing.render(email).subject == rehearsing.subject(email)
