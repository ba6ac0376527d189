"""Does a finished booking say what it should, everywhere? Asked of the API, the mailbox and the provider."""

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


def prove(garage: Garage, story: Story, customer: Customer, booking: Json) -> Iterator[str]:
    """Each thing that holds, in words.

    Raises:
        Wrong: the first that does not.
    """
    yield _ended(story, booking)
    yield _counted(garage, booking)
    yield _written_to(garage, story, customer, booking)
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


def _written_to(garage: Garage, story: Story, customer: Customer, booking: Json) -> str:
    """Mails leave on their own queue: the last ones may arrive a moment after the end."""

    def arrived() -> list[Json] | None:
        mails = garage.mailbox.of(booking, customer.email)
        return mails if len(mails) >= story.mails.total() else None

    try:
        mails = until("mails", arrived, _POST)
    except TookTooLong:
        mails = garage.mailbox.of(booking, customer.email)
    got = Counter(kind_of(mail) for mail in mails)
    _must(not story.mails - got, f"these mails did not come in {_POST:.0f} s: {_names(story.mails - got)}")
    _must(not got - story.mails, f"these mails are too many: {_names(got - story.mails)}")
    ids = {message_id(mail) for mail in mails}
    _must(len(ids) == len(mails), f"{len(mails)} mails carry {len(ids)} Message-IDs")
    return f"{len(mails)} mails, each Message-ID once"


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
