"""`make bench-webhooks`: how the inbox bears a provider that sends 200 webhooks a second.

A fifth of the messages are repeats: the same bytes, half of them under another event id. Of the rest, half speak of
orders of ours that were really paid in the sandbox (which itself is kept quiet), half of orders that are nobody's.
"""

import argparse
import asyncio
import hashlib
import hmac
import itertools
import json
import random
import sys
import time
import uuid
from statistics import median
from typing import Any

from sqlalchemy import text

from adapters.postgres.database import Database
from adapters.postgres.schemas import PUBLIC
from bench.flood import Message, Sent, flood, percentile
from bench.orders import Paid, paid_orders
from bench.results import Line, Results, Say
from bench.stacks import Info, processor_seconds, running_stack, spent
from devstack.demo.calls import Json, until
from devstack.kinds.vehicle_service.people import Customer
from devstack.kinds.vehicle_service.shop import Shop
from settings import Stores

WEBHOOK = "/api/v1/payment/webhook"
RATE, P99 = 200, 100
"""Messages a second, and the milliseconds within which 99 of 100 are to be answered."""
_SECONDS, _ORDERS = 5, 20
DEADLINE = 5.0
"""The provider's timeout, in seconds."""
_EVENTS = ("payment.authorized", "payment.captured", "payment.failed", "order.paid")
_KEPT = text("SELECT count(*) FROM webhook_inbox WHERE body_sha256 = ANY(CAST(:hashes AS text[]))")
_WAITING = text(
    "SELECT count(*) FROM webhook_inbox WHERE body_sha256 = ANY(CAST(:hashes AS text[])) AND state = 'received'"
    " AND order_id = ANY(CAST(:orders AS text[]))"
)


def main() -> int:
    """Measure, print, and answer 0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m bench.webhooks", description=__doc__)
    parser.add_argument("--rate", type=int, default=200, help="messages a second (200)")
    parser.add_argument("--seconds", type=int, default=10, help="for how long (10)")
    parser.add_argument("--orders", type=int, default=20, help="orders of ours that are really paid (20)")
    wanted = parser.parse_args()
    # A poll would find the money by itself; here only the messages may bring it.
    with running_stack(REVCARE_PAYMENT_POLL="30s") as info:
        shop = Shop(info)
        try:
            return asyncio.run(_measure(info, shop, wanted))
        finally:
            shop.provider.behave()
            shop.close()


async def measure_webhooks(info: Info, results: Results, rounds: int, say: Say) -> None:
    """Some rounds of 200 a second: the slowest of a hundred, and whether each message was kept once."""
    shop = Shop(info)
    try:
        paid = await asyncio.to_thread(paid_orders, shop, _ORDERS)
        slowest, used, kept = [], list[float](), 0
        for number in range(rounds):
            messages = compose(info["razorpay"]["webhook_secret"], paid, RATE * _SECONDS)
            before = processor_seconds(info)
            sent = await flood(info["api"] + WEBHOOK, messages, RATE)
            used.append(spent(before, processor_seconds(info))["api"] * 1000 / len(messages))
            slowest.append(percentile(sorted(one.seconds for one in sent), 99) * 1000)
            kept += all(one.accepted for one in sent) and await _kept_once(info, paid, messages)
            say(f"webhooks: round {number + 1} of {rounds}: p99 {slowest[-1]:.0f} ms")
        once = await asyncio.to_thread(_counted_once, shop, paid)
    finally:
        shop.provider.behave()
        shop.close()
    p99 = median(slowest)
    results.details["webhooks"] = {"p99_ms": slowest, "api_ms": used}
    results.add(
        Line("webhooks", f"p99 at {RATE} a second, ms", f"{p99:.0f}", "", None, f"<= {P99}", p99 <= P99),
        Line("webhooks", "rounds with each message kept once, money counted once", f"{kept} of {rounds}", "", None,
             "all", kept == rounds and once),
        Line("webhooks", "ms a webhook: API", f"{median(used):.2f}"),
    )  # fmt: skip


async def _measure(info: Info, shop: Shop, wanted: argparse.Namespace) -> int:
    print(f"{wanted.orders} orders are made and paid ...", flush=True)
    paid = await asyncio.to_thread(paid_orders, shop, wanted.orders)
    messages = compose(info["razorpay"]["webhook_secret"], paid, wanted.rate * wanted.seconds)
    print(f"{len(messages)} messages, {wanted.rate} a second, for {wanted.seconds} s ...", flush=True)
    began, before = time.perf_counter(), processor_seconds(info)
    sent = await flood(info["api"] + WEBHOOK, messages, wanted.rate)
    took = time.perf_counter() - began
    promises = [_answered(sent, took), await _kept_once(info, paid, messages)]
    used = {part: after - before[part] for part, after in processor_seconds(info).items()}
    print("processor   " + ", ".join(f"{part} {spent:.1f} s" for part, spent in used.items() if spent >= 0.1))
    promises.append(await asyncio.to_thread(_counted_once, shop, paid))
    return 0 if all(promises) else 1


def compose(secret: str, paid: list[Paid], count: int) -> list[Message]:
    """Signed messages in a seeded order; every fifth repeats an earlier one."""
    chance = random.Random(count)  # noqa: S311 - to mix, not to guess
    ours = itertools.cycle(booking["order_id"] for _, booking in paid)
    messages: list[Message] = []
    for number in range(count):
        if number % 5 == 4:
            known = chance.choice(messages)
            again = {"X-Razorpay-Event-Id": uuid.uuid4().hex[:14]} if number % 2 else {}
            messages.append(Message(known.body, {**known.headers, **again}))
        else:
            order_id = next(ours) if number % 2 else f"order_{uuid.uuid4().hex[:14]}"
            messages.append(_signed(secret, _event(chance.choice(_EVENTS), order_id)))
    return messages


def _event(name: str, order_id: str) -> dict[str, Any]:
    payment = {
        "id": f"pay_{uuid.uuid4().hex[:14]}",
        "entity": "payment",
        "amount": 194700,
        "currency": "INR",
        "status": "captured",
        "order_id": order_id,
        "method": "upi",
        "captured": True,
        "description": "₹1947.00",
        "notes": [],
        "created_at": int(time.time()),
    }
    return {"entity": "event", "event": name, "contains": ["payment"], "payload": {"payment": {"entity": payment}}}


def _signed(secret: str, event: dict[str, Any]) -> Message:
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Razorpay-Event-Id": uuid.uuid4().hex[:14],
        "X-Razorpay-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }
    return Message(body, headers)


def _answered(sent: list[Sent], took: float) -> bool:
    accepted = sum(one.accepted for one in sent)
    seconds = sorted(one.seconds for one in sent)
    figures = ", ".join(f"p{percent} {percentile(seconds, percent) * 1000:.0f} ms" for percent in (50, 95, 99))
    print(f"accepted    {accepted} of {len(sent)} with 2xx in {took:.1f} s ({len(sent) / took:.0f} a second)")
    print(f"latency     {figures}, slowest {seconds[-1] * 1000:.0f} ms")
    return accepted == len(sent) and seconds[-1] < DEADLINE


async def _kept_once(info: Info, paid: list[Paid], messages: list[Message]) -> bool:
    hashes = list({hashlib.sha256(message.body).hexdigest() for message in messages})
    asked = {"hashes": hashes, "orders": [booking["order_id"] for _, booking in paid]}
    database, began = Database(Stores(postgresql_url=info["postgres"]), PUBLIC), time.perf_counter()
    try:
        async with database.read.connect() as connection:
            rows = (await connection.execute(_KEPT, {"hashes": hashes})).scalar_one()
            while waiting := (await connection.execute(_WAITING, asked)).scalar_one():
                if time.perf_counter() - began > 60:
                    break
                await asyncio.sleep(0.2)
    finally:
        await database.close()
    print(
        f"kept        {rows} rows for {len(hashes)} different messages, {len(messages) - len(hashes)} repeats dropped"
    )
    print(f"passed on   all to their bookings {time.perf_counter() - began:.1f} s later, {waiting} left")
    return bool(rows == len(hashes) and not waiting)


def _counted_once(shop: Shop, paid: list[Paid]) -> bool:
    good = 0
    for owner, made in paid:
        booking = _confirmed(owner, made["id"])
        taken = [payment["amount"] for payment in booking["payments"] if payment["status"] == "success"]
        right = (taken, booking["totals"]["paid"], booking["refunds"]) == (["1947.00"], "1947.00", [])
        good += right and len(shop.provider.captured(booking)) == 1
    print(f"money       captured and counted once for {good} of {len(paid)} paid orders")
    return good == len(paid)


def _confirmed(owner: Customer, booking_id: int) -> Json:
    until("the booking to be confirmed", lambda: owner.booking(booking_id)["status"] == "in-progress")
    return owner.booking(booking_id)


if __name__ == "__main__":
    sys.exit(main())
