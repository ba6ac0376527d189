"""The phones of the stack: text messages, pushes as Firebase takes them, ID tokens."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from devstack import parts
from devstack.phone.keys import Keys
from devstack.phone.names import ACCOUNT, CLIENT_ID, PROJECT
from devstack.phone.store import Store
from devstack.phone.web import create_app

ADDRESS = "http://phone.test"
SEND = f"/v1/projects/{PROJECT}/messages:send"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def phone(keys: Keys, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Store(tmp_path / "phone.sqlite"), keys, ADDRESS, "sms-token")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client:
        yield client


async def sent_text(phone: httpx.AsyncClient, key: str = "code-7", token: str = "sms-token", **given: str) -> int:
    text = {"to": "+919876543210", "text": "Your code is 123456.", "key": key, **given}
    return (await phone.post("/sms", json=text, headers={"Authorization": f"Bearer {token}"})).status_code


def assertion(keys: Keys, **claims: Any) -> str:
    now = datetime.now(UTC)
    told = {"iss": ACCOUNT, "aud": f"{ADDRESS}/token", "iat": now, "exp": now + timedelta(hours=1)}
    told["scope"] = "https://www.googleapis.com/auth/firebase.messaging"
    return jwt.encode(told | claims, keys.account, algorithm="RS256")


async def access_token(phone: httpx.AsyncClient, signed: str) -> httpx.Response:
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": signed}
    return await phone.post("/token", data=grant)


async def pushed(phone: httpx.AsyncClient, keys: Keys, message: Any, project: str = PROJECT) -> httpx.Response:
    granted = (await access_token(phone, assertion(keys))).json()["access_token"]
    path = SEND.replace(PROJECT, project)
    return await phone.post(path, json={"message": message}, headers={"Authorization": f"Bearer {granted}"})


async def test_a_text_message_is_shown_once_for_its_key(phone: httpx.AsyncClient):
    assert [await sent_text(phone), await sent_text(phone)] == [200, 200]
    await sent_text(phone, "code-8", to="+919876500000")
    [message] = (await phone.get("/sandbox/messages", params={"to": "+919876543210"})).json()
    assert set(message) == {"id", "to", "text", "key", "received_at"}
    assert (message["to"], message["text"], message["key"]) == ("+919876543210", "Your code is 123456.", "code-7")
    assert len((await phone.get("/sandbox/messages")).json()) == 2
    assert (await phone.get("/sandbox/messages?to=+919876543210")).json() == [message]


async def test_the_gateway_takes_nothing_from_strangers_and_no_number_without_a_country(phone: httpx.AsyncClient):
    assert await sent_text(phone, token="another") == 401
    assert await sent_text(phone, to="9876543210") == 422
    assert (await phone.get("/sandbox/messages")).json() == []


async def test_a_push_arrives_and_is_shown_with_its_answer(phone: httpx.AsyncClient, keys: Keys):
    message = {"token": "device-1", "notification": {"title": "Paid", "body": "<b>Deep clean</b>"}, "data": {"n": "1"}}
    answer = await pushed(phone, keys, message)
    assert answer.status_code == 200
    assert answer.json()["name"].startswith(f"projects/{PROJECT}/messages/")
    [push] = (await phone.get("/sandbox/pushes", params={"token": "device-1"})).json()
    assert set(push) == {"id", "token", "message", "status", "at"}
    assert (push["token"], push["message"], push["status"]) == ("device-1", message, 200)
    page = (await phone.get("/")).text
    assert "Paid" in page
    assert "<b>Deep clean</b>" not in page


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("unregistered", 404, "UNREGISTERED"),
        ("invalid", 400, "INVALID_ARGUMENT"),
        ("busy", 429, "QUOTA_EXCEEDED"),
        ("denied", 403, "SENDER_ID_MISMATCH"),
    ],
)
async def test_a_device_answers_as_it_was_told_until_it_is_told_otherwise(
    phone: httpx.AsyncClient, keys: Keys, state: str, status: int, code: str
):
    assert (await phone.put("/sandbox/tokens/device:2", json={"state": state})).status_code == 200
    refused = await pushed(phone, keys, {"token": "device:2"})
    assert refused.status_code == status
    assert refused.json()["error"]["details"] == [{"@type": FCM_ERROR, "errorCode": code}]
    assert ("retry-after" in refused.headers) == (state == "busy")
    await phone.put("/sandbox/tokens/device:2", json={"state": "ok"})
    assert (await pushed(phone, keys, {"token": "device:2"})).status_code == 200
    shown = (await phone.get("/sandbox/pushes", params={"token": "device:2"})).json()
    assert [push["status"] for push in shown] == [status, 200]


@pytest.mark.parametrize(
    "message",
    [None, {}, {"token": 7}, {"token": "d", "data": {"booking_id": 7}}, {"token": "d", "data": {"google.x": "y"}}],
)
async def test_a_message_that_no_device_would_get_is_refused_as_a_bad_request(
    phone: httpx.AsyncClient, keys: Keys, message: Any
):
    refused = await pushed(phone, keys, message)
    assert refused.status_code == 400
    assert refused.json()["error"]["details"][0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert (await phone.get("/sandbox/pushes")).json() == []


async def test_only_the_service_account_gets_a_token_and_only_with_one_is_a_push_taken(
    phone: httpx.AsyncClient, keys: Keys
):
    past = datetime.now(UTC) - timedelta(minutes=1)
    for wrong in ({"iss": "somebody@example.com"}, {"aud": "http://elsewhere/token"}, {"exp": past}, {"scope": "mail"}):
        assert (await access_token(phone, assertion(keys, **wrong))).status_code == 400
    stolen = {"Authorization": "Bearer stolen"}
    refused = await phone.post(SEND, json={"message": {"token": "d"}}, headers=stolen)
    assert (refused.status_code, refused.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert (await pushed(phone, keys, {"token": "d"}, "another-project")).status_code == 403


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_an_id_token_can_be_read_with_the_published_keys(phone: httpx.AsyncClient, algorithm: str):
    wanted = {"sub": "asha", "nonce": "n-1", "email": "asha@example.com", "given_name": "Asha", "alg": algorithm}
    token = (await phone.post("/sandbox/id-token", json=wanted)).json()["id_token"]
    published = jwt.PyJWKSet.from_dict((await phone.get("/jwks")).json())
    key = published[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=[algorithm], audience=CLIENT_ID, issuer=ADDRESS)
    assert {"sub": "asha", "nonce": "n-1", "email": "asha@example.com", "given_name": "Asha"}.items() <= claims.items()
    about = (await phone.get("/.well-known/openid-configuration")).json()
    assert (about["issuer"], about["jwks_uri"]) == (ADDRESS, f"{ADDRESS}/jwks")


@pytest.mark.parametrize(
    "wrong", [{"aud": "another-app"}, {"expires_in": -60}, {"alg": "HS256"}, {"alg": "none"}], ids=str
)
async def test_tokens_that_must_be_refused_are_made_on_request(phone: httpx.AsyncClient, keys: Keys, wrong: Any):
    token = (await phone.post("/sandbox/id-token", json={"sub": "asha", **wrong})).json()["id_token"]
    with pytest.raises(jwt.InvalidTokenError):
        jwt.decode(token, keys.rs256.public_key(), algorithms=["RS256"], audience=CLIENT_ID, issuer=ADDRESS)


def test_the_phones_run_only_where_a_kind_asks_for_them():
    assert "phone" not in parts.usual({"REVCARE_KINDS": "kinds.vehicle_service"})
    assert "phone" in parts.usual({"REVCARE_KINDS": "kinds.vehicle_service, kinds.local_services"})


def test_the_keys_are_the_same_after_a_restart(keys: Keys, tmp_path: Path):
    first = Keys(tmp_path).rs256.public_key().public_numbers()
    assert Keys(tmp_path).rs256.public_key().public_numbers() == first
