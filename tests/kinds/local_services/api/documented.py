"""The operations of local services as data, and values that fit what they take."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.api.document import Operation, operations_of

WRITTEN = Path(__file__).parents[4] / "docs" / "openapi-local-services.json"
KNOWN: Mapping[str, Any] = {
    "phone": "7000000001",
    "email": "nobody@example.com",
    "password": "Secret-123",
    "new_password": "Secret-456",
    "current_password": "Secret-123",
    "first_name": "Nobody",
    "code": "204816",
    "base_price": "450.00",
    "account_id": "acc_Sandbox0000001",
    "receiver_id": "USR900000001",
    "scheduled_at": "2030-01-07T09:00:00Z",
    "duration_hours": 2,
    "description": "Only half of it was done.",
    "start": "09:00",
    "end": "18:00",
    "scopes[]": "READ:BOOKINGS",
    "razorpay_payment_id": "pay_AAAAAAAAAAAAAA",
    "razorpay_order_id": "order_AAAAAAAAAAAAAA",
}
"""What a field of that name takes, where its schema alone does not say it."""


@cache
def operations() -> tuple[Operation, ...]:
    """All of them, in the document's order."""
    return operations_of(json.loads(WRITTEN.read_text(encoding="utf-8")))
