"""Searches of a market of local services: listings of one category within 10 km, rated 4 or better, whose provider is
free for two hours on a day, 20 rows; towns are asked for as often as they are large, eight searches at once."""

import random
from datetime import UTC, date, datetime, timedelta
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

import orjson
from sqlalchemy import text

from adapters.postgres.database import Database
from bench.clients import Http
from bench.load import latencies, request
from bench.results import Line, Results, Say
from bench.search_rows import CATEGORIES, SCHEMA, Town, make_market, number_of_category
from bench.service_people import KIND
from bench.stacks import Info, processor_seconds, spent
from kinds.local_services.domain.places import Point
from kinds.local_services.postgres.listings import listings_like
from kinds.local_services.postgres.search import FreeTime, Search
from settings import Stores

AT_ONCE, WANTED_MS = 8, 100.0
_SEARCHES, _WARM = 400, 160
"""Of a round; before the first one, so that statements are prepared on every connection."""
_PATH = "/api/v1/services/listings"
_DAYS = (2, 58)
"""So many days ahead are asked for: within what is booked."""
LIMIT = {"REVCARE_LOCAL_SERVICES_SEARCHES_PER_MINUTE": "100000"}
"""What the process of this kind needs in its environment: all searches come from one address."""


async def measure_search(info: Info, results: Results, rounds: int, say: Say) -> None:
    """The latency of a search over HTTP, and where the time of the slowest town goes."""
    say("search: the market is made ...")
    towns = await make_market(info["postgres"])
    url, chance = info["kinds"][KIND]["api"], random.Random(16)  # noqa: S311 - not a secret
    shown = await _shown(url, towns, chance)
    await latencies(url, _requests(url, towns, chance, _WARM), 200, AT_ONCE)
    before, found = processor_seconds(info), []
    for number in range(rounds):
        found.append(await latencies(url, _requests(url, towns, chance, _SEARCHES), 200, AT_ONCE))
        say(f"search: round {number + 1}, p95 {1000 * _percentile(found[-1], 95):.0f} ms")
    searches = sum(map(len, found))
    used = {part: 1000 * each / searches for part, each in spent(before, processor_seconds(info)).items()}
    p50, p95, p99 = (1000 * median(_percentile(each, percent) for each in found) for percent in (50, 95, 99))
    what, beside = f"p95 of a search, {AT_ONCE} at once", f"p50 {p50:.0f}, p99 {p99:.0f} ms"
    processor = {part: round(each, 2) for part, each in used.items() if each > 0.05}
    results.add(
        Line("search", what, f"{p95:.0f} ms", beside, None, f"<= {WANTED_MS:g} ms", p95 <= WANTED_MS),
        Line(
            "search", "ms a search: the API", f"{used['api-local-services']:.1f}", f"PostgreSQL {used['postgres']:.1f}"
        ),
    )
    results.details["search"] = {
        **{f"p{percent}_ms": round(each, 1) for percent, each in ((50, p50), (95, p95), (99, p99))},
        "rounds_p95_ms": [round(1000 * _percentile(each, 95), 1) for each in found],
        "searches": searches,
        "rows_shown": shown,
        "processor_ms": processor,
        "plan": await _plan(info["postgres"], towns[0]),
    }


async def _shown(url: str, towns: list[Town], chance: random.Random) -> list[int]:
    """How many rows searches in the ten largest towns show.

    Raises:
        RuntimeError: nothing is found in the largest one, so it is not this market that would be searched.
    """
    http, found = Http(url), []
    for town in towns[:10]:
        status, body = await http.send("GET", f"{_PATH}?{_query(town, chance)}")
        found.append(len(orjson.loads(body)) if status == 200 else 0)
    await http.close()
    if not found[0]:
        raise RuntimeError("a search in the largest town finds nothing")
    return found


def _requests(url: str, towns: list[Town], chance: random.Random, number: int) -> list[bytes]:
    wanted = chance.choices(towns, weights=[town.share for town in towns], k=number)
    return [request(f"{url}{_PATH}?{_query(town, chance)}") for town in wanted]


def _query(town: Town, chance: random.Random) -> str:
    day = datetime.now(UTC).date() + timedelta(days=chance.randrange(*_DAYS))
    lat, lng = (middle + chance.uniform(-0.02, 0.02) for middle in (town.lat, town.lng))
    wanted = {"category": number_of_category(chance.randrange(CATEGORIES)), "location": f"{lat:.5f},{lng:.5f}"}
    more: dict[str, Any] = {"within_km": 10, "rating>": 4, "available_at": day.isoformat(), "duration_hours": 2}
    return urlencode({**wanted, **more, "sort": "distance", "limit": 20})


async def _plan(url: str, town: Town) -> list[str]:
    """How PostgreSQL finds what is asked for in the largest town."""
    free = FreeTime(
        at=date.today() + timedelta(days=9),  # noqa: DTZ011 - any day will do
        duration=timedelta(hours=2),
        now=datetime.now(UTC),
        notice=timedelta(hours=2),
    )
    category, point = str(number_of_category(0)), Point(town.lat, town.lng)
    search = Search(category=category, point=point, within_km=10, rating=4, free=free)
    statement = listings_like(search, "distance").statement(behind=False)
    given = {**search.parameters(), "limit_": 20, "offset_": 0}
    database = Database(Stores(postgresql_url=url), SCHEMA)
    try:
        async with database.read.connect() as connection:
            explained = await connection.execute(text(f"EXPLAIN (ANALYZE, BUFFERS) {statement}"), given)
            return list(explained.scalars())
    finally:
        await database.close()


def _percentile(seconds: list[float], percent: int) -> float:
    return quantiles(seconds, n=100, method="inclusive")[percent - 1]
