"""The application of local services in this process, with nothing but its people."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from adapters.auth.identity_tokens import IdentityTokens
from api.app import create_app
from devstack.phone.keys import Keys
from devstack.phone.names import CLIENT_ID, OIDC_NAME
from devstack.phone.store import Store
from devstack.phone.web import create_app as create_phone
from devstack.stack import Stack
from domain.identities import Issuer
from kinds.local_services.api import API
from settings import Settings
from tests.api.conftest import ended_sessions_are_noticed, of_stack
from tests.kinds.local_services.people.house import People

__all__ = ["ended_sessions_are_noticed"]

ADDRESS = "http://phone.test"


@pytest.fixture(scope="session")
def provider_of_logins(tmp_path_factory: pytest.TempPathFactory) -> httpx.ASGITransport:
    """The issuer of ID tokens of the development stack, in this process."""
    folder: Path = tmp_path_factory.mktemp("phone")
    return httpx.ASGITransport(create_phone(Store(folder / "phone.sqlite"), Keys(folder), ADDRESS, "sms-token"))


@pytest.fixture(scope="session")
async def people(stack: Stack, provider_of_logins: httpx.ASGITransport) -> AsyncIterator[People]:
    """A spent refresh token is good for no second time, and a code may be asked for again at once.

    One application for all files: making it and its document costs seconds of the processor.
    """
    issuer = Issuer(OIDC_NAME, ADDRESS, (CLIENT_ID,), f"{ADDRESS}/jwks")
    async with AsyncExitStack() as opened:
        with pytest.MonkeyPatch.context() as patch:  # read until the application has begun
            for name, value in of_stack(stack.info).items():
                patch.setenv(name, value)
            patch.setenv("REVCARE_LOCAL_SERVICES_CODE_EVERY", "0s")
            patch.setenv("REVCARE_PASSWORD_HASHING", "quick")
            patch.setenv("REVCARE_LOCAL_SERVICES_OIDC", json.dumps([{**_said(issuer)}]))
            patch.setenv("REVCARE_LOCAL_SERVICES_CODES_PER_ADDRESS", "8")
            settings = Settings()
            web = settings.web.model_copy(update={"refresh_grace": timedelta(0)})
            app = create_app(API, settings=settings.model_copy(update={"web": web}))
            await opened.enter_async_context(app.router.lifespan_context(app))
        app.state.identity_issuers = {OIDC_NAME: IdentityTokens(issuer, provider_of_logins)}
        yield People(app)


def _said(issuer: Issuer) -> dict[str, object]:
    return {
        "name": issuer.name,
        "issuer": issuer.issuer,
        "client_ids": list(issuer.client_ids),
        "jwks_url": issuer.jwks_url,
    }
