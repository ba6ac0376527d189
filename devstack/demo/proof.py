"""Does a finished booking say what it should, everywhere? Asked of the API, the mailbox and the provider."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from devstack.demo.calls import Json, TookTooLong, until
from devstack.demo.garage import Garage
from devstack.demo.outside import kind_of, message_id
from devstack.demo.people import Customer
from devstack.demo.stories import Story

_POST = 30.0


class Wrong(Exception):
    """A finished booking is not as it should be."""


def prove(garage: Garage, story: Story, customer: Customer, booking: Json, *, crashed: bool = False) -> Iterator[str]:
    """Each thing that holds, in words.

    A process that is killed between handing a mail over and noting it must hand it over again. Then, and only then
    (`crashed`), a mailbox may hold it twice: under one Message-ID, by which mail programs know that it is one mail.

    Raises:
        Wrong: the first that does not.
    """
    yield _ended(story, booking)
    yield _counted(garage, booking)
    yield _written_to(garage, story, customer, booking, crashed=crashed)
    yield _paid_for(garage, story, booking)
    if story.invoiced:
        yield _invoiced(customer, booking)


def _ended(story: Story, booking: Json) -> str:
    _must(booking["status"] == story.status, f"it ended {booking['status']}, not {story.status}")
    _must(booking["waiting_for"] is None, f"it still waits: {booking['waiting_for']}")
    _must(Decimal(booking["totals"]["due"]) == 0, f"{booking['totals']['due']} is still due")
    return f"ended {story.status}, nothing due"


def _counted(garage: Garage, booking: Json) -> str:
    versions = [entry["version"] for entry in garage.admin.timeline(booking["id"])]
    last = booking["version"]
    _must(versions == list(range(1, last + 1)), f"the timeline counts {versions}, not 1 to {last}")
    return f"timeline 1..{last} without a gap"


def _written_to(garage: Garage, story: Story, customer: Customer, booking: Json, *, crashed: bool) -> str:
    """Mails leave on their own queue: the last ones may arrive a moment after the end."""
    deliveries: list[Json] = []
    mails: dict[str, Json] = {}

    def all_arrived() -> bool:
        deliveries[:] = garage.mailbox.of(booking, customer.email)
        mails.update((message_id(mail), mail) for mail in deliveries)
        return len(mails) >= story.mails.total()

    with contextlib.suppress(TookTooLong):
        until("the mails", all_arrived, _POST)
    got = Counter(kind_of(mail) for mail in mails.values())
    _must(not story.mails - got, f"these mails did not come in {_POST:.0f} s: {_names(story.mails - got)}")
    _must(not got - story.mails, f"these mails are too many: {_names(got - story.mails)}")
    repeats = len(deliveries) - len(mails)
    _must(crashed or not repeats, f"{len(mails)} mails were handed over {len(deliveries)} times")
    again = f" ({repeats} handed over again after the crash, under the same Message-ID)" if repeats else ""
    return f"{len(mails)} mails, each Message-ID once{again}"


def _paid_for(garage: Garage, story: Story, booking: Json) -> str:
    """What the provider did and what our books say are the same."""
    captured = garage.provider.captured(booking)
    refunded = garage.provider.refunds(booking)
    _must(len(captured) == story.captures, f"the provider captured {len(captured)} times, not {story.captures}")
    _must(len(refunded) == story.refunds, f"the provider refunded {len(refunded)} times, not {story.refunds}")
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


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Wrong(otherwise)
