"""The keys of the phones: made once, for what was signed with them is still shown after a restart."""

import json
import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from devstack.phone.names import ACCOUNT, CREDENTIALS, PROJECT


class Keys:
    """Those of the issuer of ID tokens, one for each algorithm, and that of the service account, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.rs256 = self._key("oidc-rs256.pem", _rsa)
        self.es256 = self._key("oidc-es256.pem", _elliptic)
        self.account = self._key("service-account.pem", _rsa)

    def write_credentials(self, address: str) -> Path:
        """The service account's file as Google hands it out, with our own place for tokens."""
        found = {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "sandbox",
            "private_key": _pem(self.account).decode(),
            "client_email": ACCOUNT,
            "client_id": "100000000000000000001",
            "token_uri": f"{address}/token",
        }
        return _write(self._folder / CREDENTIALS, json.dumps(found, indent=1).encode())

    def _key(self, name: str, make: Any) -> Any:
        path = self._folder / name
        if not path.exists():
            _write(path, _pem(make()))
        return load_pem_private_key(path.read_bytes(), None)


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _elliptic() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> Path:
    """For the owner alone, in one step."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    return draft.replace(path)
