"""Adapters behind activities."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from activities.backups import BackupActivities
from activities.bookings import BookingActivities
from activities.documents import DocumentActivities
from activities.emails import EmailActivities
from activities.housekeeping import HousekeepingActivities
from activities.outbox import OutboxActivities
from activities.passwords import PasswordActivities
from activities.payments import PaymentActivities
from activities.reconciliation import ReconciliationActivities
from activities.recovery import RecoveryActivities
from activities.sweeps import SweepActivities
from adapters.backup import BackupParts
from adapters.mail import MailSender
from adapters.mail.render import KindTemplates
from adapters.postgres.booking_store import BookingStore
from adapters.postgres.documents import DocumentRows
from adapters.postgres.email_log import EmailLogRows
from adapters.postgres.engine import Database
from adapters.postgres.expiry import ExpiredRows
from adapters.postgres.idempotency import IdempotencyKeys
from adapters.postgres.ledger import LedgerRows
from adapters.postgres.outbox import OutboxRows
from adapters.postgres.payment_events import PaymentEventRows
from adapters.postgres.people.contacts import ContactRows
from adapters.postgres.people.passwords import PasswordRows
from adapters.razorpay import RazorpayGateway
from adapters.resources import Resources
from adapters.temporal.signals import Names, WorkflowSignals
from adapters.temporal.versions import WorkflowVersions
from domain.billing.documents import Supplier
from domain.billing.provider import OrderFacts
from domain.kind import BookingKind
from kinds.vehicle_service.activities import ReminderActivities
from kinds.vehicle_service.domain.emails import OPTIONAL_FACTS
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.emails import TEMPLATES
from kinds.vehicle_service.postgres.reminders import PastVisitRows
from kinds.vehicle_service.postgres.storage import STORAGE
from migrations.command import upgrade
from settings import PolicySettings
from workflows.booking.messages import (
    BOOKINGS_QUEUE,
    PAYMENTS_QUEUE,
    booking_workflow_id,
    late_workflow_id,
    refund_workflow_id,
    reopened,
)

NAMES = Names(BOOKINGS_QUEUE, PAYMENTS_QUEUE, booking_workflow_id, refund_workflow_id, late_workflow_id, reopened)
PAYMENT_THREADS = 8


@dataclass(frozen=True)
class Activities:
    """The activities of one worker process; ``workers.queues`` says which queue each is on."""

    bookings: BookingActivities
    documents: DocumentActivities
    payments: PaymentActivities
    emails: EmailActivities
    outbox: OutboxActivities
    sweeps: SweepActivities
    reconciliation: ReconciliationActivities
    backups: BackupActivities
    passwords: PasswordActivities
    reminders: ReminderActivities
    recovery: RecoveryActivities
    housekeeping: HousekeepingActivities


class _PolledOrders:
    """The synchronous gateway for the asynchronous sweep: each call in a thread of the payments pool."""

    def __init__(self, gateway: RazorpayGateway, threads: ThreadPoolExecutor) -> None:
        self._gateway = gateway
        self._threads = threads

    async def fetch_order(self, order_id: str) -> OrderFacts:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._gateway.fetch_order, order_id)


def supplier(policy: PolicySettings) -> Supplier:
    """Who issues the invoices."""
    return Supplier(policy.supplier_name, policy.supplier_gstin, policy.supplier_state, policy.supplier_address)


def build_activities(resources: Resources, maintenance: Database, threads: ThreadPoolExecutor) -> Activities:
    """The activities with their adapters; mypy checks that they fit.

    ``maintenance`` is a pool of its own for long statements: they take no connection from bookings and e-mails.
    """
    settings, database = resources.settings, resources.database
    gateway = RazorpayGateway(
        key_id=settings.razorpay.key_id,
        key_secret=settings.razorpay.key_secret.get_secret_value(),
        base_url=settings.razorpay.base_url,
    )
    timezone = settings.policy.shop_timezone
    kinds: dict[str, BookingKind[Any]] = {VEHICLE_SERVICE.name: VEHICLE_SERVICE}
    documents = DocumentRows(database, kinds, supplier(settings.policy), timezone, resources.printer.render)
    backups = BackupParts.of(resources, upgrade)
    templates = {VEHICLE_SERVICE.name: KindTemplates(VEHICLE_SERVICE.emails, TEMPLATES, OPTIONAL_FACTS)}
    sender = MailSender(settings.mail, settings.web.public_url, resources.password_links, templates)
    signals = WorkflowSignals(resources.temporal, NAMES)
    emails = EmailActivities(sender, EmailLogRows(database, kinds), documents, ContactRows(database))
    rows = BookingStore(maintenance, VEHICLE_SERVICE, STORAGE)
    return Activities(
        bookings=BookingActivities(kinds, {VEHICLE_SERVICE.name: BookingStore(database, VEHICLE_SERVICE, STORAGE)}),
        documents=DocumentActivities({VEHICLE_SERVICE.name: documents}),
        payments=PaymentActivities(gateway),
        emails=emails,
        outbox=OutboxActivities(OutboxRows(database), WorkflowVersions(resources.temporal), emails),
        sweeps=SweepActivities(
            PaymentEventRows(maintenance, settings.policy.payment_rechecks),
            _PolledOrders(gateway, threads),
            signals,
            IdempotencyKeys(maintenance),
            settings.policy.payment_poll,
            settings.policy.webhook_silence,
        ),
        reconciliation=ReconciliationActivities(gateway, LedgerRows(maintenance), signals),
        backups=BackupActivities(backups.creator, backups.restorer),
        passwords=PasswordActivities(PasswordRows(database)),
        reminders=ReminderActivities(PastVisitRows(maintenance, timezone)),
        recovery=RecoveryActivities(kinds, {VEHICLE_SERVICE.name: rows}, signals),
        housekeeping=HousekeepingActivities(
            ExpiredRows(maintenance, max(settings.web.login_lockout, settings.web.throttle_window))
        ),
    )
