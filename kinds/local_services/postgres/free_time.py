"""Which of many providers have free time, as SQL: what ``domain.slots`` decides for one, for all that a search found.

The windows of the days in question become moments as ``domain.schedules`` says; what bookings hold is taken out of
them. A schedule that nobody has set is the default one.
"""

from kinds.local_services.domain.schedules import Schedule
from kinds.local_services.postgres.schedules import week_minutes

_DEFAULT = Schedule()
_ZONE, _WEEK = _DEFAULT.timezone, week_minutes(_DEFAULT)
_BUFFER, _HORIZON = int(_DEFAULT.buffer.total_seconds() // 60), _DEFAULT.horizon.days

# A doubled time is its first: PostgreSQL takes the second one, which is not what the offset of the day before says.
_FIRST = """CASE WHEN {0}.earlier AT TIME ZONE rules.zone = {0}.clock THEN least({0}.usual, {0}.earlier)
    ELSE {0}.usual END"""
_BOTH = """SELECT {0} AS clock, {0} AT TIME ZONE rules.zone AS usual,
    (({0} - interval '24 hours') AT TIME ZONE rules.zone) + interval '24 hours' AS earlier OFFSET 0"""

# OFFSET 0 keeps an expression from being copied to wherever its value is used, and computed there each time.
_FREE = f"""
    SELECT someone.provider_id FROM OF_THESE AS someone
    LEFT JOIN schedules AS s ON s.provider_id = someone.provider_id
    CROSS JOIN LATERAL (
        SELECT coalesce(s.timezone, '{_ZONE}') AS zone, coalesce(s.week, '{_WEEK}'::int4multirange) AS week,
            make_interval(mins => coalesce(s.buffer_minutes, {_BUFFER})) AS buffer,
            CAST(:now AS timestamptz) + coalesce(make_interval(hours => s.min_notice_hours), CAST(:notice AS interval))
                AS earliest,
            CAST(:now AS timestamptz) + make_interval(hours => 24 * coalesce(s.horizon_days, {_HORIZON}))
                + interval '1 microsecond' AS latest
        OFFSET 0
    ) AS rules
    CROSS JOIN LATERAL (
        SELECT coalesce(CAST(:day AS date), (CAST(:at AS timestamptz) AT TIME ZONE rules.zone)::date) AS day,
            coalesce(CAST(:at AS timestamptz), CAST(:day AS date)::timestamp AT TIME ZONE rules.zone) AS first,
            coalesce(CAST(:at AS timestamptz) + interval '1 microsecond',
                (CAST(:day AS date) + 1)::timestamp AT TIME ZONE rules.zone) AS last
        OFFSET 0
    ) AS asked
    CROSS JOIN LATERAL (
        SELECT range_agg(tstzrange(bounds.since, bounds.until)) AS worked
        FROM (VALUES (0), (1), (2)) AS days(number)
        CROSS JOIN LATERAL (SELECT asked.day + days.number AS day,
            1440 * (extract(isodow FROM asked.day + days.number)::int - 1) AS monday OFFSET 0) AS one
        CROSS JOIN LATERAL unnest(coalesce((s.special ->> one.day::text)::int4multirange,
            rules.week * int4multirange(int4range(one.monday, one.monday + 1440)))) AS minutes
        CROSS JOIN LATERAL (SELECT one.day::timestamp + make_interval(mins => lower(minutes) % 1440) AS since,
            make_interval(mins => upper(minutes) - lower(minutes)) AS length OFFSET 0) AS local
        CROSS JOIN LATERAL ({_BOTH.format("local.since")}) AS opening
        CROSS JOIN LATERAL ({_BOTH.format("(local.since + local.length)")}) AS closing
        CROSS JOIN LATERAL (
            SELECT {_FIRST.format("opening")} AS since, {_FIRST.format("closing")} AS until OFFSET 0
        ) AS bounds
        WHERE bounds.since < bounds.until AND days.number <= CAST(:more_days AS int)
    ) AS open
    CROSS JOIN LATERAL (
        SELECT range_agg(tstzrange(lower(t.during) - rules.buffer, upper(t.during))) AS time
        FROM provider_time AS t
        WHERE t.provider_id = someone.provider_id
            AND lower(t.during) > asked.first - interval '28 hours'
            AND lower(t.during) < asked.last + CAST(:duration AS interval) + rules.buffer
    ) AS held
    WHERE EXISTS (
        SELECT FROM unnest(open.worked - coalesce(held.time, '{{}}'::tstzmultirange)) AS gap
        CROSS JOIN LATERAL (
            SELECT greatest(lower(gap), asked.first, rules.earliest) AS moment OFFSET 0
        ) AS possible
        CROSS JOIN LATERAL (SELECT possible.moment AT TIME ZONE rules.zone AS moment OFFSET 0) AS clock
        CROSS JOIN LATERAL (
            SELECT possible.moment + (date_bin(CAST(:step AS interval),
                clock.moment + CAST(:step AS interval) - interval '1 microsecond', timestamp '2000-01-01')
                - clock.moment) AS start OFFSET 0
        ) AS slot
        WHERE slot.start < least(asked.last, rules.latest) AND slot.start + CAST(:duration AS interval) <= upper(gap)
    )
"""  # noqa: S608 - constants of ours


def free_providers(among: str) -> str:
    """SQL for the ids of those in the column ``provider_id`` of ``among`` who are free for ``:duration`` from ``:at``
    on, or from some start of ``:day`` on (the other one is NULL), should somebody ask ``:now``.

    ``:notice`` is that of who has set none, ``:more_days`` into how many days more a booking may reach, 2 at most,
    ``:step`` that between two starts. The days are listed: of ``generate_series`` up to a parameter the planner expects
    a thousand, takes a plan for all values to be worse than one for each, and makes one at every search.
    """
    return _FREE.replace("OF_THESE", among)
