"""Codes of a second factor: those that an app on a phone shows (TOTP, RFC 6238), and recovery codes.

The secret of an app is shown once, when it is set up; then it is kept encrypted. Recovery codes are random enough that
their hash needs no key: where the key was replaced, they still let somebody in.
"""

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from settings import Secrets

_NONCE = 12
_RECOVERY_BYTES, _RECOVERY_CODES, _GROUP = 10, 10, 4
_EARLIER, _LATER = 1, 1
"""Steps of 30 seconds by which the clock of a phone may be wrong, or its owner slow."""
_OF_APP, _RECOVERY_CODE = re.compile("[0-9]{6}"), re.compile("[A-Z2-7]{16}")


class SecondFactorCodes:
    """Makes secrets and judges codes. A sealed secret opens only for the person of the kind that it was sealed for."""

    def __init__(self, config: Secrets) -> None:
        key = hmac.digest(config.secret_key.get_secret_value().encode(), b"secrets of second factors", "sha256")
        self._box = AESGCM(key)

    def new_secret(self) -> str:
        """Base32, 160 bits."""
        return pyotp.random_base32()

    def uri(self, secret: str, account: str, issuer: str) -> str:
        """``otpauth://totp/...``, for the QR code that an app reads."""
        return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)

    def seal(self, kind: str, person_id: str, secret: str) -> str:
        """What is kept of a secret."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._box.encrypt(nonce, secret.encode(), _owner(kind, person_id))
        return base64.b64encode(nonce + sealed).decode()

    def step_of(self, kind: str, person_id: str, sealed: str, code: str, now: datetime) -> int | None:
        """The step of 30 seconds that a code of the app is for; None: it is not one of this moment."""
        typed = _typed(code)
        if not _OF_APP.fullmatch(typed):
            return None
        kept = base64.b64decode(sealed)
        try:
            secret = self._box.decrypt(kept[:_NONCE], kept[_NONCE:], _owner(kind, person_id)).decode()
        except InvalidTag:  # sealed under another SECRET_KEY
            return None
        app = pyotp.TOTP(secret)
        step = app.timecode(now)
        near = range(step - _EARLIER, step + _LATER + 1)
        return next((each for each in near if hmac.compare_digest(app.generate_otp(each), typed)), None)


def recovery_codes() -> list[str]:
    """New ones, ``ABCD-EFGH-IJKL-MNOP``: 80 random bits each."""
    return [_grouped(base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()) for _ in range(_RECOVERY_CODES)]


def fingerprint(code: str) -> str | None:
    """What is kept of a recovery code, however it was typed; None: it cannot be one."""
    typed = _typed(code)
    return hashlib.sha256(typed.encode()).hexdigest() if _RECOVERY_CODE.fullmatch(typed) else None


def _typed(code: str) -> str:
    return re.sub(r"[\s-]", "", code).upper()


def _grouped(code: str) -> str:
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def _owner(kind: str, person_id: str) -> bytes:
    return f"{kind} {person_id}".encode()
