"""Random lives of bookings, told by the rules and written by the product's own stores; the sandbox moves the money."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from adapters.postgres.booking_store import BookingStore
from adapters.postgres.database import Database
from adapters.postgres.documents import DocumentRows
from adapters.postgres.ledger import LedgerRows
from adapters.razorpay import RazorpayGateway
from adapters.razorpay.settlements import RazorpaySettlements
from devstack.razorpay import Served
from domain.billing.provider import ProviderPayment, RefundStatus
from domain.billing.records import Method
from domain.billing.statement import facts_of_payment
from domain.booking import Customer
from domain.closing import due_document
from domain.commands import AdoptRefund, RecordDispute, RecordRefund, ReturnMoney, TakePayment
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.rules.paying import chosen_amount
from kinds.vehicle_service.postgres.storage import STORAGE
from tests.adapters.contracts.shops import PLENTY, new_booking
from tests.adapters.test_invoices_facts import SUPPLIER
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.kinds.vehicle_service.people import ASHA, BRAKES, CUSTOMER, OIL, POLICY

ZONE = ZoneInfo("Asia/Kolkata")
FIRST_DAY = date(2031, 1, 1)
AT_HOME = (CUSTOMER, {"same_state": True, "supply_state": "27"})
AWAY = (CUSTOMER, {"same_state": False, "supply_state": "29"})
BUSINESS = (Customer(ASHA.id, "29AAGCB7383J1Z4", "=Bengaluru Traders"), {"same_state": False, "supply_state": "29"})
CASES = (AT_HOME, AWAY, BUSINESS)
WAYS = ("paid", "cash", "cancelled", "twice", "lost", "won", "lost and cancelled", "by hand", "waits")


@contextmanager
def shop_of(database: Database, sandbox: Served) -> Iterator["Shop"]:
    """A shop whose provider is the sandbox."""
    keys = {"key_id": sandbox.config.key_id, "key_secret": sandbox.config.key_secret, "base_url": sandbox.base_url}
    gateway, settlements = RazorpayGateway(**keys), RazorpaySettlements(**keys)
    yield Shop(database, sandbox, gateway, settlements)
    gateway.close()
    settlements.close()


@dataclass
class Shop:
    """The stores of the product on one database, and the provider."""

    database: Database
    sandbox: Served
    gateway: RazorpayGateway
    settlements: RazorpaySettlements
    told: list[BookingBuilder] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = BookingStore(self.database, VEHICLE_SERVICE, STORAGE)
        self.documents = DocumentRows(self.database, VEHICLE_SERVICE, lambda company: SUPPLIER, str(ZONE))

    async def live(self, chance: random.Random, began: datetime, way: str, case=None) -> BookingBuilder:
        """One life, a minute a step, with prices and GST by chance."""
        customer, supply = case or chance.choice(CASES)
        day = FIRST_DAY + timedelta(days=len(self.told) // 20)
        policy = replace(POLICY, gst_percent=chance.choice((Decimal(5), Decimal(18), Decimal(28))), **supply)
        life = new_booking(day, PLENTY, customer=customer, policy=policy)
        life.now = began
        self.told.append(life)
        await self.store.open(life.booking, f"open-{life.booking.id}")
        life.pickup_assigned().collected().pickup_validated().analysis_assigned()
        quotes = {OIL: chance.randrange(100_00, 5_000_00), BRAKES: chance.randrange(100_00, 150_000_00)}
        life.analysis_submitted(quotes).estimate_validated()
        if way == "cash":
            life.cash_agreed().service_assigned().work_reported().work_validated()
            life.drop_assigned().collection_opened().cash_verified()
        elif way != "waits":
            await self._pays(life, chance, way)
        await self.written(life)
        return life

    async def written(self, life: BookingBuilder) -> None:
        """Its rows, and every document that it owes."""
        await self.store.project(life.booking, None)
        while (due := due_document(VEHICLE_SERVICE, life.booking)) is not None:
            life.asks(await self.documents.issue(life.booking.id, due))
            await self.store.project(life.booking, None)

    async def books_fees(self) -> None:
        """What the nightly comparison does with the fees of the provider's statement."""
        now = datetime.now(UTC)
        listed = self.gateway.payments_between(now - timedelta(hours=1), now + timedelta(hours=1))
        facts = [fact for payment in listed for fact in facts_of_payment(payment) if fact.kind == "fee"]
        await LedgerRows(self.database).book_fees(facts)

    async def _pays(self, life: BookingBuilder, chance: random.Random, way: str) -> None:
        choice = commands.ConfirmServices(ASHA, life.requested_ids, Method.ONLINE)
        receipt = f"bk-{life.booking.id}"
        order = self.gateway.create_order(
            amount=chosen_amount(life.booking, choice), currency="INR", receipt=receipt, notes={}, look_first=False
        )
        life.asks(replace(choice, order=order))
        payment = self._captured(order.order_id)
        life.asks(TakePayment(payment))
        await self.written(life)
        if way == "twice":
            life.asks(ReturnMoney(self._captured(order.order_id, force=True), "paid twice"))
        if way == "by hand":
            amount = chance.randrange(100, payment.amount)
            back = self.gateway.refund(
                payment_id=payment.payment_id, amount=amount, key=f"hand-{life.booking.id}", receipt="", notes={}
            )
            life.asks(AdoptRefund(back))
        if way.startswith(("lost", "won")):
            await self._disputed(life, payment, chance.randrange(100, payment.amount), way.split()[0])
        if way.endswith("cancelled"):
            life.cancelled()
        await self.written(life)
        self._refunded(life)

    async def _disputed(self, life: BookingBuilder, payment: ProviderPayment, amount: int, status: str) -> None:
        made = self.sandbox.operate("POST", "disputes", payment_id=payment.payment_id, amount=amount)
        life.asks(RecordDispute(self.gateway.fetch_dispute(made["id"])))
        self.sandbox.operate("POST", f"disputes/{made['id']}/transition", status=status)
        life.asks(RecordDispute(self.gateway.fetch_dispute(made["id"])))

    def _captured(self, order_id: str, **wish) -> ProviderPayment:
        paid = self.sandbox.pay(order_id, capture=True, **wish)["payment"]
        return self.gateway.fetch_payment(paid["id"])

    def _refunded(self, life: BookingBuilder) -> None:
        for refund in list(life.booking.refunds):
            if refund.unsettled:
                asked = {"payment_id": refund.payment_id, "amount": refund.amount}
                made = self.gateway.refund(**asked, key=refund.key, receipt=refund.key, notes={})
                life.asks(RecordRefund(refund.id, RefundStatus.PROCESSED, made.refund_id))
