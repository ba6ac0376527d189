"""The till: what the payment provider brings, by the customer's browser or by webhook.

Both are hints. A signature proves that the provider said it, and the booking's workflow then fetches the fact itself;
nothing here confirms or fails a payment.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from adapters.postgres.booking_changes import BookingChanges
from adapters.postgres.inbox import PARKED, RECEIVED, Inbox, Kept, Word
from adapters.postgres.payment_queries import Order, PaymentQueries
from adapters.razorpay import callback_is_genuine, webhook_is_genuine
from api.bookings.client import BookingClient
from api.payments.dispatcher import WebhookDispatcher
from api.schemas.payments import CheckoutCallback
from domain.billing.provider import LatePaymentEvent, PaymentStatus
from domain.errors import BadSignature, BookingError, NotFound, Unauthenticated
from settings import Razorpay

LONGEST_WAIT = 5.0
"""Seconds that a callback waits to see the payment confirmed: a browser that comes back should see success."""
_LOOK_EVERY = 1.0
_log = structlog.get_logger()


class PaymentService:
    """Takes the provider's word and passes it on."""

    def __init__(
        self, engine: BookingClient, payments: PaymentQueries, inbox: Inbox, changes: BookingChanges, keys: Razorpay
    ) -> None:
        self._engine = engine
        self._payments = payments
        self._inbox = inbox
        self._changes = changes
        self._keys = keys
        self._courier = WebhookDispatcher(inbox.delivered)

    async def verify_callback(self, said: CheckoutCallback) -> Order:
        """The order that a browser's words are about. Before anything is kept of them: everybody may say something.

        Raises:
            NotFound: that is no order of ours.
            BadSignature: the provider did not say that.
        """
        order = await self._payments.order(said.razorpay_order_id)
        if order is None:
            raise NotFound(f"there is no order {said.razorpay_order_id}")
        secret = self._keys.key_secret.get_secret_value()
        signed = (said.razorpay_order_id, said.razorpay_payment_id, said.razorpay_signature)
        if not callback_is_genuine(secret, *signed):
            raise BadSignature
        return order

    async def callback(self, order: Order, order_id: str) -> Order:
        """Signal the order and wait a little for the fact."""
        return order if order.status == PaymentStatus.SUCCESS else await self._confirmed(order, order_id)

    async def webhook(self, raw: bytes, signature: str | None, event_id: str | None) -> tuple[Word, Kept | None]:
        """Store what the provider says; committed when this returns. A repeat is known and not kept again.

        Raises:
            Unauthenticated: it is not signed by the provider; it will try again, so a wrong secret heals itself.
        """
        if not webhook_is_genuine(self._secrets(), raw, signature):
            raise Unauthenticated("the signature of the webhook is missing or wrong")
        word = read(raw, event_id, self._keys.account_id)
        if word.state == PARKED:
            _log.warning(
                "a webhook cannot be read or concerns nothing of ours, it is parked", provider_event=word.event
            )
        return word, await self._inbox.keep(word)

    async def dispatch(self, word: Word, kept: Kept) -> None:
        """Signal the workflow that the message concerns. What fails here is swept up by the worker."""
        subject = (kept.booking_id, kept.refund_key, word.dispute_id, kept.order_id)
        if subject[:2] != (None, None):  # nobody to be told yet: the sweep looks again
            self._courier.take(subject, kept.id, lambda: self._reported(word, kept))

    async def _reported(self, word: Word, kept: Kept) -> bool:
        if kept.refund_key is not None and await self._engine.report_refund(kept.refund_key):
            return True
        if kept.booking_id is None:
            return False
        if word.dispute_id is not None:
            if not await self._engine.report_dispute(kept.booking_id, word.dispute_id):
                await self._engine.report_late(LatePaymentEvent(kept.booking_id, dispute_id=word.dispute_id))
            return True
        if kept.order_id is None:
            return False
        await self._report_payment(kept.booking_id, kept.order_id)
        return True

    async def _report_payment(self, booking_id: int, order_id: str) -> None:
        if not await self._engine.report_payment(booking_id, order_id):
            await self._engine.report_late(LatePaymentEvent(booking_id, order_id=order_id))

    async def _confirmed(self, order: Order, order_id: str) -> Order:
        with self._changes.subscribe(order.booking_id) as subscription:
            try:
                await self._report_payment(order.booking_id, order_id)
            except BookingError as fault:
                _log.warning("a callback could not be passed on, the poll will find it", fault=fault.code)
                return order
            ends = asyncio.get_running_loop().time() + LONGEST_WAIT
            while order.status != PaymentStatus.SUCCESS and (left := ends - asyncio.get_running_loop().time()) > 0:
                await subscription.changed(min(left, _LOOK_EVERY))
                order = await self._payments.order(order_id) or order
        return order

    def _secrets(self) -> list[str]:
        """The secret, and the one before it until its time is up: retries of older events still carry it."""
        secrets = [self._keys.webhook_secret.get_secret_value()]
        previous, until = self._keys.webhook_secret_previous, self._keys.webhook_secret_previous_until
        if previous is not None and (until is None or datetime.now(UTC) < _instant(until)):
            secrets.append(previous.get_secret_value())
        return secrets


def read(raw: bytes, event_id: str | None, account_id: str | None = None) -> Word:
    """What a signed body says; parked when it cannot be read, is another account's or names nothing to look at."""
    known = event_id if event_id and len(event_id) <= 100 else None
    try:
        body = orjson.loads(raw)
        event = _text(body, "event") or "unknown"
        payment, refund, order, dispute = (_entity(body, name) for name in ("payment", "refund", "order", "dispute"))
    except (ValueError, TypeError):
        return Word(event_id=known, event="unreadable", body=raw, state=PARKED)
    order_id = _text(payment, "order_id") or _text(order, "id")
    refund_id, dispute_id = _text(refund, "id"), _text(dispute, "id")
    # Some events carry no account; one that names another account was meant for another installation.
    ours = account_id is None or _text(body, "account_id") in (None, account_id)
    return Word(
        event_id=known,
        event=event,
        body=raw,
        order_id=order_id,
        payment_id=_text(payment, "id") or _text(refund, "payment_id") or _text(dispute, "payment_id"),
        refund_id=refund_id,
        dispute_id=dispute_id,
        receipt=_text(refund, "receipt"),
        state=RECEIVED if (order_id or refund_id or dispute_id) and ours else PARKED,
    )


def _entity(body: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise TypeError("a webhook is an object")
    payload = body.get("payload")
    part = payload.get(name) if isinstance(payload, dict) else None
    entity = part.get("entity") if isinstance(part, dict) else None
    return entity if isinstance(entity, dict) else {}


def _text(entity: Any, name: str) -> str | None:
    value = entity.get(name) if isinstance(entity, dict) else None
    return value if isinstance(value, str) and 0 < len(value) <= 200 and "\x00" not in value else None


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
