"""Is a message the provider's? The SDK's helpers raise on odd input and accept an empty secret, these do not."""

import hashlib
import hmac
from collections.abc import Sequence


def callback_is_genuine(secret: str, order_id: str, payment_id: str, signature: str) -> bool:
    """Judge what a browser brought back. ``order_id`` is the one we stored, never the one that was posted."""
    return _is_signed(secret, f"{order_id}|{payment_id}".encode(errors="replace"), signature)


def webhook_is_genuine(secrets: Sequence[str], raw_body: bytes, signature: str | None) -> bool:
    """Judge a webhook by its raw bytes; retries of older events still carry the secret before a rotation."""
    return any(_is_signed(secret, raw_body, signature) for secret in secrets)


def _is_signed(secret: str, message: bytes, signature: str | None) -> bool:
    if not secret or not signature:
        return False
    expected = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))
