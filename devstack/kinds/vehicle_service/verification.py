"""Verifies a finished booking against the API, the mailbox and the provider."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from devstack.demo.calls import Json, TookTooLong, until
from devstack.demo.expectations import must as _must
from devstack.demo.externals import kind_of, message_id
from devstack.kinds.vehicle_service.people import Customer
from devstack.kinds.vehicle_service.scenarios import Scenario
from devstack.kinds.vehicle_service.shop import Shop

_MAIL_TIMEOUT = 150.0
"""Seconds. A mail whose sender was killed is claimed by another one after 30, and several may be killed in turn."""


def verify(
    shop: Shop, scenario: Scenario, customer: Customer, booking: Json, *, crashed: bool = False
) -> Iterator[str]:
    """Each check that passed, as text.

    A process that is killed between handing a mail over and noting it must hand it over again. Then, and only then
    (`crashed`), a mailbox may hold it twice: under one Message-ID, by which mail programs know that it is one mail.

    Raises:
        VerificationFailed: the first check that does not pass.
    """
    yield _ended(scenario, booking)
    yield _counted(shop, booking)
    yield _written_to(shop, scenario, customer, booking, crashed=crashed)
    yield _paid_for(shop, scenario, booking)
    if scenario.invoiced:
        yield _invoiced(customer, booking)


def _ended(scenario: Scenario, booking: Json) -> str:
    _must(booking["status"] == scenario.status, f"it ended {booking['status']}, not {scenario.status}")
    _must(booking["waiting_for"] is None, f"it still waits: {booking['waiting_for']}")
    _must(Decimal(booking["totals"]["due"]) == 0, f"{booking['totals']['due']} is still due")
    return f"ended {scenario.status}, nothing due"


def _counted(shop: Shop, booking: Json) -> str:
    versions = [entry["version"] for entry in shop.admin.timeline(booking["id"])]
    last = booking["version"]
    _must(versions == list(range(1, last + 1)), f"the timeline counts {versions}, not 1 to {last}")
    return f"timeline 1..{last} without a gap"


def _written_to(shop: Shop, scenario: Scenario, customer: Customer, booking: Json, *, crashed: bool) -> str:
    """Mails leave on their own queue: the last ones may arrive a moment after the end."""
    deliveries: list[Json] = []
    mails: dict[str, Json] = {}

    def all_arrived() -> bool:
        deliveries[:] = shop.mailbox.of(booking, customer.email)
        mails.update((message_id(mail), mail) for mail in deliveries)
        return len(mails) >= scenario.mails.total()

    with contextlib.suppress(TookTooLong):
        until("the mails", all_arrived, _MAIL_TIMEOUT)
    got = Counter(kind_of(mail) for mail in mails.values())
    _must(
        not scenario.mails - got, f"these mails did not come in {_MAIL_TIMEOUT:.0f} s: {_names(scenario.mails - got)}"
    )
    _must(not got - scenario.mails, f"these mails are too many: {_names(got - scenario.mails)}")
    repeats = len(deliveries) - len(mails)
    _must(crashed or not repeats, f"{len(mails)} mails were handed over {len(deliveries)} times")
    again = f" ({repeats} handed over again after the crash, under the same Message-ID)" if repeats else ""
    return f"{len(mails)} mails, each Message-ID once{again}"


def _paid_for(shop: Shop, scenario: Scenario, booking: Json) -> str:
    """What the provider did and what our books say are the same."""
    captured = shop.provider.captured(booking)
    refunded = shop.provider.refunds(booking)
    _must(len(captured) == scenario.captures, f"the provider captured {len(captured)} times, not {scenario.captures}")
    _must(len(refunded) == scenario.refunds, f"the provider refunded {len(refunded)} times, not {scenario.refunds}")
    online = [each for each in booking["payments"] if each["method"] == "online" and each["status"] == "success"]
    processed = [each for each in booking["refunds"] if each["status"] == "processed"]
    _same("payments", online, captured)
    _same("refunds", processed, refunded)
    cash = [each for each in booking["payments"] if each["method"] == "offline" and each["status"] == "success"]
    if not captured and not cash:
        return "no money moved"
    _must(len(cash) == (0 if captured else 1), f"cash was taken {len(cash)} times")
    taken = ", ".join(each["amount"] for each in cash) or ", ".join(each["amount"] for each in online)
    words = f"one payment of {taken} {'in cash' if cash else 'captured, the same at the provider'}"
    return words + (f", one refund of {processed[0]['amount']}" if processed else "")


def _invoiced(customer: Customer, booking: Json) -> str:
    _must(booking["invoice"] is not None, "there is no invoice")
    pdf = customer.file(booking["invoice"]["url"])
    _must(pdf.startswith(b"%PDF"), "the invoice is no PDF")
    notes = "".join(f", credit note {note['number']}" for note in booking["credit_notes"])
    return f"invoice {booking['invoice']['number']}{notes}"


def _same(what: str, ours: list[Json], theirs: list[Json]) -> None:
    ours_in_paise = sorted(int(Decimal(each["amount"]) * 100) for each in ours)
    theirs_in_paise = sorted(each["amount"] for each in theirs)
    _must(ours_in_paise == theirs_in_paise, f"{what}: {ours_in_paise} paise here, {theirs_in_paise} at the provider")


def _names(kinds: Counter[str]) -> str:
    return ", ".join(sorted(kinds.elements()))
