"""The provider's statement as movements of money, to be held against the ledger."""

from collections.abc import Iterator
from dataclasses import replace

from domain.billing.ledger import EntryKind, Fact
from domain.billing.provider import ProviderDispute, ProviderPayment, ProviderRefund, RefundStatus
from domain.billing.transfers import ProviderTransfer


def facts_of_payment(payment: ProviderPayment) -> Iterator[Fact]:
    """What came in, and what the provider keeps of it."""
    if payment.captured:
        came_in = Fact(
            EntryKind.CAPTURE, payment.payment_id, payment.amount, None, payment.order_id, payment.payment_id
        )
        yield came_in
        if payment.fee:
            yield replace(came_in, kind=EntryKind.FEE, amount=-payment.fee)


def facts_of_refund(refund: ProviderRefund) -> Iterator[Fact]:
    """What went back, once it has."""
    if refund.status == RefundStatus.PROCESSED:
        yield Fact(EntryKind.REFUND, refund.refund_id, -refund.amount, payment_id=refund.payment_id)


def facts_of_dispute(dispute: ProviderDispute) -> Iterator[Fact]:
    """What the bank took, when the dispute is lost."""
    if dispute.amount_deducted:
        taken = -dispute.amount_deducted
        yield Fact(EntryKind.CHARGEBACK, dispute.dispute_id, taken, payment_id=dispute.payment_id)


def facts_of_transfer(transfer: ProviderTransfer) -> Iterator[Fact]:
    """What was passed on, and what of it came back."""
    if not transfer.failed:
        payment_id = transfer.source if transfer.source.startswith("pay_") else None
        yield Fact(EntryKind.TRANSFER, transfer.transfer_id, -transfer.amount, payment_id=payment_id)
        for each in transfer.reversals:
            yield Fact(EntryKind.REVERSAL, each.reversal_id, each.amount, payment_id=payment_id)
