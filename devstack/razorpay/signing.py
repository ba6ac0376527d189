"""The provider's two signatures: hex HMAC-SHA256, of a checkout's result and of a webhook's raw body."""

import hashlib
import hmac


def sign(secret: str, message: bytes) -> str:
    """The signature of these bytes."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def sign_payment(secret: str, order_id: str, payment_id: str) -> str:
    """What a browser carries back to the shop after paying."""
    return sign(secret, f"{order_id}|{payment_id}".encode())
