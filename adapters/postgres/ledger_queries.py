"""The ledger for people: entries, what came in and went out by day or month, and the reconciliations."""

from adapters.postgres.listings import Listing, SortColumn, newest_first
from adapters.postgres.sql_format import INSTANT, RUPEES
from adapters.postgres.visibility import visible_to
from domain.people import Role

_ENTRIES = f"""
    SELECT e.id, e.booking_id, e.version, e.kind, e.reference, e.leg, {RUPEES.format("e.amount")} AS amount,
        'INR' AS currency, {INSTANT.format("e.at")} AS at
    FROM ledger_entries AS e JOIN bookings AS b ON b.id = e.booking_id
    WHERE {{visible}} {{shown}} AND (CAST(:booking_id AS bigint) IS NULL OR e.booking_id = :booking_id)
        AND (CAST(:kind AS text) IS NULL OR e.kind = :kind)
        AND (CAST(:since AS date) IS NULL OR e.at >= CAST(:since AS timestamp) AT TIME ZONE :zone)
        AND (CAST(:until AS date) IS NULL OR e.at < (CAST(:until AS timestamp) + interval '1 day') AT TIME ZONE :zone)
"""  # noqa: S608 - constants of ours


_OF_PAYEES = "('transfer', 'reversal')"
_SHARED = f"""AND e.kind <> 'fee' AND CASE WHEN e.kind IN {_OF_PAYEES}
    THEN EXISTS (SELECT FROM payouts AS p WHERE p.booking_id = e.booking_id AND p.payee = :viewer)
    ELSE b.customer_id = :viewer END"""


def entries_visible_to(role: str, *, pays_out: bool = False) -> Listing:
    """The entries of the bookings that somebody of this role may see, newest first; the days are those of ``zone``.

    What the provider charges the shop is for admins only. Where a kind ``pays_out``, customers see what they paid and
    payees what they got, so that neither learns the other's share.
    """
    shown = "AND e.kind <> 'fee'" if not pays_out else _SHARED
    shown = "" if role == Role.ADMIN else shown
    return newest_first(_ENTRIES.format(visible=visible_to(role), shown=shown))


# Each table is read once: a sum per day by subqueries would read all of it for every day there is.
_TAKINGS = f"""
    WITH moved AS (
        SELECT date_trunc(:by, e.at AT TIME ZONE :zone)::date AS day,
            sum(e.amount) FILTER (WHERE e.kind = 'capture') AS captured,
            sum(e.amount) FILTER (WHERE e.kind = 'cash') AS cash,
            -sum(e.amount) FILTER (WHERE e.kind = 'refund') AS refunded,
            -sum(e.amount) FILTER (WHERE e.kind = 'chargeback') AS chargebacks
        FROM ledger_entries AS e JOIN bookings AS b ON b.id = e.booking_id
        WHERE b.kind = :booking_kind GROUP BY 1
    ),
    printed AS (
        SELECT date_trunc(:by, d.issued_at AT TIME ZONE :zone)::date AS day, d.kind, d.amount,
            (SELECT sum((line ->> 'cgst')::bigint + (line ->> 'sgst')::bigint + (line ->> 'igst')::bigint)
                FROM jsonb_array_elements(d.facts -> 'lines') AS line) AS tax
        FROM documents AS d JOIN bookings AS b ON b.id = d.booking_id
        WHERE b.kind = :booking_kind
    ),
    issued AS (
        SELECT day, sum(amount) FILTER (WHERE kind = 'invoice') AS invoiced,
            sum(amount) FILTER (WHERE kind = 'credit-note') AS credited,
            sum(CASE kind WHEN 'invoice' THEN tax ELSE -tax END) AS gst
        FROM printed GROUP BY day
    ),
    sums AS (
        SELECT day, coalesce(captured, 0) AS captured, coalesce(cash, 0) AS cash, coalesce(refunded, 0) AS refunded,
            coalesce(chargebacks, 0) AS chargebacks, coalesce(invoiced, 0) AS invoiced,
            coalesce(credited, 0) AS credited, coalesce(gst, 0) AS gst
        FROM moved FULL JOIN issued USING (day)
        WHERE (CAST(:since AS date) IS NULL OR day >= CAST(:since AS date))
            AND (CAST(:until AS date) IS NULL OR day <= CAST(:until AS date))
    )
    SELECT day AS date,
        {RUPEES.format("captured")} AS captured, {RUPEES.format("cash")} AS cash,
        {RUPEES.format("refunded")} AS refunded, {RUPEES.format("chargebacks")} AS chargebacks,
        {RUPEES.format("(captured + cash - refunded - chargebacks)")} AS net,
        {RUPEES.format("invoiced")} AS invoiced, {RUPEES.format("credited")} AS credited,
        {RUPEES.format("gst")} AS gst, 'INR' AS currency
    FROM sums
"""  # noqa: S608 - constants of ours
TAKINGS = Listing(_TAKINGS, (SortColumn("date", "date", descending=True),), sums=True)
"""What came in and went out, the newest first, by day or month."""

# Differences of the kind's bookings, and of money that belongs to none that we know.
RECONCILIATIONS = newest_first(f"""
    SELECT r.id, {INSTANT.format("r.since")} AS since, {INSTANT.format("r.until")} AS until,
        {INSTANT.format("r.finished_at")} AS finished_at, r.checked, r.kinds,
        jsonb_array_length(own.differences) AS found, own.differences
    FROM reconciliations AS r LEFT JOIN LATERAL (
        SELECT coalesce(jsonb_agg(each ORDER BY place), '[]') AS differences
        FROM jsonb_array_elements(r.differences) WITH ORDINALITY AS listed(each, place)
        WHERE each ->> 'booking_kind' IN ('', :booking_kind)) AS own ON true
""")  # noqa: S608 - constants of ours
