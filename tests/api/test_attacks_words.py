"""Words that mean something to a database, a template, a browser or a spreadsheet: here they are only words."""

import re
import uuid
from html.parser import HTMLParser
from urllib.parse import quote

import httpx
import pytest

from tests.adapters.test_invoices import pages
from tests.api.access_table import fitting
from tests.api.concurrent import PREFIX, Api, Json
from tests.api.document import Operation, document, operations
from tests.api.hostile import WORDS
from tests.api.hostile_visits import ALL, LINE, NAME, HostileVisits
from tests.api.write_requests import NAMES, WriteRequests

FREE = {"name", "model", "title", "description", "label", "line1", "line2", "query", "response", "review"}
"""Fields for words, whatever they are."""
ONE_LINE = {"name", "model", "title", "label", "line1", "line2"}
"""Those of one line."""
_NO_WORDS = {"PUT /car/{car_id}", "PUT /rbac/roles/{role_id}/scopes"}
WRITERS = [name for name in NAMES if name.startswith("PUT") and name not in _NO_WORDS] + ["POST /queries/"]
SEARCHES = [each for each in operations() if each.method == "GET" and each.parameters("query")]
WORDY = [
    (each, parameter["name"])
    for each in SEARCHES
    for parameter in each.parameters("query")
    if (schema := each.resolved(parameter["schema"]))["type"] == "string"
    and not {"pattern", "format", "enum"} & schema.keys()
]


class Tags(HTMLParser):
    """The elements of a page, and the attributes that could run or fetch something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.risky: list[str] = []
        self.said = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.risky += [name for name, _ in attrs if name.startswith("on") or name in ("src", "srcset", "background")]

    def handle_data(self, data: str) -> None:
        self.said += data


@pytest.mark.parametrize("name", WRITERS)
async def test_words_are_kept_as_they_are(api: Api, writes: WriteRequests, name: str):
    tables = await api.rows.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    for what, word in WORDS.items():
        request = await writes.request_for(name)
        one_line = ONE_LINE & request.body.keys() if "\n" in word else set()
        if one_line:
            answer = await writes.ask(name, request, {**request.body, **dict.fromkeys(one_line, word)})
            assert {error["field"] for error in answer.json()["errors"]} == {f"body.{field}" for field in one_line}
        wanted = dict.fromkeys((FREE & request.body.keys()) - one_line, word)
        if one_line and not wanted:
            continue
        entry = next(iter(request.body))
        body = {**request.body, **wanted} if wanted else {entry: word}
        answer = await writes.ask(name, request, body)
        assert answer.is_success, f"{what}: {answer.text[:300]}"
        told = (await api.ask("GET", f"/content/{entry}")).json() if name == "PUT /content/" else answer.json()
        expected = wanted or {"data": word}
        assert {field: told[field] for field in expected} == expected, what
    assert await api.rows.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == tables


async def test_no_word_finds_more_than_it_says(api: Api):
    """Wherever one searches by words; other parameters take none (test_bad_input)."""
    searched = [(each, name, word + uuid.uuid4().hex) for each, name in WORDY for word in WORDS.values()]
    asked = (api.ask("GET", each.url(), card_for(api, each), params={name: word}) for each, name, word in searched)
    for search, answer in zip(searched, await api.all(asked), strict=True):
        assert (answer.status_code, answer.text, answer.headers["x-total-count"]) == (200, "[]", "0"), search


def card_for(api: Api, operation: Operation) -> Json | None:
    """Somebody who may."""
    role = fitting(str(operation))[0]
    return None if role == "-" else api.card(role)


async def test_no_word_in_a_path_leads_anywhere(api: Api):
    wanted = [
        (each, parameter["name"], word)
        for each in operations()
        for parameter in each.parameters("path")
        for word in WORDS.values()
        if each.method == "GET" and parameter["schema"]["type"] == "string"
    ]
    paths = [each.path.replace(f"{{{name}}}", quote(word, safe="")) for each, name, word in wanted]
    answers = await api.all(api.ask("GET", re.sub(r"\{\w+\}", "1", path), api.card("A")) for path in paths)
    told = {(path, answer.status_code) for path, answer in zip(paths, answers, strict=True)}
    assert {status for _, status in told} <= {404, 422}, told


async def test_brackets_and_operators_in_a_query_string_change_no_answer(api: Api):
    """What some frameworks turn into objects for a document store is here the name of a parameter that nobody reads."""
    sly = {"customer_id[$ne]": "", "answered[$gt]": "", "limit[$gt]": "1", "$where": "1", "id[]": "1", "q.x": "1"}
    await api.settled()
    for each in SEARCHES:
        card, url = card_for(api, each), each.url({"service_id": 45})
        for _ in range(20):  # bookings of others move meanwhile: two plain answers that are alike are waited for
            before, attacked, after = [await api.ask("GET", url, card, params=params) for params in ({}, sly, {})]
            if before.text == after.text:
                break
        plain = (after.status_code, after.text)
        assert (before.status_code, before.text) == plain, "the list never stood still"
        assert (attacked.status_code, attacked.text) == plain, str(each)


def test_a_booking_tells_hostile_words_as_they_were_said(hostile: HostileVisits):
    for visit in hostile.honest + hostile.sly:
        assert visit["customer"]["name"] == NAME
        assert visit["notes"] == ALL
        assert {visit["analysis"]["description"], visit["analysis"]["recommendation"]} == {ALL}
        assert {report["notes"] for report in visit["progress"]} == {ALL}
    assert hostile.sly[0]["pickup"]["address"]["line1"] == LINE


def test_mails_about_it_show_the_words_and_do_nothing(hostile: HostileVisits, api: Api):
    mails = [mail for owner in hostile.owners for mail in _mails(api, owner.email)]
    assert {mail["headers"]["X-RevCare-Notice"] for mail in mails} >= {
        "booking-confirmation", "estimate-ready", "progress-update", "invoice", "delivered", "cancellation",
    }  # fmt: skip
    assert len(mails) >= 20
    for mail in mails:
        page = Tags(mail["html"])
        assert not page.names & {"script", "img", "iframe", "style", "b", "form", "object", "svg", "base"}
        assert page.risky == []
        for form in (page.said, mail["text"]):
            assert "{{7*7}}" in form
            assert "<script>alert(1)</script>" in form
            assert "Mallory 49" not in form
        assert "evil" not in str({name: mail["headers"].get(name) for name in ("Bcc", "Cc", "Reply-To", "From")})
        assert mail["headers"]["To"].count("@") == 1


def _mails(api: Api, address: str) -> list[Json]:
    found = httpx.get(f"{api.info['mail']['api']}/messages", params={"to": address}, trust_env=False)
    return found.json()


def test_printed_documents_have_the_words_and_no_arithmetic(hostile: HostileVisits):
    """In the first visit it is for somebody with such a name and address, in the second for a firm of such a name."""
    documents = zip(hostile.owners[2:], hostile.sly, ((NAME, LINE), (LINE,)), strict=True)
    for owner, visit, words in documents:
        printed = owner.file(f"{PREFIX}/bookings/{visit['id']}/invoice.pdf")
        said = re.sub(r"[^!-~]|\|", "", "".join(pages(printed)))
        assert [word for word in words if re.sub(r"[^!-~]|\|", "", word) not in said] == []
        assert not re.findall(rb"/JavaScript|/JS\b|/URI|/Launch", printed)


def test_nobody_went_to_fetch_a_picture(hostile: HostileVisits):
    assert hostile.sly[0]["analysis"]["images"] == [hostile.sly[0]["progress"][0]["images"][0]]
    assert hostile.fetched == []


async def test_the_page_of_such_a_booking_is_the_page_of_any_booking(api: Api, hostile: HostileVisits):
    one, another = [await api.http.get(f"/bookings/{number}") for number in (hostile.sly[0]["id"], 424242)]
    assert one.text == another.text
    assert "unsafe" not in one.headers["content-security-policy"]


async def test_answers_with_such_words_are_data_to_every_browser(api: Api, hostile: HostileVisits):
    owner, visit = hostile.owners[0], hostile.honest[0]
    for path, kept in ((f"/bookings/{visit['id']}", "private, no-cache"), ("/bookings/customer", "no-store")):
        answer = await api.ask("GET", path, owner.card, headers={"Accept": "text/html"})
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == kept


def test_no_route_answers_csv_so_formulas_stay_text():
    """Should one ever do so, cells that begin with = + - @ must be made text there: they are kept as they came."""
    assert not re.search(r"csv|spreadsheet|excel", str(document()).casefold())


async def test_words_in_a_request_do_not_come_back_as_headers(api: Api):
    sly = "x\r\nSet-Cookie: a=b"
    answers = [
        await api.ask("GET", "/services/", params={"q": sly}),
        await api.ask("GET", f"/uploads/{quote(sly)}"),
        await api.ask("GET", f"/bookings/1/credit-notes/{quote(sly)}.pdf", api.card("A")),
        await api.ask("GET", f"{PREFIX}/{quote(sly)}"),
    ]
    for answer in answers:
        assert "set-cookie" not in answer.headers
        assert "\n" not in str(answer.headers.raw)
