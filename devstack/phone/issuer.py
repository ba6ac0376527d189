"""An issuer of OpenID Connect ID tokens: its keys as everybody may read them, and a token of any content on request."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import jwt
from fastapi import APIRouter
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pydantic import BaseModel, Field

from devstack.phone.keys import Keys
from devstack.phone.names import CLIENT_ID

_NOBODYS_SECRET = "a secret that no issuer has agreed with anybody"  # noqa: S105 - for tokens that must be refused


class IdToken(BaseModel):
    """What an ID token is to say. ``alg`` HS256 and none are those that nobody may take; ``expires_in`` may be past."""

    sub: Annotated[str, Field(min_length=1, max_length=255)]
    aud: str = CLIENT_ID
    nonce: str | None = None
    email: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    expires_in: Annotated[int, Field(ge=-86_400, le=86_400)] = 3600
    alg: Literal["RS256", "ES256", "HS256", "none"] = "RS256"


def issuer_router(keys: Keys, address: str) -> APIRouter:
    """The issuer, under the address that is also its name in tokens."""
    router = APIRouter()
    signing: dict[str, tuple[Any, dict[str, str] | None]] = {
        "RS256": (keys.rs256, {"kid": "rs256"}),
        "ES256": (keys.es256, {"kid": "es256"}),
        "HS256": (_NOBODYS_SECRET, {"kid": "rs256"}),
        "none": (None, None),
    }

    @router.get("/.well-known/openid-configuration")
    def configuration() -> dict[str, Any]:
        return {
            "issuer": address,
            "jwks_uri": f"{address}/jwks",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        }

    @router.get("/jwks")
    def jwks() -> dict[str, Any]:
        rsa = json.loads(RSAAlgorithm.to_jwk(keys.rs256.public_key()))
        elliptic = json.loads(ECAlgorithm.to_jwk(keys.es256.public_key()))
        return {
            "keys": [
                {**rsa, "kid": "rs256", "alg": "RS256", "use": "sig"},
                {**elliptic, "kid": "es256", "alg": "ES256", "use": "sig"},
            ]
        }

    @router.post("/sandbox/id-token")
    def id_token(wanted: IdToken) -> dict[str, str]:
        now = datetime.now(UTC)
        told = wanted.model_dump(exclude={"expires_in", "alg"}, exclude_none=True)
        expires = now + timedelta(seconds=wanted.expires_in)
        claims = {"iss": address, "iat": min(now, expires - timedelta(seconds=1)), "exp": expires, **told}
        key, headers = signing[wanted.alg]
        return {"id_token": jwt.encode(claims, key, algorithm=wanted.alg, headers=headers)}

    return router
