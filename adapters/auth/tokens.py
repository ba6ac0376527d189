"""Access and refresh tokens, and those of known devices: HS256, with a key for each."""

import base64
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import jwt

from adapters.auth.claims import Claims, Issued, TokenType
from domain.errors import Unauthenticated
from settings import Secrets

_ALGORITHM = "HS256"
_PAIR: tuple[TokenType, TokenType] = ("access", "refresh")
_CLAIMS = ["sub", "aud", "role", "jti", "type", "iat", "exp"]


class Tokens:
    """Issues and reads the JWTs of one kind of booking. The algorithm is pinned.

    Each type of token has its own key, so neither passes for the other. The kinds share these keys and number their
    people alike, so a token names its kind as the audience: that of another kind's ADM000001 is nobody's here.
    """

    def __init__(self, config: Secrets, kind: str, roles: Mapping[str, str] | None = None) -> None:
        """``roles``: role -> what tokens call it, where that is not its name."""
        self._audience = kind
        self._roles = roles or {}
        secret = config.refresh_secret_key.get_secret_value().encode()
        self._successors = hmac.digest(secret, b"tokens for a spent refresh token", "sha256")
        self._keys: dict[TokenType, str | bytes] = {
            "access": config.secret_key.get_secret_value(),
            "refresh": config.refresh_secret_key.get_secret_value(),
            "device": hmac.digest(secret, b"known devices", "sha256"),
        }
        self._lifetimes: dict[TokenType, timedelta] = {
            "access": timedelta(minutes=config.access_token_expire_minutes),
            "refresh": timedelta(days=config.refresh_token_expire_days),
            "device": timedelta(days=config.known_device_days),
        }

    def pair(self, person_id: str, role: str, now: datetime) -> tuple[Issued, Issued]:
        """Access and refresh token of a new session."""
        return self.issue("access", person_id, role, now), self.issue("refresh", person_id, role, now)

    def pair_after(self, spent: Claims, role: str, used_at: datetime) -> tuple[Issued, Issued]:
        """What a refresh token is exchanged for: always the same tokens for the same use, so none has to be kept.

        Their ids follow from that of the spent token under a key of ours: nobody else can tell them beforehand.
        """
        access, refresh = (self._issue(kind, spent.sub, role, used_at, self._after(kind, spent)) for kind in _PAIR)
        return access, refresh

    def issue(self, token_type: TokenType, person_id: str, role: str, now: datetime) -> Issued:
        """A token for a person."""
        return self._issue(token_type, person_id, role, now, secrets.token_urlsafe(16))

    def _after(self, token_type: TokenType, spent: Claims) -> str:
        digest = hmac.digest(self._successors, f"{token_type} after {spent.jti}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:18]).decode()

    def _issue(self, token_type: TokenType, person_id: str, role: str, now: datetime, jti: str) -> Issued:
        claims = Claims(person_id, role, jti, token_type, now + self._lifetimes[token_type])
        payload = {
            "sub": claims.sub,
            "aud": self._audience,
            "role": self._roles.get(claims.role, claims.role),
            "jti": claims.jti,
            "type": token_type,
            "iat": now,
            "exp": claims.expires_at,
        }
        return Issued(jwt.encode(payload, self._keys[token_type], algorithm=_ALGORITHM), claims)

    def read(self, token_type: TokenType, token: str) -> Claims:
        """The claims of a genuine token of this kind that is not expired."""
        try:
            found = jwt.decode(
                token,
                self._keys[token_type],
                algorithms=[_ALGORITHM],
                audience=self._audience,
                options={"require": _CLAIMS, "strict_aud": True},
            )
            expires_at = datetime.fromtimestamp(found["exp"], UTC)
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("the token has expired") from None
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError):
            raise Unauthenticated("the token is not valid") from None
        if found["type"] != token_type or not _plain(found["sub"]) or not _plain(found["jti"]):
            raise Unauthenticated("the token is not valid")
        return Claims(found["sub"], str(found["role"]), found["jti"], token_type, expires_at)


def _plain(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable()
