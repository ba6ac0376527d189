"""A booking as its viewers see it: what the engine adds to what its kind shows, one role at a time."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from domain.attention import reasons_for_attention, waiting_for
from domain.billing.views import NO_MONEY, Json, cancellation_view, dispute_view, money_view, when
from domain.booking import Address, Booking
from domain.closing import totals
from domain.kind import B, BookingKind, ViewContext
from domain.money import rupees
from domain.people import Actor, Role


def detail(
    kind: BookingKind[B],
    booking: B,
    viewer: Actor,
    context: ViewContext,
    timeline: Sequence[Mapping[str, Any]] = (),
) -> Json:
    """Everything this viewer may know of the booking."""
    shape: Json = {
        "id": booking.id,
        "kind": kind.name,
        "status": str(booking.status),
        "version": booking.version,
        **(kind.view or partial(_plain_view, kind))(booking, viewer, context),
        "waiting_for": waiting_view(kind, booking, viewer.role),
        "timeline": timeline_view(kind, timeline, viewer.role, context),
        "created_at": when(booking.created_at),
        "updated_at": when(booking.updated_at),
        "completed_at": when(booking.completed_at),
        "closed_at": when(booking.closed_at),
    }
    if viewer.role == Role.ADMIN:
        shape["disputes"] = [dispute_view(dispute) for dispute in booking.disputes]
        shape["attention"] = reasons_for_attention(kind, booking)
    return shape


SUMMARY_VERSION = "summary_version"
"""The key beside the roles under which it is stored of which version the summaries are."""
_ENGINE_SUMMARY = 1
"""Counts the changes of what the engine adds to a summary."""


def summary_version(kind: BookingKind[Any]) -> str:
    """Which summaries this release makes. What an earlier one has stored is made anew when it is read, never shown."""
    return f"{_ENGINE_SUMMARY}.{kind.summary_version}"


def summary(kind: BookingKind[B], booking: B, role: str) -> Json:
    """A list row for this role, as it is stored: what ``customer_row`` leaves open is filled in when it is read."""
    return {
        "id": booking.id,
        "kind": kind.name,
        "status": str(booking.status),
        "version": booking.version,
        **_row(kind, booking, role),
        "waiting_for": waiting_view(kind, booking, role),
        "created_at": when(booking.created_at),
        "updated_at": when(booking.updated_at),
    }


def _row(kind: BookingKind[B], booking: B, role: str) -> Json:
    shape = {"customer": customer_row(booking, with_phone=role == Role.ADMIN), **kind.summary(booking, role)}
    if "totals" not in shape:
        amounts = totals(kind, booking) if kind.sees_money(role) else None
        shape["totals"] = {"total": rupees(amounts.total), "due": rupees(amounts.due)} if amounts else None
    return shape


def _plain_view(kind: BookingKind[B], booking: B, viewer: Actor, context: ViewContext) -> Json:
    money = kind.sees_money(viewer.role)
    return {
        "customer": customer_view(booking, context, with_phone=viewer.role == Role.ADMIN),
        **kind.summary(booking, viewer.role),
        **(money_view(booking, totals(kind, booking), context.key_id) if money else NO_MONEY),
        "cancellation": cancellation_view(booking, context, money=money),
    }


def waiting_view(kind: BookingKind[Any], booking: Booking, role: str = Role.ADMIN) -> Json | None:
    """What the booking waits for; who sees no money reads the sentence without its amount."""
    waiting = waiting_for(kind, booking)
    if waiting is None:
        return None
    what = waiting.what if kind.sees_money(role) else waiting.discreet or waiting.what
    return {"who": waiting.who, "what": what, "until": when(waiting.until), "then": waiting.then}


def timeline_view(
    kind: BookingKind[Any], entries: Iterable[Mapping[str, Any]], role: str, context: ViewContext
) -> list[Json]:
    """The entries of a timeline as this role sees them, in the words of the kind."""
    return list(kind.timeline([timeline_entry(kind, entry, role) for entry in entries], context))


def timeline_entry(kind: BookingKind[Any], entry: Mapping[str, Any], role: str) -> Json:
    """One entry of the timeline, without the notes that are not for this role."""
    hidden = entry["action"] in kind.hidden_notes.get(role, ())
    return {**entry, "note": None} if hidden else dict(entry)


def customer_view(booking: Booking, context: ViewContext, *, with_phone: bool) -> Json:
    """Whose booking it is."""
    person = context.person(booking.customer.id)
    shape = {"id": person.id, "name": person.name}
    return {**shape, "phone": person.phone} if with_phone and person.phone else shape


def customer_row(booking: Booking, *, with_phone: bool) -> Json:
    """Whose booking it is, for a list row: name and phone are filled in when the row is read."""
    return {"id": booking.customer.id, "name": None, **({"phone": None} if with_phone else {})}


def address_view(address: Address | None) -> Json | None:
    """A postal address."""
    if address is None:
        return None
    return {
        "id": address.id,
        "label": address.label,
        "line1": address.line1,
        "line2": address.line2,
        "area": address.area,
        "pincode": address.pincode,
    }
