"""ID tokens of another provider, as the issuer of the development stack signs them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.auth.identity_tokens import IdentityTokens
from devstack.phone.keys import Keys
from devstack.phone.names import CLIENT_ID
from devstack.phone.store import Store
from devstack.phone.web import create_app
from domain.errors import Unauthenticated, Unavailable
from domain.identities import Issuer

ADDRESS = "http://phone.test"
ISSUER = Issuer("sandbox", ADDRESS, (CLIENT_ID, "our-other-app"), f"{ADDRESS}/jwks")


class Provider:
    """The issuer, and how often its keys were fetched."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self.fetched, self.away = 0, False
        self._app = create_app(Store(folder / "phone.sqlite"), keys, ADDRESS, "sms-token")

    async def token(self, **wanted: Any) -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url=ADDRESS) as client:
            answer = await client.post("/sandbox/id-token", json={"sub": "asha", "nonce": "n-1", **wanted})
        return answer.json()["id_token"]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.fetched += 1
        if self.away:
            raise httpx.ConnectError("nobody is there")
        await self._app(scope, receive, send)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Those of every provider here: to make them takes a quarter of a second."""
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def provider(tmp_path: Path, keys: Keys) -> Provider:
    return Provider(tmp_path, keys)


@pytest.fixture
def tokens(provider: Provider) -> IdentityTokens:
    return IdentityTokens(ISSUER, httpx.ASGITransport(provider))


@pytest.mark.parametrize("wanted", [{}, {"alg": "ES256"}, {"aud": "our-other-app"}], ids=str)
async def test_a_genuine_token_for_a_client_of_ours_tells_who_somebody_is_there(provider, tokens, wanted):
    said = await provider.token(given_name="Asha", family_name="Rao", email="asha@example.com", **wanted)
    claims = await tokens.read(said, "n-1")
    assert (claims.subject, claims.first_name, claims.last_name, claims.email) == (
        "asha",
        "Asha",
        "Rao",
        "asha@example.com",
    )


@pytest.mark.parametrize(
    "wrong",
    [{"aud": "another-app"}, {"expires_in": -60}, {"alg": "HS256"}, {"alg": "none"}, {"nonce": "n-2"}, {"nonce": None}],
    ids=str,
)
async def test_a_token_for_others_an_old_one_and_one_that_nobody_signed_are_refused(provider, tokens, wrong):
    with pytest.raises(Unauthenticated):
        await tokens.read(await provider.token(**wrong), "n-1")


@pytest.mark.parametrize(
    "changed",
    [lambda said: said[:-6] + "AAAAAA", lambda said: "x.y.z", lambda said: ""],
    ids=["another signature", "no token", "empty"],
)
async def test_what_was_changed_on_the_way_is_refused(provider, tokens, changed: Callable[[str], str]):
    with pytest.raises(Unauthenticated):
        await tokens.read(changed(await provider.token()), "n-1")


async def test_the_token_of_another_issuer_is_refused(provider):
    another = Issuer("other", "https://other.example", (CLIENT_ID,), f"{ADDRESS}/jwks")
    with pytest.raises(Unauthenticated):
        await IdentityTokens(another, httpx.ASGITransport(provider)).read(await provider.token(), "n-1")


async def test_keys_are_fetched_once_however_many_ask_and_once_more_for_one_that_is_not_known(provider, tokens):
    said = await provider.token()
    for _ in range(3):
        await tokens.read(said, "n-1")
    assert provider.fetched == 1
    unknown = "eyJhbGciOiJSUzI1NiIsImtpZCI6InVua25vd24ifQ.e30.AA"
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            await tokens.read(unknown, "n-1")
    assert provider.fetched == 2


async def test_a_provider_that_is_away_is_an_outage_and_no_refusal(provider, tokens):
    provider.away = True
    with pytest.raises(Unavailable):
        await tokens.read(await provider.token(), "n-1")
