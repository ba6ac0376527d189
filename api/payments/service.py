"""What the payment provider tells, by the customer's browser or by webhook.

Both are only a reason to look. A signature proves that the provider said it, and the booking's workflow then fetches
the fact itself; nothing here confirms or fails a payment.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog

from adapters.postgres.booking_changes import BookingChanges
from adapters.postgres.payment_queries import Order, PaymentQueries
from adapters.postgres.webhook_inbox import PARKED, RECEIVED, StoredWebhook, WebhookInbox, WebhookMessage
from adapters.razorpay import callback_is_genuine, webhook_is_genuine
from api.payments.client import PaymentClient
from api.payments.dispatcher import WebhookDispatcher
from api.payments.webhook import read_webhook
from api.schemas.payments import CheckoutCallback
from domain.billing.provider import LatePaymentEvent, PaymentStatus
from domain.errors import BadSignature, BookingError, NotFound, Unauthenticated
from settings import Razorpay

LONGEST_WAIT = 5.0
"""Seconds that a callback waits to see the payment confirmed: a browser that comes back should see success."""
_LOOK_EVERY = 1.0
_log = structlog.get_logger()


class PaymentService:
    """Checks signatures, stores webhooks, and signals the workflows that they concern."""

    def __init__(
        self,
        kind: str,
        client: PaymentClient,
        payments: PaymentQueries,
        inbox: WebhookInbox,
        changes: BookingChanges,
        keys: Razorpay,
    ) -> None:
        self._kind = kind
        self._client = client
        self._payments = payments
        self._inbox = inbox
        self._changes = changes
        self._keys = keys
        self._dispatcher = WebhookDispatcher(inbox)

    async def verify_callback(self, said: CheckoutCallback) -> Order:
        """The order of a callback whose signature is right. Nothing is stored before: anybody may call.

        Raises:
            NotFound: that is no order of ours.
            BadSignature: the provider did not say that.
        """
        order = await self._payments.order(said.razorpay_order_id, said.razorpay_payment_id)
        if order is None:
            raise NotFound(f"there is no order {said.razorpay_order_id}")
        secret = self._keys.key_secret.get_secret_value()
        signed = (said.razorpay_order_id, said.razorpay_payment_id, said.razorpay_signature)
        if not callback_is_genuine(secret, *signed):
            raise BadSignature
        return order

    async def order(self, order_id: str) -> Order | None:
        """An order of this kind, as its rows have it."""
        return await self._payments.order(order_id)

    async def callback(self, order: Order, order_id: str, may_look: Callable[[], Awaitable[bool]]) -> Order:
        """Signal the order and wait a little for the fact.

        What the rows know is answered from them, for a callback can be replayed by anybody who has seen it; and
        ``may_look`` says when it was done so often that the rows have to do.
        """
        if order.status == PaymentStatus.SUCCESS or order.payment_known or not await may_look():
            return order
        return await self._confirmed(order, order_id)

    async def webhook(
        self, raw: bytes, signature: str | None, event_id: str | None
    ) -> tuple[WebhookMessage, StoredWebhook | None]:
        """Store what the provider says; committed when this returns. A repeat is known and not kept again.

        Raises:
            Unauthenticated: it is not signed by the provider, which sends it again: a wrong secret that is put
                right costs nothing.
        """
        if not webhook_is_genuine(self._secrets(), raw, signature):
            raise Unauthenticated("the signature of the webhook is missing or wrong")
        message = read_webhook(raw, event_id, self._keys.account_id)
        if message.state == PARKED:
            _log.warning(
                "a webhook cannot be read or concerns nothing of ours, it is parked", provider_event=message.event
            )
        return message, await self._inbox.store_unless_duplicate(message)

    async def dispatch(self, message: WebhookMessage, stored: StoredWebhook) -> None:
        """Signal the workflow that has to hear of the message. What fails here is repeated by the worker's sweep."""
        if message.state != RECEIVED:
            return
        subject = (stored.booking_id, stored.refund_key, message.dispute_id, message.transfer_id, stored.order_id)
        if subject[:2] != (None, None):  # no booking is known yet: the worker's sweep looks again
            self._dispatcher.take(subject, stored.id, lambda: self._reported(message, stored))

    async def _reported(self, message: WebhookMessage, stored: StoredWebhook) -> bool:
        if stored.refund_key is not None and await self._client.report_refund(stored.refund_key):
            return True
        if stored.booking_id is None or stored.kind is None:
            return False
        if message.dispute_id is not None:
            if not await self._client.report_dispute(stored.kind, stored.booking_id, message.dispute_id):
                late = LatePaymentEvent(stored.kind, stored.booking_id, dispute_id=message.dispute_id)
                await self._client.report_late(late)
            return True
        if message.transfer_id is not None:
            if not await self._client.report_transfer(stored.kind, stored.booking_id, message.transfer_id):
                late = LatePaymentEvent(stored.kind, stored.booking_id, transfer_id=message.transfer_id)
                await self._client.report_late(late)
            return True
        if stored.order_id is None:
            return False
        await self._report_payment(stored.kind, stored.booking_id, stored.order_id)
        return True

    async def _report_payment(self, kind: str, booking_id: int, order_id: str) -> None:
        if not await self._client.report_payment(kind, booking_id, order_id):
            await self._client.report_late(LatePaymentEvent(kind, booking_id, order_id=order_id))

    async def _confirmed(self, order: Order, order_id: str) -> Order:
        with self._changes.subscribe(order.booking_id) as subscription:
            try:
                await self._report_payment(self._kind, order.booking_id, order_id)
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


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
