"""Tokens that somebody made, changed, kept or mixed up: none is accepted, also not beside one that is known."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from kinds.vehicle_service.domain.visit import KIND
from settings import Secrets
from tests.api.concurrent import Api, Json, bearer, is_refusal
from tests.api.test_login import COOKIE, login, me, refresh

NOW, HOUR = datetime.now(UTC), timedelta(hours=1)
# An RSA key of nobody's, as a public key that is passed off as an HMAC secret.
PUBLIC = b"""-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMz0Yw2Zr2vSnbtzJ0lC3C2nq0eC1m0x
0J8vTtVtY1l8J3iQ9q8U3bEw3P2Q6kB0G0gN3m5pF1m9sXo2H2cCAwEAAQ==
-----END PUBLIC KEY-----
"""


def forged(api: Api, key: str = "secret_key", algorithm: str = "HS256", **claims: Any) -> str:
    """A token with whatever claims, signed with one of the API's own keys or another one; None leaves a claim out."""
    payload = {name: value for name, value in (genuine(api) | claims).items() if value is not None}
    return jwt.encode(payload, api.info["auth"].get(key, key), algorithm=algorithm)


def genuine(api: Api) -> Json:
    now = datetime.now(UTC)
    whose = {"sub": api.card("A")["id"], "role": "admin", "jti": "a-token-of-the-tests", "type": "access"}
    return {**whose, "aud": KIND, "iat": now, "exp": now + timedelta(minutes=5)}


def _b64(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def by_hand(api: Api, head: Json, payload: bytes | None = None, key: bytes | None = None) -> str:
    """A token with whatever head and bytes, signed by SHA-256 with the API's own key or another one."""
    now = int(datetime.now(UTC).timestamp())
    body = json.dumps(genuine(api) | {"iat": now, "exp": now + 300}).encode() if payload is None else payload
    signed = f"{_b64(json.dumps(head).encode())}.{_b64(body)}"
    secret = key if key is not None else api.info["auth"]["secret_key"].encode()
    return f"{signed}.{_b64(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


HS256 = {"alg": "HS256", "typ": "JWT"}


async def test_a_token_made_with_the_right_key_is_let_in_so_the_attacks_below_mean_something(api: Api):
    for token in (forged(api), by_hand(api, HS256)):
        assert await me(api, token) == 200


def attacks(api: Api) -> dict[str, str]:
    head, payload, signature = forged(api).split(".")
    secret = api.info["auth"]["secret_key"]
    defaults = Secrets()
    other = _b64(json.dumps({**genuine(api), "sub": "ADM000002", "iat": 1, "exp": 4102444800}).encode())
    unsigned = {name: by_hand(api, {**HS256, "alg": name}, key=b"").rpartition(".")[0] + "." for name in _NO_ALGORITHM}
    return {
        **{f"alg {name!r} without a signature": token for name, token in unsigned.items()},
        **{f"alg {name!r} with one": by_hand(api, {**HS256, "alg": name}) for name in (*_NO_ALGORITHM, *_OTHERS)},
        "no alg": by_hand(api, {"typ": "JWT"}),
        "alg a list": by_hand(api, {**HS256, "alg": ["HS256"]}),
        "a public key as the secret": by_hand(api, {**HS256, "alg": "RS256"}, key=PUBLIC),
        "a public key as the secret of HS256": by_hand(api, HS256, key=PUBLIC),
        "a key that it brings along": by_hand(api, {**HS256, "jwk": {"kty": "oct", "k": _b64(b"mine")}}, key=b"mine"),
        "a key from somewhere": by_hand(api, {**HS256, "jku": "http://127.0.0.1:1/keys", "kid": "1"}, key=b"mine"),
        "a key from a file": by_hand(api, {**HS256, "kid": "../../../../dev/null"}, key=b""),
        "a key by injection": by_hand(api, {**HS256, "kid": "x' UNION SELECT 'mine"}, key=b"mine"),
        "an extension that must be understood": by_hand(api, {**HS256, "crit": ["exp2"], "exp2": 1}),
        "the refresh key": forged(api, "refresh_secret_key"),
        "the keys of the source code": forged(api, defaults.secret_key.get_secret_value()),
        "a longer hash": forged(api, secret, "HS512") if len(secret) >= 64 else forged(api, "x" * 64, "HS512"),
        "no signature": f"{head}.{payload}.",
        "no signature, no dot": f"{head}.{payload}",
        "another payload": f"{head}.{other}.{signature}",
        "another head": f"{_b64(json.dumps({**HS256, 'x': 1}).encode())}.{payload}.{signature}",
        "another signature": f"{head}.{payload}.{signature[:-4]}AAAA",
        "one part more": f"{head}.{payload}.{signature}.{signature}",
        "encrypted": f"{head}.{payload}.{signature}.{payload}.{signature}",
        "in quotes": f'"{head}.{payload}.{signature}"',
        "a refresh token": forged(api, "refresh_secret_key", type="refresh"),
        "a refresh type with the access key": forged(api, type="refresh"),
        "a type of another kind": forged(api, type=["access"]),
        "expired": forged(api, exp=NOW - HOUR),
        "not yet": forged(api, nbf=datetime.now(UTC) + HOUR),
        "from the future": forged(api, iat=datetime.now(UTC) + HOUR),
        "of another kind's person of this number": forged(api, aud="table_reservation"),
        "of this kind and another one": forged(api, aud=[KIND, "table_reservation"]),
        **{f"without {claim}": forged(api, **{claim: None}) for claim in genuine(api)},
        **{f"exp {exp}": _with(api, exp=exp) for exp in ("true", '"never"', "1e400", "-1", "[]", "{}", "null", "NaN")},
        "exp 10^30": _with(api, exp=str(10**30)),
        **{f"sub {sub}": _with(api, sub=sub) for sub in ("1", "true", "null", '["ADM000001"]', '{"$ne": 1}', '"1"')},
        "a person with a NUL": forged(api, sub="ADM\x00000001"),
        "a person that is not there": forged(api, sub="ADM999999"),
        "a person by injection": forged(api, sub="ADM000001' OR '1'='1"),
        "a person of a thousand letters": forged(api, sub="A" * 1000),
        "an id with a NUL": forged(api, jti="a\x00b"),
        "an id that is a number": _with(api, jti="7"),
        "an id of a thousand letters": forged(api, jti="j" * 1000),
        "a payload that is a list": by_hand(api, HS256, b"[]"),
        "a payload that is no JSON": by_hand(api, HS256, b"\xff\xfe"),
        "a payload that is deep": by_hand(api, HS256, b"[" * 5_000 + b"]" * 5_000),
        "a surrogate": by_hand(api, HS256, b'{"sub": "\\ud800", "jti": "\\ud800", "exp": 4102444800}'),
        "no token": "x",
        "two dots": "..",
        "only dots": "." * 5_000,
        "a long one": "x" * 20_000,
        "a long payload": by_hand(api, HS256, b'{"x": "' + b"x" * 15_000 + b'"}'),
    }


_NO_ALGORITHM = ("none", "None", "NONE", "nOnE", "")
_OTHERS = ("HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256", "HS256 ", "A256KW")


def _with(api: Api, **claims: str) -> str:
    """Claims as JSON text, as no library would write them."""
    now = int(datetime.now(UTC).timestamp())
    texts = {name: json.dumps(value) for name, value in (genuine(api) | {"iat": now, "exp": now + 300}).items()}
    body = ", ".join(f'"{name}": {text}' for name, text in (texts | claims).items())
    return by_hand(api, HS256, ("{" + body + "}").encode())


async def test_a_token_that_is_not_genuine_is_refused(api: Api):
    wrong = {}
    for name, token in attacks(api).items():
        answer = await api.ask("GET", "/auth/me", headers=bearer(token))
        if verdict := is_refusal(answer, 401):
            wrong[name] = verdict
    assert wrong == {}


async def test_a_token_beyond_all_measure_is_refused_before_anybody_reads_it(api: Api):
    for size in (40_000, 200_000):
        answer = await api.ask("GET", "/auth/me", headers=bearer("x" * size))
        assert is_refusal(answer, 431) == ""


@pytest.mark.parametrize("value", ["", "Basic {}", "Token {}", "JWT {}", "Bearer", "bearer", "{}", "Bearer {} {}"])
async def test_only_a_bearer_of_one_token_gets_in(api: Api, value: str):
    answer = await api.ask("GET", "/auth/me", headers={"Authorization": value.replace("{}", forged(api))})
    assert is_refusal(answer, 401) == ""


async def test_a_token_in_another_place_does_not_count(api: Api):
    token = forged(api)
    places = ({"params": {"access_token": token, "token": token}}, {"headers": {"Cookie": f"access_token={token}"}})
    for place in places:
        assert is_refusal(await api.ask("GET", "/auth/me", **place), 401) == ""


async def test_every_part_of_a_token_counts_also_while_the_token_is_known(api: Api):
    token = forged(api)
    assert [await me(api, token) for _ in range(3)] == [200] * 3
    # The last letter of each part carries bits that are not read; all others do count.
    places = [at for part in (0, 1, 2) for at in _places(token, part)]
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in places]
    assert {await me(api, each) for each in changed} == {401}


def _places(token: str, part: int) -> range:
    parts = token.split(".")
    start = sum(len(each) + 1 for each in parts[:part])
    return range(start, start + len(parts[part]) - 1, 9)


async def test_the_two_tokens_of_a_login_do_not_pass_for_each_other(api: Api):
    card = await api.newcomer()
    answer = await login(api, card["phone"], card["password"])
    access, token = answer.json()["access_token"], answer.cookies[COOKIE]
    assert await me(api, access) == 200
    assert await me(api, token) == 401
    assert is_refusal(await refresh(api, access), 401) == ""
    assert (await refresh(api, token)).status_code == 200


async def test_a_refresh_token_that_is_not_genuine_is_refused(api: Api):
    key = "refresh_secret_key"
    fakes = {
        "the access key": forged(api, type="refresh"),
        "an access type": forged(api, key),
        "never given out": forged(api, key, type="refresh"),
        "expired": forged(api, key, type="refresh", exp=NOW - HOUR),
        "without an id": forged(api, key, type="refresh", jti=None),
        "without a kind": forged(api, key, type="refresh", aud=None),
        "alg none": by_hand(api, {**HS256, "alg": "none"}, key=b""),
    }
    wrong = {name: is_refusal(await refresh(api, token), 401) for name, token in fakes.items()}
    assert {name: verdict for name, verdict in wrong.items() if verdict} == {}


async def test_a_token_that_is_known_is_refused_when_its_time_is_up(api: Api):
    card = await api.newcomer()
    token = forged(api, sub=card["id"], role="customer", exp=datetime.now(UTC) + timedelta(seconds=2))
    assert [await me(api, token) for _ in range(3)] == [200] * 3
    async with asyncio.timeout(10):
        while await me(api, token) == 200:  # noqa: ASYNC110 - time has to pass
            await asyncio.sleep(0.1)
    answer = await api.ask("GET", "/auth/me", headers=bearer(token))
    assert answer.json()["detail"] == "the token has expired"


async def test_a_token_that_was_known_is_refused_after_the_logout(api: Api):
    card = await api.newcomer()
    access = await api.log_in(card)
    assert [await me(api, access) for _ in range(3)] == [200] * 3
    assert (await api.ask("POST", "/auth/logout", headers=bearer(access))).status_code == 200
    assert [await me(api, access) for _ in range(3)] == [401] * 3
    again = await api.ask("POST", "/auth/logout", headers=bearer(access))
    assert is_refusal(again, 401) == ""
