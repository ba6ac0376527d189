"""Texts of the app, and the GST percent."""

import re
import uuid

import pytest

from tests.api.concurrent import SECOND, Api, Json, is_refusal


async def put(api: Api, body: object):
    return await api.ask("PUT", "/content/", api.card("A"), json=body)


async def test_admins_change_some_texts_and_everybody_reads_them(api: Api):
    banner, terms = f"banner-{uuid.uuid4().hex}", f"terms_{uuid.uuid4().hex}"
    answer = await put(api, {banner: "https://cdn.example.com/banner.png", terms: "<h1>ours</h1>"})
    assert (answer.status_code, list(answer.json())) == (200, ["message"])
    assert (await put(api, {terms: ""})).status_code == 200
    found = (await api.ask("GET", f"/content/{banner}")).json()
    assert (found["content_id"], found["data"]) == (banner, "https://cdn.example.com/banner.png")
    assert (found["updated_by"], bool(found["updated_at"])) == (api.card("A")["id"], True)
    every = {
        row["content_id"]: row["data"] for row in (await api.ask("GET", "/content/", params={"limit": 100})).json()
    }
    assert every[terms] == ""
    assert list(every) == sorted(every)


async def test_a_text_that_is_not_there_is_a_404(api: Api):
    for content_id in ("nothing", "%24ne", "a b", "__proto__"):
        assert is_refusal(await api.ask("GET", f"/content/{content_id}"), 404) == ""


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"": "x"},
        {"Upper": "x"},
        {"a.b": "x"},
        {"$set": "x"},
        {"ok": "fine", "$where": "x"},
        {"ok": {"$gt": ""}},
        {"ok": None},
        {"ok": 5},
        {"ok": "x" * 20_001},
        {"k" * 101: "x"},
        {"new\nline": "x"},
        [{"ok": "x"}],
    ],
    ids=lambda body: str(body)[:40],
)
async def test_keys_and_texts_of_another_shape_change_nothing(api: Api, body: Json):
    before = await api.ask("GET", "/content/", params={"limit": 100})
    assert is_refusal(await put(api, body), 422) == ""
    assert (await api.ask("GET", "/content/", params={"limit": 100})).json() == before.json()


async def test_the_longest_text_is_kept_whole(api: Api):
    key, longest = f"long-{uuid.uuid4().hex}", "आ" * 20_000
    assert (await put(api, {key: longest})).status_code == 200
    assert (await api.ask("GET", f"/content/{key}")).json()["data"] == longest


async def test_the_gst_percent_changes_as_printed_and_reads_as_a_plain_number(api: Api):
    for asked, told in (("18", "18"), ("12.50", "12.5"), ("0", "0"), ("18", "18")):
        answer = await api.ask("PUT", "/gst/", api.card("A"), params={"percent": asked})
        assert (answer.status_code, answer.json()["percent"]) == (200, told)
        now = (await api.ask("GET", "/gst/")).json()
        assert re.fullmatch(SECOND, now["updated_at"])
        assert (now["percent"], now["updated_by"]) == (told, api.card("A")["id"])
    for wrong in ("50.01", "-1", "18.123", "x", "18%", "NaN", "1e1", "1_8", "१८"):
        answer = await api.ask("PUT", "/gst/", api.card("A"), params={"percent": wrong})
        assert is_refusal(answer, 422) == "", wrong
