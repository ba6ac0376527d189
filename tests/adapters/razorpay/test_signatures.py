import hashlib
import hmac
import json

import pytest

from adapters.razorpay import callback_is_genuine, webhook_is_genuine

VECTOR = "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"
BODY = b'{"event":"payment.captured","amount":194700,"description":"\\u20b91947.00 for order\\/bk-1"}'


def sign(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_the_published_vector_of_a_callback_is_genuine() -> None:
    assert callback_is_genuine("key_secret", "fake_order_id", "fake_payment_id", VECTOR) is True


@pytest.mark.parametrize(
    ("secret", "order_id", "payment_id", "signature"),
    [
        ("other_secret", "fake_order_id", "fake_payment_id", VECTOR),
        ("key_secret", "cheap_order_id", "fake_payment_id", VECTOR),
        ("key_secret", "fake_order_id", "other_payment", VECTOR),
        ("key_secret", "fake_order_id|fake", "payment_id", VECTOR),
        ("key_secret", "fake_order_id", "fake_payment_id", VECTOR.upper()),
        ("key_secret", "fake_order_id", "fake_payment_id", VECTOR[:-1]),
        ("key_secret", "fake_order_id", "fake_payment_id", ""),
        ("key_secret", "fake_order_id", "fake_payment_id", "नहीं"),
        ("key_secret", "\ud800", "fake_payment_id", "\ud800"),
        ("", "fake_order_id", "fake_payment_id", hmac.new(b"", b"fake_order_id|fake_payment_id", "sha256").hexdigest()),
    ],
)
def test_any_other_callback_is_not(secret: str, order_id: str, payment_id: str, signature: str) -> None:
    assert callback_is_genuine(secret, order_id, payment_id, signature) is False


def test_a_webhook_is_judged_by_its_raw_bytes() -> None:
    signature = sign("hook", BODY)
    assert webhook_is_genuine(["hook"], BODY, signature) is True
    reserialised = json.dumps(json.loads(BODY), separators=(",", ":")).encode()
    assert webhook_is_genuine(["hook"], reserialised, signature) is False


def test_the_secret_before_a_rotation_still_counts() -> None:
    assert webhook_is_genuine(["new", "old"], BODY, sign("old", BODY)) is True
    assert webhook_is_genuine(["new"], BODY, sign("old", BODY)) is False


@pytest.mark.parametrize("signature", [None, "", "0" * 64, "नहीं", "\ud800"])
def test_an_odd_signature_is_false_and_never_an_exception(signature: str | None) -> None:
    assert webhook_is_genuine(["hook"], BODY, signature) is False


def test_an_empty_secret_is_nobodys() -> None:
    assert webhook_is_genuine([""], BODY, sign("", BODY)) is False
    assert webhook_is_genuine([], BODY, sign("hook", BODY)) is False
    assert webhook_is_genuine(["", "hook"], BODY, sign("hook", BODY)) is True


def test_bytes_that_are_no_text_can_be_signed_too() -> None:
    assert webhook_is_genuine(["hook"], b"\xff\x00", sign("hook", b"\xff\x00")) is True
