"""Questions to the shop, and its answers by mail."""

import asyncio
import re
import uuid
from functools import partial

import pytest

from devstack.stack import Stack
from tests.addresses import new_address
from tests.api.concurrent import SECOND, Api, Json, is_refusal, until
from tests.api.document import NOWHERE
from tests.api.mailbox import Mailbox
from tests.api.test_lists import links
from tests.api.test_readiness import is_in

QUESTION = "Do you also look after the air conditioning?\n<b>Mine</b> is warm."


async def ask(api: Api, card: Json | None = None, address: str = "", **body: object):
    somewhere = address or new_address()
    asked = {"customer_email": f"q{uuid.uuid4().hex}@example.com", "query": QUESTION, **body}
    return await api.ask("POST", "/queries/", card, json=asked, headers={"X-Forwarded-For": somewhere})


async def respond(api: Api, query: Json, response: str, by: str = "A"):
    return await api.ask("PUT", f"/queries/{query['id']}/respond", api.card(by), json={"response": response})


async def test_anybody_asks_and_an_admin_answers_by_mail(api: Api, mailbox: Mailbox):
    answer = await ask(api)
    asked = answer.json()
    assert answer.status_code == 201
    assert (asked["query"], asked["customer_id"], asked["response"]) == (QUESTION, None, None)
    answered = (await respond(api, asked, "We do.\n<i>Come by</i> any day.")).json()
    assert answered == {**asked, **{name: answered[name] for name in ("response", "responded_by", "responded_at")}}
    assert re.fullmatch(SECOND, asked["created_at"])
    assert re.fullmatch(SECOND, answered["responded_at"])
    assert answered["responded_by"] == api.card("A")["id"]
    (mail,) = await mailbox.wait(asked["customer_email"], "query-response")
    assert mail["subject"] == "RevCare: our answer to your question"
    for form in ("text", "html"):
        assert "We do." in mail[form]
        assert "Do you also look after" in mail[form]
    assert "<i>" not in mail["html"]
    assert "<b>Mine" not in mail["html"]
    assert "<i>Come by</i> any day." in mail["text"].splitlines()


async def test_the_same_answer_again_is_quiet_and_another_one_is_another_mail(api: Api, mailbox: Mailbox):
    asked = (await ask(api)).json()
    twice = await asyncio.gather(*(respond(api, asked, "On Monday.") for _ in range(3)))
    assert {answer.status_code for answer in twice} == {200}
    await mailbox.wait(asked["customer_email"], "query-response")
    await respond(api, asked, "On Tuesday, sorry.")
    mails = await mailbox.wait(asked["customer_email"], "query-response", 2)
    assert ["On Monday." in mail["text"] for mail in mails] == [True, False]
    assert len({mail["headers"]["Message-ID"] for mail in mails}) == 2


async def test_customers_see_what_they_asked_while_logged_in_and_admins_everything(api: Api):
    nina = await api.newcomer()
    own = [(await ask(api, nina)).json() for _ in range(3)]
    strange = (await ask(api, customer_email=nina["email"])).json()
    await respond(api, own[0], "Yes.")
    rows = (await api.ask("GET", "/queries/", nina)).json()
    assert [row["id"] for row in rows] == [each["id"] for each in reversed(own)]
    assert {row["customer_id"] for row in rows} == {nina["id"]}
    one = await api.ask("GET", "/queries/", nina, params={"limit": 1, "answered": "false"})
    assert (one.headers["x-total-count"], one.json()[0]["id"]) == ("2", own[2]["id"])
    assert "answered=false" in links(one.headers["link"])["next"]
    every = await api.ask("GET", "/queries/", api.card("A"), params={"limit": 100})
    assert {strange["id"], *(each["id"] for each in own)} <= {row["id"] for row in every.json()}
    answered = (await api.ask("GET", "/queries/", nina, params={"answered": "true"})).json()
    assert [(row["id"], row["response"]) for row in answered] == [(own[0]["id"], "Yes.")]


async def test_what_an_admin_or_mechanic_asks_is_nobodys(api: Api):
    for role in "AM":
        assert (await ask(api, api.card(role))).json()["customer_id"] is None


@pytest.mark.parametrize(
    "change",
    [
        {"customer_email": "nobody"},
        {"customer_email": "a@b.com\r\nBcc: c@d.com"},
        {"customer_email": {"$gt": ""}},
        {"customer_email": ["a@b.com"]},
        {"query": {"$ne": None}},
        {"query": {"$where": "sleep(5000)"}},
        {"query": ["x"]},
        {"query": " "},
        {"query": "x" * 5001},
    ],
    ids=str,
)
async def test_operators_and_other_shapes_are_refused(api: Api, change: Json):
    assert is_refusal(await ask(api, **change), 422) == ""


async def test_an_operator_as_an_answer_or_filter_is_refused_and_as_text_is_text(api: Api):
    asked = (await ask(api, query='{"$ne": null}')).json()
    assert asked["query"] == '{"$ne": null}'
    path = f"/queries/{asked['id']}/respond"
    for response in ({"$set": {"query": "x"}}, {"$ne": 1}, ["x"], None, 5):
        assert is_refusal(await api.ask("PUT", path, api.card("A"), json={"response": response}), 422) == ""
    for name in ("answered[$ne]", "answered"):
        found = await api.ask("GET", "/queries/", await api.newcomer(), params={name: "[$ne]"})
        assert found.status_code == 422 or found.json() == []


async def test_an_id_that_is_none_or_of_nothing_is_a_404(api: Api):
    words = set()
    for query_id in ("x", "0" * 24, "z" * 24, str(NOWHERE), "%24ne", "66b0f3c2a1d4e5f60718293"):
        answer = await api.ask("PUT", f"/queries/{query_id}/respond", api.card("A"), json={"response": "x"})
        assert is_refusal(answer, 404) == "", query_id
        words.add(answer.json()["detail"].replace(query_id.replace("%24", "$"), "..."))
    assert words == {"there is no query ..."}


async def test_an_address_asks_some_times_only(api: Api):
    address = new_address()
    await api.rows.execute("INSERT INTO login_attempts VALUES ($1, 29, now())", f"query from {address}")
    assert (await ask(api, address=address)).status_code == 201
    refused = await ask(api, address=address)
    assert is_refusal(refused, 429) == ""
    assert int(refused.headers["retry-after"]) > 0
    assert (await ask(api)).status_code == 201


async def test_without_the_document_store_the_answer_is_a_503_and_comes_back(api: Api, running_stack: Stack):
    running_stack.halt("mongodb")
    try:
        answers = await api.all([ask(api), api.ask("GET", "/content/"), api.ask("GET", "/gst/")])
        assert [is_refusal(answer, 503) for answer in answers] == [""] * 3
        await until(partial(is_in, api.http, "mongodb", "down"))
    finally:
        running_stack.revive("mongodb")
    assert (await ask(api)).status_code == 201
