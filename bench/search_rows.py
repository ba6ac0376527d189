"""The market that the search is measured on, made by SQL: 2,500 providers in 100 towns whose sizes fall as 1/rank, 40
listings each, and three months of bookings' time.

Everything follows from one seed, so two runs search the same rows.
"""

from typing import NamedTuple

import asyncpg  # type: ignore[import-untyped]

PROVIDERS, LISTINGS, TOWNS, CATEGORIES, DAYS = 2_500, 40, 100, 8, 90
SCHEMA = "local"
_FIRST = 500_000
"""The number of the first provider: other people of a stack have smaller ones."""
_FIRST_CATEGORY = 900_001
_ANALYSED = ("users", "profiles", "user_skills", "schedules", "categories", "listings", "provider_time")

_TOWN = "9.2 + 2.2 * ((t - 1) / 10) AS lat, 70.1 + 1.8 * ((t - 1) % 10) AS lng"
"""Where town ``t`` is; some 200 km from the next."""
_STATEMENTS = (
    "SELECT setseed(0.42)",
    f"""
    CREATE TEMPORARY TABLE towns AS
    SELECT t, {_TOWN}, sum(1.0 / t) OVER (ORDER BY t) / sum(1.0 / t) OVER () AS until
    FROM generate_series(1, {TOWNS}) AS t
    """,  # noqa: S608 - constants of ours
    f"""
    CREATE TEMPORARY TABLE someone AS
    SELECT n, 'USR' || ({_FIRST} + n) AS id, t.lat + 0.09 * (random() + random() - 1) AS lat,
        t.lng + 0.09 * (random() + random() - 1) AS lng
    FROM generate_series(1, {PROVIDERS}) AS n
    CROSS JOIN LATERAL (SELECT * FROM towns WHERE until >= (n - 0.5) / {PROVIDERS} ORDER BY t LIMIT 1) AS t
    """,  # noqa: S608 - constants of ours
    f"""
    INSERT INTO categories (id, name, description, icon)
    SELECT {_FIRST_CATEGORY} - 1 + n, 'Searched category ' || n, 'One of those that are measured', 'tools'
    FROM generate_series(1, {CATEGORIES}) AS n
    """,  # noqa: S608 - constants of ours
    """
    INSERT INTO users (id, role_id, first_name, last_name, email, phone)
    SELECT id, (SELECT r.id FROM roles AS r WHERE r.name = 'SERVICE_PROVIDER'), 'Provider', 'No ' || n,
        'searched.' || n || '@example.com', '+916' || lpad(n::text, 9, '0')
    FROM someone
    """,
    """
    INSERT INTO profiles (user_id, bio, rating_avg, rating_count, reputation, phone_verified_at)
    SELECT id, 'Works with care.', CASE WHEN n % 5 > 0 THEN round((2.9 + 2.1 * random())::numeric, 2) END,
        CASE WHEN n % 5 > 0 THEN 1 + n % 40 ELSE 0 END, round((60 + 35 * random())::numeric, 1), now()
    FROM someone
    ON CONFLICT (user_id) DO UPDATE SET bio = excluded.bio, rating_avg = excluded.rating_avg,
        rating_count = excluded.rating_count, reputation = excluded.reputation
    """,
    """
    INSERT INTO user_skills (user_id, skill_tag)
    SELECT id, (ARRAY['plumbing', 'cleaning', 'painting', 'wiring', 'carpentry'])[1 + (n + k) % 5]
    FROM someone CROSS JOIN generate_series(1, 3) AS k
    """,
    """
    INSERT INTO schedules (provider_id, timezone, weekly, exceptions, min_notice_hours, buffer_minutes, horizon_days,
        week, special)
    SELECT id, 'Asia/Kolkata', week.shown, '[]', n % 4, 15 * (n % 4), 90, week.minutes,
        CASE WHEN n % 7 = 0 THEN jsonb_build_object((current_date + n % 60)::text, '{}') ELSE '{}' END
    FROM someone
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('weekday', day, 'start', to_char(opens, 'FM00') || ':00',
                'end', to_char(closes, 'FM00') || ':00')) AS shown,
            range_agg(int4range((day - 1) * 1440 + opens * 60, (day - 1) * 1440 + closes * 60)) AS minutes
        FROM generate_series(1, 5 + n % 3) AS day
        CROSS JOIN LATERAL (VALUES (8 + n % 3, 12 + n % 2), (14, 17 + n % 5)) AS hours(opens, closes)
    ) AS week
    WHERE n % 10 > 2
    """,
    f"""
    INSERT INTO listings (provider_id, category_id, title, description, pricing_unit, base_price, min_hours,
        area_label, lat, lng, radius_km, is_active, created_at)
    SELECT s.id, {_FIRST_CATEGORY} + floor({CATEGORIES} * random())::int, 'Service ' || k || ' of ' || s.n,
        'Done at your home, with tools and material, on the day that you choose.', unit,
        CASE WHEN unit <> 'QUOTE' THEN 10000 + 50 * floor(2000 * random())::int END,
        CASE WHEN unit = 'HOUR' THEN 1 END, town.label, town.lat, town.lng, town.radius, k % 20 > 0,
        now() - make_interval(mins => (s.n * 7 + k * 131) % 500000)
    FROM someone AS s CROSS JOIN generate_series(1, {LISTINGS}) AS k
    CROSS JOIN LATERAL (SELECT (ARRAY['HOUR', 'HOUR', 'FIXED', 'QUOTE'])[1 + (s.n + k) % 4] AS unit) AS u
    LEFT JOIN LATERAL (SELECT 'Town' AS label, s.lat + 0.01 * random() AS lat, s.lng + 0.01 * random() AS lng,
        5 + floor(16 * random()) AS radius) AS town ON (s.n * {LISTINGS} + k) % 50 > 0
    """,  # noqa: S608 - constants of ours
    f"""
    INSERT INTO provider_time (booking_id, leg, provider_id, during)
    SELECT 4000000000000 + row_number() OVER (), 'time', id, tstzrange(starts, starts + lasts)
    FROM someone CROSS JOIN generate_series(0, {DAYS - 1}) AS d CROSS JOIN generate_series(0, 1) AS half
    CROSS JOIN LATERAL (
        SELECT ((current_date + d)::timestamp + make_interval(hours => 8 + 6 * half,
                mins => 15 * ((n * 13 + d * 7 + half * 5) % 9))) AT TIME ZONE 'Asia/Kolkata' AS starts,
            make_interval(mins => 90 + 15 * ((n + d + half) % 9)) AS lasts
    ) AS booked
    WHERE (n * 31 + d * 17 + half * 11) % 10 < 6
    """,  # noqa: S608 - constants of ours
)


class Town(NamedTuple):
    """Where a town is, in degrees, and its share of all providers."""

    lat: float
    lng: float
    share: float


def number_of_category(number: int) -> int:
    """The id of a category of the market, counted from 0."""
    return _FIRST_CATEGORY + number


async def make_market(url: str) -> list[Town]:
    """Add the market to a migrated database that has none; answers its towns, the largest one first."""
    connection = await asyncpg.connect(url, timeout=60)
    try:
        await connection.execute(f'SET search_path = "{SCHEMA}", public')
        async with connection.transaction():
            for statement in _STATEMENTS:
                await connection.execute(statement, timeout=300)
        towns = await connection.fetch("SELECT lat, lng, until - coalesce(lag(until) OVER (ORDER BY t), 0) FROM towns")
        for table in _ANALYSED:
            await connection.execute(f"VACUUM ANALYZE {table}", timeout=300)
        return [Town(float(lat), float(lng), float(share)) for lat, lng, share in towns]
    finally:
        await connection.close()
