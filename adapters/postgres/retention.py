"""How long the rows of each table are kept: a rule for every one, and the job that removes what has expired.

``docs/operations.md`` shows the rules to operators, and a test holds the two together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import TextClause, text

from adapters.postgres.database import Database
from retention_settings import Retention

MARGIN = timedelta(hours=1)
"""The clock that judges a token is another machine's: a revocation outlives what it revokes by this much."""
IDEMPOTENCY_KEYS_KEPT = timedelta(days=7)
ORDER_CHECKS_KEPT = timedelta(days=180)
AT_ONCE = 5_000
MOST_BATCHES = 40
"""Of one table in one round of the job, which comes every hour: 200,000 rows. What is left is removed by the next."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How long rows of a table are kept. ``words`` say it to operators; a row goes when ``expired`` holds, a condition
    over the table by its name ``t``; without one nothing removes them by their age. ``along`` is a statement for what
    goes with the rows that are ``gone``."""

    words: str
    expired: str = ""
    along: str = ""


ENGINE: Mapping[str, Rule] = {
    "bookings": Rule("for good: a booking of years ago is read like one of today"),
    "booking_events": Rule("for good: the timeline of its booking"),
    "payments": Rule("for good: accounts"),
    "refunds": Rule("for good: accounts"),
    "payouts": Rule("for good: accounts"),
    "payout_accounts": Rule("for good, until the person leaves: where they are paid out"),
    "ledger_entries": Rule("for good: accounts; PostgreSQL refuses to change or delete them"),
    "documents": Rule("for good: invoices and credit notes, which a law asks for and numbers of which none may miss"),
    "document_counters": Rule("for good: the next number of each series and year"),
    "settlements": Rule("for good: accounts"),
    "settlement_items": Rule("for good: accounts"),
    "book_closings": Rule("for good: which months were closed, and why one was reopened"),
    "notification_categories": Rule("for good: a row for each category of e-mails"),
    "erasures": Rule("for good: ids of who has left, whom a restore of an older backup erases again"),
    "outbox": Rule("until an e-mail is sent or given up, which is 24 hours after it was written"),
    "push_outbox": Rule("until the devices of its person have it or it is given up, 24 hours after it was written"),
    "workflow_problems": Rule("until the next look, every five minutes, does not find the problem any more"),
    "workflow_recovery": Rule("for good: one row"),
    "pauses": Rule("until somebody ends it, or begins it anew: a row each for bookings and for payments"),
    "uploads": Rule("a day, with its file, if nothing has named the picture by then; for good if something has"),
    "webhook_inbox": Rule(
        "`REVCARE_KEEP_WEBHOOKS` after it came, if it has been delivered or concerns nothing of ours",
        "t.state <> 'received' AND t.received_at < now() - CAST(:keep_webhooks AS interval)",
    ),
    "order_checks": Rule(
        "180 days after the last look at the order",
        "t.checked_at < now() - CAST(:order_checks AS interval)",
    ),
    "notification_logs": Rule(
        "`REVCARE_KEEP_EMAIL_LOG` after the attempt; those of a booking as long as it is open",
        "t.timestamp < now() - CAST(:keep_email_log AS interval)"
        " AND NOT EXISTS (SELECT FROM bookings AS b WHERE b.id = t.booking_id AND b.closed_at IS NULL)",
        "DELETE FROM notifications AS n WHERE n.id IN (SELECT notification_id FROM gone) AND NOT EXISTS ("
        "SELECT FROM notification_logs AS l WHERE l.notification_id = n.id AND l.id NOT IN (SELECT id FROM gone))",
    ),
    "notifications": Rule("as long as an attempt to send it is kept"),
    "reconciliations": Rule(
        "`REVCARE_KEEP_RECONCILIATIONS` after it ended, with the differences that it found",
        "t.finished_at < now() - CAST(:keep_reconciliations AS interval)",
    ),
}

PEOPLE: Mapping[str, Rule] = {
    "users": Rule("for good; name and addresses go when the person leaves"),
    "roles": Rule("for good: a row for each role"),
    "permissions": Rule("for good: a row for each scope"),
    "role_permissions": Rule("for good: the scopes of each role"),
    "booking_participants": Rule("for good: who takes part in which booking"),
    "auth_listeners": Rule("as long as the API process lives whose row it is"),
    # A refresh token's row also leads from its access token to the family.
    "refresh_tokens": Rule(
        "an hour longer than the token is good",
        "t.expires_at < now() - CAST(:margin AS interval) AND t.access_expires_at < now() - CAST(:margin AS interval)",
    ),
    "second_factors": Rule("until its person takes it off or leaves"),
    "sessions": Rule(
        "as long as a refresh token of it is kept",
        "NOT EXISTS (SELECT FROM refresh_tokens AS r WHERE r.family = t.id)",
    ),
    "revoked_tokens": Rule(
        "an hour longer than the token would have been good", "t.expires_at < now() - CAST(:margin AS interval)"
    ),
    "login_attempts": Rule(
        "an hour longer than they count ([throttles.md](throttles.md))",
        "t.since < now() - CAST(:lockout AS interval)"
        " AND (t.subject !~ '^(uploads|login mails) ' OR t.since < now() - interval '25 hours')",
    ),
    "contact_changes": Rule(
        "an hour longer than a change of phone or mail address can be taken back",
        "t.good_until < now() - CAST(:margin AS interval)",
    ),
    "idempotency_keys": Rule(
        "7 days after the request; the same key is another request then",
        "t.created_at < now() - CAST(:idempotency_keys AS interval)",
    ),
}
"""Those of people, in the schema of each kind."""


class ExpiredRows:
    """Deletes expired rows in batches: no transaction is long, nobody waits for a lock, and a round has an end."""

    def __init__(
        self,
        engine: Database,
        kinds: Iterable[tuple[Database, Mapping[str, Rule]]],
        retention: Retention,
        lockout: timedelta = timedelta(0),
    ) -> None:
        """``engine`` finds the tables of ``public``; of each kind a database that finds its people and its own tables,
        and the rules of the latter. ``lockout``: how long failed logins count."""
        self._applied = [(engine, ENGINE), *((database, {**PEOPLE, **own}) for database, own in kinds)]
        self._moments = {
            "keep_webhooks": retention.keep_webhooks,
            "keep_email_log": retention.keep_email_log,
            "keep_reconciliations": retention.keep_reconciliations,
            "margin": MARGIN,
            "lockout": lockout + MARGIN,
            "idempotency_keys": IDEMPOTENCY_KEYS_KEPT,
            "order_checks": ORDER_CHECKS_KEPT,
        }

    async def purge_expired(self) -> dict[str, int]:
        """Delete expired rows; answers how many of each table."""
        deleted: Counter[str] = Counter()
        for database, rules in self._applied:
            for table, rule in rules.items():
                if rule.expired:
                    deleted[table] += await self._delete(database, table, rule)
        return dict(deleted)

    async def _delete(self, database: Database, table: str, rule: Rule) -> int:
        given = {name: moment for name, moment in self._moments.items() if f":{name} " in rule.expired}
        total = 0
        for _ in range(MOST_BATCHES):
            async with database.read.connect() as connection:
                deleted = (await connection.execute(_statement(table, rule), given)).scalar_one()
            total += deleted
            if deleted < AT_ONCE:
                break
        return total


def _statement(table: str, rule: Rule) -> TextClause:
    along = f", along AS ({rule.along})" if rule.along else ""
    return text(
        f"WITH gone AS (DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608 - constants of ours
        f"SELECT t.ctid FROM {table} AS t WHERE {rule.expired} LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED"
        f")) RETURNING *){along} SELECT count(*) FROM gone"
    )
