"""Reputations in profiles: computed anew from bookings and reviews, never counted on.

Whoever renews the reputation of a person has their profile first: of two bookings of one person that end at one moment
the second counts the first.
"""

from collections.abc import Collection
from typing import Any

import orjson

from adapters.postgres.driver import Prepared, StatementRunner
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.lifecycle import Action
from kinds.local_services.domain.reputation import WINDOW, Record, rating_average, reputation

_RENEWING = frozenset(
    {
        Action.REVIEW,
        Action.PUBLISH_REVIEWS,
        Action.CANCEL,
        Action.DECLINE,
        Action.EXPIRE,
        Action.COMPLETE,
        Action.DECIDE,
    }
)
_LOCK = Prepared(
    "SELECT user_id FROM profiles WHERE user_id = ANY(CAST(:people AS text[])) ORDER BY user_id FOR NO KEY UPDATE"
)
_COUNTED = Prepared(
    """
    SELECT coalesce(json_agg(json_build_object('id', p.id, 'all_ratings', r.all_ratings, 'sum_of_all', r.sum_of_all,
        'record', json_build_object('ratings', r.ratings, 'sum_of_ratings', r.sum_of_ratings, 'done', done.number,
            'let_down', coalesce(failed.points, 0), 'answered', asked.answered, 'unanswered', asked.unanswered,
            'disputes_lost', lost.number))), '[]')::text AS people
    FROM unnest(CAST(:people AS text[])) AS p (id)
    CROSS JOIN LATERAL (SELECT count(*) AS all_ratings, coalesce(sum(v.rating), 0) AS sum_of_all,
            count(*) FILTER (WHERE v.published_at > now() - CAST(:window AS interval)) AS ratings,
            coalesce(sum(v.rating) FILTER (WHERE v.published_at > now() - CAST(:window AS interval)), 0)
                AS sum_of_ratings
        FROM reviews AS v WHERE v.reviewee_id = p.id AND v.published_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM hidden_reviews AS h WHERE h.review_id = v.id)) AS r
    CROSS JOIN LATERAL (SELECT count(*) AS number FROM service_bookings AS b
        WHERE (b.provider_id = p.id OR b.requester_id = p.id)
            AND b.completed_at > now() - CAST(:window AS interval)) AS done
    CROSS JOIN LATERAL (SELECT sum(b.let_down_points) AS points FROM service_bookings AS b
        WHERE b.let_down_by = p.id AND b.let_down_at > now() - CAST(:window AS interval)) AS failed
    CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE b.answered) AS answered,
            count(*) FILTER (WHERE NOT b.answered) AS unanswered FROM service_bookings AS b
        WHERE b.provider_id = p.id AND b.answered_at > now() - CAST(:window AS interval)) AS asked
    CROSS JOIN LATERAL (SELECT count(*) AS number FROM service_bookings AS b
        WHERE b.dispute_lost_by = p.id AND b.dispute_decided_at > now() - CAST(:window AS interval)) AS lost
    """
)
_WRITE = Prepared(
    """
    UPDATE profiles AS p SET rating_avg = r.rating_avg, rating_count = r.rating_count, reputation = r.reputation
    FROM jsonb_to_recordset(CAST(:renewed AS jsonb)) AS r (user_id text, rating_avg numeric, rating_count int,
        reputation numeric)
    WHERE p.user_id = r.user_id
    """
)


async def renew_after_move(runner: StatementRunner, booking: ServiceBooking) -> None:
    """The reputations of both parties, after a move that they depend on."""
    if booking.event.action in _RENEWING:
        await renew(runner, (booking.requester, booking.provider))


async def renew(runner: StatementRunner, people: Collection[str]) -> None:
    """The reputations of these people, as the rows of this transaction say."""
    wanted = sorted(set(people))
    await runner.row(_LOCK, people=wanted)
    counted = await runner.row(_COUNTED, people=wanted, window=WINDOW)
    renewed = orjson.dumps([_row(each) for each in orjson.loads(counted["people"])], default=str).decode()
    await runner.row(_WRITE, renewed=renewed)


def _row(counted: dict[str, Any]) -> dict[str, Any]:
    return {
        "user_id": counted["id"],
        "rating_avg": rating_average(counted["all_ratings"], counted["sum_of_all"]),
        "rating_count": counted["all_ratings"],
        "reputation": reputation(Record(**counted["record"])),
    }
