"""Events of the payment provider become signals to the workflows that they concern."""

from typing import Protocol

from domain.billing.provider import PaymentEvent


class Signals(Protocol):
    """Signals to workflows."""

    async def report_payment(self, kind: str, booking_id: int, order_id: str) -> None:
        """Tell the booking to fetch the order; for one that has ended a workflow of its own does so."""

    async def report_dispute(self, kind: str, booking_id: int, dispute_id: str) -> None:
        """The same about a dispute."""

    async def report_transfer(self, kind: str, booking_id: int, transfer_id: str) -> None:
        """The same about a transfer."""

    async def report_refund(self, key: str) -> bool:
        """Tell the refund to fetch its state; False when it has ended."""


async def report(signals: Signals, event: PaymentEvent) -> bool:
    """Signal the workflow that it concerns; False when there is none."""
    if event.refund_key is not None and await signals.report_refund(event.refund_key):
        return True
    if event.booking_id is None:
        return False
    if event.dispute_id is not None:
        await signals.report_dispute(event.kind, event.booking_id, event.dispute_id)
    elif event.transfer_id is not None:
        await signals.report_transfer(event.kind, event.booking_id, event.transfer_id)
    elif event.order_id is not None:
        await signals.report_payment(event.kind, event.booking_id, event.order_id)
    else:
        return False
    return True
