"""Searches of a market of local services: listings of one category within 10 km, rated 4 or better, whose provider is
free for two hours on a day, 20 rows; towns are asked for as often as they are large, eight searches at once."""

import random
from datetime import UTC, date, datetime, timedelta
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import text

from adapters.postgres.database import Database
from bench.load import latencies, request
from bench.results import Line, Results, Say
from bench.search_rows import CATEGORIES, SCHEMA, Town, make_market, number_of_category
from bench.stacks import Info, processor_seconds, spent
from kinds.local_services.domain.places import Point
from kinds.local_services.postgres.search import FreeTime, Search, listings
from settings import Stores

AT_ONCE, WANTED_MS = 8, 100.0
_SEARCHES, _WARM = 400, 160
"""Of a round; before the first one, so that statements are prepared on every connection."""
_KIND = "local-services"
_DAYS = (2, 58)
"""So many days ahead are asked for: within what is booked."""
LIMIT = {"REVCARE_LOCAL_SERVICES_SEARCHES_PER_MINUTE": "100000"}
"""What the process of this kind needs in its environment: all searches come from one address."""


async def measure_search(info: Info, results: Results, rounds: int, say: Say) -> None:
    """The latency of a search over HTTP, and where the time of the slowest town goes."""
    if _KIND not in info.get("kinds", {}):
        say("search: local services are not installed")
        return
    say("search: the market is made ...")
    towns = await make_market(info["postgres"])
    url, chance, seconds = info["kinds"][_KIND]["api"], random.Random(16), []  # noqa: S311 - not a secret
    await latencies(url, _requests(url, towns, chance, _WARM), 200, AT_ONCE)
    before = processor_seconds(info)
    for number in range(rounds):
        found = await latencies(url, _requests(url, towns, chance, _SEARCHES), 200, AT_ONCE)
        say(f"search: round {number + 1}, p95 {1000 * _percentile(found, 95):.0f} ms")
        seconds += found
    used = {part: 1000 * each / len(seconds) for part, each in spent(before, processor_seconds(info)).items()}
    figures = {f"p{each}_ms": round(1000 * _percentile(seconds, each), 1) for each in (50, 95, 99)}
    p95 = figures["p95_ms"]
    beside = f"p50 {figures['p50_ms']:.0f}, p99 {figures['p99_ms']:.0f}"
    what = f"p95 of a search, {AT_ONCE} at once, ms"
    results.add(Line("search", what, f"{p95:.0f}", beside, None, f"<= {WANTED_MS:g}", p95 <= WANTED_MS))
    processor = {part: round(each, 2) for part, each in used.items() if each > 0.05}
    plan = await _plan(info["postgres"], towns[0])
    results.details["search"] = {**figures, "searches": len(seconds), "processor_ms": processor, "plan": plan}


def _requests(url: str, towns: list[Town], chance: random.Random, number: int) -> list[bytes]:
    wanted = chance.choices(towns, weights=[town.share for town in towns], k=number)
    return [request(f"{url}/api/v1/services/listings?{_query(town, chance)}") for town in wanted]


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
    statement = listings(search, "distance").statement(behind=False)
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
