"""Adapters behind activities."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from activities.account_poll import AccountPollActivities
from activities.backups import BackupActivities
from activities.bookings import BookingActivities
from activities.documents import DocumentActivities
from activities.emails import EmailActivities
from activities.housekeeping import HousekeepingActivities
from activities.outbox import OutboxActivities
from activities.passwords import PasswordActivities
from activities.payees import PayeeLooks
from activities.payments import PaymentActivities
from activities.payouts import PayoutActivities
from activities.pushes import PushDrain, PushSender
from activities.reconciliation import ReconciliationActivities
from activities.recovery import RecoveryActivities
from activities.sweeps import SweepActivities
from activities.text_messages import TextActivities
from activities.workflow_checks import WorkflowCheckActivities
from adapters.backup import BackupParts, Migrations
from adapters.mail import MailSender
from adapters.postgres.account_rows import AccountRows
from adapters.postgres.booking_store import BookingStore
from adapters.postgres.database import Database, Pools
from adapters.postgres.documents import DocumentRows, PrintedDocuments
from adapters.postgres.email_log import EmailLogRows
from adapters.postgres.ledger import LedgerRows
from adapters.postgres.notices import ReminderRows
from adapters.postgres.outbox import OutboxRows
from adapters.postgres.pauses import Pauses
from adapters.postgres.payment_events import PaymentEventRows
from adapters.postgres.payout_accounts import PayoutAccountRows
from adapters.postgres.people.contacts import ContactRows
from adapters.postgres.people.passwords import PasswordRows
from adapters.postgres.push_outbox import DeviceRows, PushOutboxRows
from adapters.postgres.retention import ExpiredRows
from adapters.postgres.schemas import PUBLIC
from adapters.postgres.uploads import UnnamedPictures
from adapters.postgres.workflow_problems import WorkflowProblemRows
from adapters.razorpay import RazorpayGateway
from adapters.resources import Resources
from adapters.temporal.executions import WorkflowExecutions
from adapters.temporal.signals import WorkflowNaming, WorkflowSignals
from adapters.temporal.versions import WorkflowVersions
from domain.billing.documents import Supplier
from domain.kind import BookingKind
from kind_settings import settings_by_kind
from migrations.schemas import schemas
from settings import Company
from workers.kind import ByQueue, KindWorker
from workers.polled_provider import PolledProvider
from workflows.booking.messages import (
    BOOKINGS_QUEUE,
    PAYMENTS_QUEUE,
    booking_workflow_id,
    late_workflow_id,
    refund_workflow_id,
    reopened,
)
from workflows.recovery import RECOVERY_ID

NAMES = WorkflowNaming(
    BOOKINGS_QUEUE, PAYMENTS_QUEUE, booking_workflow_id, refund_workflow_id, late_workflow_id, reopened, RECOVERY_ID
)
PAYMENT_THREADS = 8
PAYEES_WITHIN = timedelta(seconds=10)
"""So long a round of the sweep looks at accounts of payees."""
LOOKS_AT_LISTS = 3
"""Every so many polls of orders the provider's lists are read as well."""


@dataclass(frozen=True)
class Activities:
    """The activities of one worker process; ``workers.queues`` says which queue each is on."""

    bookings: BookingActivities
    documents: DocumentActivities
    payments: PaymentActivities
    payouts: PayoutActivities
    emails: EmailActivities
    outbox: OutboxActivities
    sweeps: SweepActivities
    account: AccountPollActivities
    reconciliation: ReconciliationActivities
    backups: BackupActivities
    passwords: PasswordActivities
    texts: TextActivities
    recovery: RecoveryActivities
    workflow_checks: WorkflowCheckActivities
    housekeeping: HousekeepingActivities
    of_kinds: ByQueue
    """Those that kinds bring, by queue."""


def supplier(company: Company) -> Supplier:
    """Who issues the invoices."""
    return Supplier(company.supplier_name, company.supplier_gstin, company.supplier_state, company.supplier_address)


def mail_sender(resources: Resources, kinds: Sequence[KindWorker[Any]]) -> MailSender:
    """The way to the mail server, with the words of these kinds; its ``close()`` ends the connections."""
    settings = resources.settings
    by_kind = settings_by_kind([each.kind.name for each in kinds], settings)
    templates = {each.kind.name: each.email_templates(by_kind[each.kind.name]) for each in kinds}
    rehearsal = settings.process.rehearsal
    links = (resources.password_links, resources.contact_links)
    codes = resources.codes
    return MailSender(settings.mail, settings.web.public_url, *links, templates, codes=codes, rehearsal=rehearsal)


def build_activities(
    resources: Resources,
    maintenance: Pools,
    threads: ThreadPoolExecutor,
    sender: MailSender,
    kinds: Sequence[KindWorker[Any]],
    push_sender: PushSender | None = None,
) -> Activities:
    """The activities with their adapters; mypy checks that they fit.

    ``maintenance`` has pools of its own for long statements: they take no connection from bookings and e-mails.
    """
    settings, database, long = resources.settings, resources.database, maintenance.of(PUBLIC)
    by_kind = settings_by_kind([each.kind.name for each in kinds], settings)
    own = {each.kind.name: resources.pools.of(each.storage.schema) for each in kinds}
    own_long = {each.kind.name: maintenance.of(each.storage.schema) for each in kinds}
    gateway = RazorpayGateway(
        key_id=settings.razorpay.key_id,
        key_secret=settings.razorpay.key_secret.get_secret_value(),
        base_url=settings.razorpay.base_url,
    )
    provider, poll = PolledProvider(gateway, threads), settings.payments.payment_poll
    timezone = settings.company.shop_timezone
    by_name: dict[str, BookingKind[Any]] = {each.kind.name: each.kind for each in kinds}
    shop = supplier(settings.company)
    documents = {
        each.kind.name: DocumentRows(
            own[each.kind.name], each.kind, each.supplier_for or (lambda company: shop), timezone
        )
        for each in kinds
    }
    databases = {each.storage.schema: by_kind[each.kind.name].stores.mongodb_db for each in kinds}
    backups = BackupParts.of(resources, Migrations(_upgrade, _revisions, schemas()), databases)
    signals = WorkflowSignals(resources.temporal, NAMES)
    accounts = PayoutAccountRows(database)
    pays_out = any(each.kind.pays_out for each in kinds)
    told = {each.kind.name: each.storage.notices for each in kinds if each.storage.notices is not None}
    contacts = {name: ContactRows(each, told.get(name)) for name, each in own.items()}
    reminders = {name: ReminderRows(own[name], by_name[name]) for name in told}
    printed = PrintedDocuments(database, resources.printer.render)
    emails = EmailActivities(sender, EmailLogRows(database, by_name), printed, contacts, reminders)
    versions = WorkflowVersions(resources.temporal)
    devices = {name: DeviceRows(own[name], notices) for name, notices in told.items()}
    pushes = PushDrain(PushOutboxRows(database), versions, devices, push_sender)
    return Activities(
        bookings=BookingActivities(by_name, _stores(own, kinds)),
        documents=DocumentActivities(documents),
        payments=PaymentActivities(gateway, Pauses(database, timezone), threads),
        payouts=PayoutActivities(gateway.transfers, gateway, accounts, threads),
        emails=emails,
        outbox=OutboxActivities(OutboxRows(database), versions, emails, pushes=pushes),
        sweeps=SweepActivities(
            PaymentEventRows(long, settings.payments.payment_rechecks),
            provider,
            signals,
            poll,
            settings.payments.webhook_silence,
            payees=PayeeLooks(PayoutAccountRows(long), provider, signals, PAYEES_WITHIN) if pays_out else None,
        ),
        account=AccountPollActivities(provider, AccountRows(long), signals, poll * LOOKS_AT_LISTS),
        reconciliation=ReconciliationActivities(
            gateway, LedgerRows(long), signals, gateway.transfers if pays_out else None
        ),
        backups=BackupActivities(backups.creator, backups.restorer),
        passwords=PasswordActivities({name: PasswordRows(each) for name, each in own.items()}),
        texts=TextActivities(
            {each.kind.name: each.text_messages(resources, own[each.kind.name]) for each in kinds if each.text_messages}
        ),
        recovery=RecoveryActivities(by_name, _stores(own_long, kinds), signals),
        workflow_checks=WorkflowCheckActivities(
            by_name,
            _stores(own_long, kinds),
            WorkflowExecutions(resources.temporal, NAMES),
            WorkflowProblemRows(long),
        ),
        housekeeping=HousekeepingActivities(
            ExpiredRows(
                long,
                [(own_long[each.kind.name], each.storage.retention) for each in kinds],
                settings.retention,
                settings.throttles.longest,
            ),
            UnnamedPictures(long, settings.web.uploads),
        ),
        of_kinds=_merged([each.activities(resources, own_long[each.kind.name]) for each in kinds]),
    )


def _upgrade(connection: Connection) -> str:
    """Alembic is a fifth of what a worker loads, and only backups and restores ask for it: it is loaded then."""
    from migrations.command import upgrade

    return upgrade(connection)


def _revisions(connection: Connection) -> str:
    from migrations.command import revisions

    return revisions(connection)


def _stores(own: Mapping[str, Database], kinds: Sequence[KindWorker[Any]]) -> dict[str, BookingStore[Any]]:
    return {each.kind.name: BookingStore(own[each.kind.name], each.kind, each.storage) for each in kinds}


def _merged(parts: Sequence[ByQueue]) -> ByQueue:
    queues = {queue for part in parts for queue in part}
    return {queue: [each for part in parts for each in part.get(queue, ())] for queue in queues}
