"""Pictures: sent by anybody who is logged in, seen by everybody, and nothing but pictures."""

import asyncio
import io
import re
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from PIL import Image

from adapters.postgres.database import Database
from tests.adapters.test_image_decoder import SECRET, running, taken
from tests.adapters.test_images import JPEG, NONE, PNG, WEBP, _png_of
from tests.api.concurrent import Api, is_refusal
from tests.api.conftest import Otherwise

LARGEST = 15_000_000


async def sent(api: Api, content: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> httpx.Response:
    return await api.ask("POST", "/utils/images", api.card("C"), files={"file": (name, content, kind)})


@pytest.mark.parametrize(
    ("content", "ending", "kind"),
    [(JPEG, "jpg", "jpeg"), (PNG, "png", "png"), (WEBP, "webp", "webp")],
    ids=["jpeg", "png", "webp"],
)
async def test_a_picture_is_stored_as_it_is_and_seen_by_everybody(api: Api, content: bytes, ending: str, kind: str):
    answer = await sent(api, content, "../../etc/passwd.html", "text/html")
    assert answer.status_code == 201, answer.text
    path, url = answer.json()["path"], answer.json()["url"]
    assert re.fullmatch(rf"/uploads/[0-9a-f]{{32}}\.{ending}", path)
    assert url == api.info["api"] + path
    shown = await api.http.get(url)
    assert (shown.status_code, shown.content) == (200, content)
    headers = shown.headers
    assert (headers["content-type"], headers["content-disposition"]) == (f"image/{kind}", "inline")
    assert headers["x-content-type-options"] == "nosniff"
    assert "immutable" in headers["cache-control"]
    assert "default-src 'none'" in headers["content-security-policy"]
    again = await api.http.get(url, headers={"If-None-Match": headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_same_picture_twice_has_two_names_and_both_go_into_bodies(api: Api):
    paths = [(await sent(api, PNG)).json()["path"] for _ in range(2)]
    assert len(set(paths)) == 2
    changed = await api.ask("PUT", "/services/45", api.card("A"), json={"images": paths})
    assert changed.json()["images"] == paths
    assert (await api.ask("PUT", "/services/45", api.card("A"), json={"images": []})).status_code == 200


@pytest.mark.parametrize("name", NONE)
async def test_what_is_no_picture_is_refused_whatever_it_calls_itself(api: Api, name: str):
    answer = await sent(api, NONE[name])
    assert is_refusal(answer, 415) == ""
    assert answer.json()["code"] == "UnsupportedMediaType"


async def test_a_photo_of_a_phone_is_stored_upright_and_says_nothing_of_where_it_was_taken(api: Api):
    answer = await sent(api, taken("AVIF", orientation=6), "photo.png", "image/png")
    shown = await api.http.get(answer.json()["url"])
    assert answer.json()["path"].endswith(".jpg")
    assert shown.headers["content-type"] == "image/jpeg"
    assert SECRET not in shown.content
    assert Image.open(io.BytesIO(shown.content)).size == (40, 80)


async def test_a_picture_that_cannot_be_decoded_is_told_so(api: Api):
    answer = await sent(api, _png_of(40, 30))
    assert is_refusal(answer, 422) == ""
    assert (answer.json()["code"], "damaged" in answer.json()["detail"]) == ("UnreadableImage", True)


@pytest.mark.skipif(find_spec("pillow_heif") is not None, reason="HEIC is taken here")
async def test_whoever_sends_heic_is_told_how_to_send_jpeg(api: Api):
    answer = await sent(api, b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 100)
    assert is_refusal(answer, 415) == ""
    assert "send it as JPEG" in answer.json()["detail"]


async def test_while_one_picture_is_decoded_and_two_wait_the_next_is_to_come_again(api: Api):
    large = taken("JPEG", size=(7000, 5000))  # it is not decoded before its process is found
    decoded = asyncio.create_task(sent(api, large))
    first = await running()
    first.suspend()
    try:
        others = [asyncio.create_task(sent(api, taken("JPEG"))) for _ in range(3)]
        done, waiting = await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
        refused = done.pop().result()
        assert is_refusal(refused, 503) == ""
        assert int(refused.headers["retry-after"]) > 0
    finally:
        first.resume()
    assert [answer.status_code for answer in await asyncio.gather(decoded, *waiting)] == [201] * 3


async def test_what_a_person_may_upload_in_a_day_is_bounded_and_the_next_day_begins_anew(api: Api):
    subject = f"uploads {api.card('M')['id']}"
    used = (
        "INSERT INTO login_attempts VALUES ($1, 199999999, now() - $2::interval)"
        " ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, since = excluded.since"
    )
    try:
        await api.rows.execute(used, subject, timedelta(hours=23))
        refused = await api.ask("POST", "/utils/images", api.card("M"), files={"file": PNG})
        assert is_refusal(refused, 429) == ""
        assert "200 MB" in refused.json()["detail"]
        assert 3000 < int(refused.headers["retry-after"]) <= 3600
        assert (await sent(api, PNG)).status_code == 201, "another person is not concerned"
        await api.rows.execute(used, subject, timedelta(hours=24, seconds=1))
        answer = await api.ask("POST", "/utils/images", api.card("M"), files={"file": PNG})
        assert answer.status_code == 201
        assert await api.rows.fetchval("SELECT failures FROM login_attempts WHERE subject = $1", subject) == len(PNG)
    finally:
        await api.rows.execute("DELETE FROM login_attempts WHERE subject = $1", subject)


async def test_the_disk_is_not_filled_with_pictures(
    api: Api, inside: tuple[httpx.AsyncClient, Database], otherwise: Otherwise, tmp_path: Path
):
    otherwise("web", uploads=tmp_path, uploads_free_bytes=10**16)
    token = await api.token(api.card("C"))
    refused = await inside[0].post("/api/v1/utils/images", headers=token, files={"file": PNG})
    assert is_refusal(refused, 503) == ""
    assert int(refused.headers["retry-after"]) > 0
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


async def test_a_picture_has_at_most_fifteen_megabytes_and_pixels_that_a_browser_can_bear(api: Api):
    fits = JPEG + b"\x00" * (LARGEST - len(JPEG))
    assert (await sent(api, fits)).status_code == 201
    for large in (fits + b"\x00", JPEG + b"\x00" * 18_000_000, _png_of(60_000, 60_000)):
        answer = await sent(api, large)
        assert is_refusal(answer, 413) == ""
        assert answer.json()["code"] == "TooLarge"


async def test_a_form_without_a_file_is_refused(api: Api):
    card = api.card("C")
    for content in ({"files": {"other": PNG}}, {"data": {"file": "text"}}, {"files": {"file": ("", b"")}}):
        assert is_refusal(await api.ask("POST", "/utils/images", card, **content)) == "", content
    assert is_refusal(await api.ask("POST", "/utils/images", card, json={"file": "x"}), 415) == ""
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert is_refusal(await api.ask("POST", "/utils/images", card, content=b"--x\r\nno", headers=broken)) == ""


async def test_every_role_may_send_and_nobody_without_a_login(api: Api):
    for role in "AM":
        answer = await api.ask("POST", "/utils/images", api.card(role), files={"file": PNG})
        assert answer.status_code == 201
    assert is_refusal(await api.ask("POST", "/utils/images", files={"file": PNG}), 401) == ""


async def test_a_name_that_is_none_of_ours_finds_nothing(api: Api):
    stored = (await sent(api, PNG)).json()["path"].rpartition("/")[2]
    names = [
        "0" * 32 + ".png",
        "../" + stored,
        "..%2F..%2Fstack.json",
        "%2e%2e%2fstack.json",
        "..%5C..%5Cstack.json",
        "." + stored,
        stored.upper(),
        stored + "%00.html",
        stored.replace(".png", ".html"),
        stored.replace(".png", ".jpg"),
        quote("．．／stack.json"),
        stored + "%0A",
        "%2Fetc%2Fpasswd",
        "~",
        "x" * 150,
    ]
    answers = [await _raw(api, f"/uploads/{name}") for name in names]
    assert dict(zip(names, answers, strict=True)) == dict.fromkeys(names, 404)
    assert await _raw(api, f"/uploads/{stored}") == 200


async def _raw(api: Api, target: str) -> int:
    """The status for exactly this target; a client would tidy it up first."""
    host, port = api.info["api"].removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    line = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    await writer.wait_closed()
    return int(line.split()[1])
