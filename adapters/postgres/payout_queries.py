"""Payouts for people."""

import re
from collections.abc import Sequence

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.sql_format import INSTANT, RUPEES
from domain.people import Role

_NAME = re.compile("[a-z_]+")
_PAYOUTS = f"""
    SELECT p.booking_id, p.payee AS {{payee}}, p.key, p.state, {RUPEES.format("p.kept")} AS amount, 'INR' AS currency,
        p.transfer_id, p.note, {INSTANT.format("p.created_at")} AS created_at,
        {INSTANT.format("p.transferred_at")} AS transferred_at, {INSTANT.format("p.released_at")} AS released_at,
        p.created_at AS place_at, p.key AS place_key {{details}}
    FROM payouts AS p JOIN bookings AS b ON b.id = p.booking_id
    WHERE b.kind = :booking_kind {{own}} AND (CAST(:booking_id AS bigint) IS NULL OR p.booking_id = :booking_id)
        AND (CAST(:state AS text) IS NULL OR p.state = :state)
"""  # noqa: S608 - constants of ours


def payouts_visible_to(role: str, payee: str, details: Sequence[str]) -> Listing:
    """A payee's own, all for an admin, newest first. ``payee`` is what the payee is called, ``details`` those facts of
    a payout that the kind tells."""
    if not all(_NAME.fullmatch(name) for name in (payee, *details)):
        raise ValueError("names of columns are small letters")
    more = "".join(f", p.details ->> '{name}' AS {name}" for name in details)
    own = "" if role == Role.ADMIN else "AND p.payee = :viewer"
    newest = (SortColumn("place_at", "timestamptz", True), SortColumn("place_key", "text", True))
    return Listing(_PAYOUTS.format(payee=payee, details=more, own=own), newest)
