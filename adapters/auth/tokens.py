"""Access and refresh tokens: HS256 with two keys."""

import secrets
from datetime import UTC, datetime, timedelta

import jwt

from adapters.auth.claims import Claims, Issued, TokenType
from domain.errors import Unauthenticated
from settings import Secrets

_ALGORITHM = "HS256"
_CLAIMS = ["sub", "aud", "role", "jti", "type", "iat", "exp"]


class Tokens:
    """Issues and reads the JWTs of one kind of booking. The algorithm is pinned.

    Each type of token has its own key, so neither passes for the other. The kinds share these keys and number their
    people alike, so a token names its kind as the audience: that of another kind's ADM000001 is nobody's here.
    """

    def __init__(self, config: Secrets, kind: str) -> None:
        self._audience = kind
        self._keys: dict[TokenType, str] = {
            "access": config.secret_key.get_secret_value(),
            "refresh": config.refresh_secret_key.get_secret_value(),
        }
        self._lifetimes: dict[TokenType, timedelta] = {
            "access": timedelta(minutes=config.access_token_expire_minutes),
            "refresh": timedelta(days=config.refresh_token_expire_days),
        }

    def issue(self, token_type: TokenType, person_id: str, role: str, now: datetime) -> Issued:
        """A token for a person."""
        claims = Claims(person_id, role, secrets.token_urlsafe(16), token_type, now + self._lifetimes[token_type])
        payload = {
            "sub": claims.sub,
            "aud": self._audience,
            "role": claims.role,
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
