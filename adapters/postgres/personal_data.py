"""What the engine's tables hold of people, and erasing: from these, those of people, and those of a kind alone.

The order is that of erasing: what is found by another table's rows comes before these go.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.personal_data import Held
from adapters.postgres.people.personal_data import PEOPLE, THEIR_BOOKINGS
from adapters.postgres.statements import write

_OF_A_BOOKING = f"t.booking_id IN {THEIR_BOOKINGS}"
_THEIR_PAYMENTS = f"(SELECT p.{{}} FROM payments AS p WHERE p.booking_id IN {THEIR_BOOKINGS})"  # noqa: S608
_WEBHOOKS = (
    f"t.order_id IN {_THEIR_PAYMENTS.format('order_id')} OR t.payment_id IN {_THEIR_PAYMENTS.format('payment_id')}"
)
# Answers go to an address that was typed: they are found by the questions that are erased.
_MAILS = """
    SELECT n.id FROM notifications AS n LEFT JOIN bookings AS b ON b.id = n.booking_id
    WHERE n.booking_kind = :booking_kind AND (n.mail ->> 'person_id' = ANY(:people) OR b.customer_id = ANY(:people)
        OR (n.kind = 'query-response' AND split_part(split_part(n.identity, '.', 2), '-', 1) IN (
            SELECT unnest(e.documents) FROM erasures AS e
            WHERE e.kind = :booking_kind AND e.person_id = ANY(:people))))
"""
_MAILED_TO_THEM = """
    SELECT n.id FROM notifications AS n LEFT JOIN bookings AS b ON b.id = n.booking_id
    WHERE n.booking_kind = :booking_kind
        AND coalesce(nullif(n.mail ->> 'person_id', ''), b.customer_id) = ANY(:people)
"""
# Mails to others stay, without the names of who has left; a resend looks the names up anew.
_FORGET_MAILS = f"""
    WITH theirs AS (UPDATE notifications SET mail = NULL WHERE id IN ({_MAILS}))
    UPDATE notifications AS n SET mail = jsonb_set(n.mail, '{{facts}}', (
        SELECT jsonb_object_agg(f.key,
            CASE WHEN n.mail -> 'people' ->> f.key = ANY(:people) THEN CAST('""' AS jsonb) ELSE f.value END)
        FROM jsonb_each(n.mail -> 'facts') AS f))
    WHERE n.booking_kind = :booking_kind AND n.id NOT IN ({_MAILS}) AND jsonb_typeof(n.mail -> 'facts') = 'object'
        AND n.mail -> 'facts' <> '{{}}' AND jsonb_typeof(n.mail -> 'people') = 'object'
        AND EXISTS (SELECT FROM jsonb_each_text(n.mail -> 'people') AS named WHERE named.value = ANY(:people))
"""  # noqa: S608
_FORGET_ATTEMPTS = f"""
    UPDATE notification_logs SET recipient_email = '', error = CASE WHEN error IS NOT NULL THEN 'erased' END
    WHERE notification_id IN ({_MAILS})
"""  # noqa: S608
_FORGET_WAITING = """
    DELETE FROM outbox AS o USING bookings AS b WHERE b.id = o.booking_id AND b.kind = :booking_kind
        AND o.person_id = ANY(:people)
"""
_FORGET_WEBHOOKS = f"UPDATE webhook_inbox AS t SET body = '' WHERE {_WEBHOOKS}"  # noqa: S608
_ACCOUNTS = "stays: accounts, which a law asks for"

ENGINE: Mapping[str, Held] = {
    "notification_logs": Held(
        personal="recipient_email error",
        plain="subject attachments status",
        what="to which address an e-mail went, what the mail server said of it",
        leaving="address and error go; that there was an e-mail stays",
        erase=_FORGET_ATTEMPTS,
        theirs=f"t.notification_id IN ({_MAILED_TO_THEM})",
        exported="timestamp, booking_id, recipient_email, subject, attachments, status",
    ),
    "notifications": Held(
        personal="identity mail",
        plain="booking_kind kind message_id",
        what="what an e-mail was made of: names, address, facts; the answer to a question",
        leaving="goes, also their name in e-mails to others; its identity stays, so that none is sent twice",
        erase=_FORGET_MAILS,
        theirs=f"t.id IN ({_MAILED_TO_THEM})",
        exported="booking_id, kind, sent_at, mail",
    ),
    "outbox": Held(
        personal="person_id mail",
        plain="slug",
        what="e-mails on their way",
        leaving="goes",
        erase=_FORGET_WAITING,
        left_out="it is empty within a day",
    ),
    "push_outbox": Held(
        personal="person_id push",
        plain="kind told",
        what="what their devices are to be shown",
        leaving="goes",
        erase="DELETE FROM push_outbox WHERE kind = :booking_kind AND person_id = ANY(:people)",
        left_out="it is empty within a day",
    ),
    "webhook_inbox": Held(
        personal="body order_id payment_id refund_id dispute_id transfer_id account_id",
        plain="event_id body_sha256 event state",
        what="what the payment provider told of their payments, with phone, mail address and means of payment",
        leaving="the text goes; the provider's numbers and a checksum stay, so that a repeat is known",
        erase=_FORGET_WEBHOOKS,
        theirs=f"({_WEBHOOKS}) AND t.body <> ''",
        exported="event, received_at, order_id, payment_id, convert_from(t.body, 'UTF8') AS body",
    ),
    "bookings": Held(
        personal="customer_id state summaries",
        plain="kind status payment_method action_required",
        what="whose booking it is, by id; in the state also GSTIN and name of a business, addresses, notes",
        leaving="stays: what was agreed and done, and for how much. The id leads to nobody any more",
        theirs=f"t.id IN {THEIR_BOOKINGS}",
        exported="id, status, created_at, closed_at, t.state -> 'customer' AS customer, "
        "t.summaries -> 'customer' AS summary",
    ),
    "booking_events": Held(
        personal="actor_id note",
        plain="status action actor_role update_id",
        what="who did what in a booking, by id, and what they wrote to it",
        leaving="stays: what was agreed and done",
        theirs=f"t.actor_id = ANY(:people) AND {_OF_A_BOOKING}",
        exported="booking_id, version, at, action, status, note",
    ),
    "payments": Held(
        personal="order_id payment_id",
        plain="leg method status",
        what="numbers under which the provider knows the payer",
        leaving=_ACCOUNTS,
        theirs=_OF_A_BOOKING,
        exported="booking_id, number, leg, method, amount, status, order_id, payment_id, created_at, captured_at",
    ),
    "refunds": Held(
        personal="payment_id refund_id reason",
        plain="status key",
        what="numbers under which the provider knows whom it pays back, and why it does",
        leaving=_ACCOUNTS,
        theirs=_OF_A_BOOKING,
        exported="booking_id, number, amount, status, reason, payment_id, refund_id, requested_at, processed_at",
    ),
    "payouts": Held(
        personal="payee payment_id account_id transfer_id note details",
        plain="key state",
        what="whom money of a booking was passed on to, and the provider's numbers of it",
        leaving=_ACCOUNTS,
        theirs="t.payee = ANY(:people) AND EXISTS (SELECT FROM bookings AS b"
        " WHERE b.id = t.booking_id AND b.kind = :booking_kind)",
        exported="booking_id, key, amount, kept, state, account_id, transfer_id, created_at, transferred_at,"
        " released_at, note, details",
    ),
    "payout_accounts": Held(
        personal="person_id account_id",
        plain="kind status",
        what="the number under which the provider keeps where somebody is paid out",
        leaving="goes",
        erase="DELETE FROM payout_accounts WHERE kind = :booking_kind AND person_id = ANY(:people)",
        theirs="t.kind = :booking_kind AND t.person_id = ANY(:people)",
        exported="account_id, status, created_at",
    ),
    "ledger_entries": Held(
        personal="reference",
        plain="kind leg",
        what="the provider's number of a movement of money",
        leaving=f"{_ACCOUNTS}; PostgreSQL refuses to change it",
        theirs=_OF_A_BOOKING,
        exported="booking_id, kind, leg, amount, reference, at",
    ),
    "documents": Held(
        personal="facts",
        plain="kind leg number",
        what="invoices and credit notes: name, address, GSTIN, what was charged",
        leaving="stays: a law asks for issued documents, as they were issued",
        theirs=_OF_A_BOOKING,
        exported="booking_id, number, kind, issued_at, amount, facts",
    ),
    "settlement_items": Held(
        personal="reference entity_id payment_id dispute_id",
        plain="settlement_id type",
        what="the provider's numbers of payments, refunds and disputes that it has settled",
        leaving=_ACCOUNTS,
        left_out="it is about what the provider paid to the shop; payments and refunds are told",
    ),
    "order_checks": Held(
        personal="order_id",
        plain="last_state",
        what="the provider's number of an order",
        leaving="stays 180 days",
        left_out="the order is told with its payment",
    ),
    "reconciliations": Held(
        personal="differences",
        plain="checked kinds",
        what="numbers of bookings and payments about which two books differ",
        leaving=_ACCOUNTS,
        left_out="it is about books; the payments are told",
    ),
    "erasures": Held(
        personal="person_id documents",
        plain="kind role",
        what="the id of who has left, when, and the ids of their deleted questions",
        leaving="stays: a restore of an older backup erases them again",
        left_out="it has nobody who is here",
    ),
    "settlements": Held(plain="settlement_id utr"),
    "book_closings": Held(plain="month timezone digest reason"),
    "uploads": Held(plain="name"),
    "pauses": Held(plain="what reason"),
    "document_counters": Held(plain="series fiscal_year"),
    "notification_categories": Held(plain="name"),
    "workflow_problems": Held(plain="kind problem detail"),
    "workflow_recovery": Held(plain="name"),
}


async def erase(connection: AsyncConnection, kind: str, own: Mapping[str, Held], people: Sequence[str]) -> None:
    """Erase people of a kind, who are recorded as erased, from every table; ``own`` are those of the kind alone."""
    for held in (*own.values(), *ENGINE.values(), *PEOPLE.values()):
        if held.erase:
            await write(connection, held.erase, people=list(people), booking_kind=kind)
