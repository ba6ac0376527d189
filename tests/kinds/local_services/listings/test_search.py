"""Searching listings and providers on a real PostgreSQL."""

import itertools
import random
from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from sqlalchemy import text

from kinds.local_services.domain.parts import PricingUnit
from kinds.local_services.domain.places import CoverageArea, Point
from kinds.local_services.domain.schedules import DayException, Schedule, Span, WeeklyWindow
from kinds.local_services.domain.slots import free_slots
from kinds.local_services.postgres.listings import listings_like
from kinds.local_services.postgres.provider_search import providers
from kinds.local_services.postgres.search import LISTING_SORTS, FreeTime, Search, listings
from tests.kinds.local_services.listings.market import HOUR, PUNE, Market, market

__all__ = ["market"]

_NAMES = (f"Category {number}" for number in itertools.count(1))
CENTRE = Point(PUNE.lat, PUNE.lng)
_MANY = """
    INSERT INTO listings (provider_id, category_id, title, pricing_unit, base_price, area_label, lat, lng, radius_km)
    SELECT :provider, :category, 'Deep clean', 'FIXED', 45000, 'There', 10 + n % 50 * 0.4, 70 + n / 50 * 0.4, 15
    FROM generate_series(0, 1999) AS n
"""


@pytest.fixture
async def category(market: Market) -> int:
    """One that no other test has listings in."""
    return await market.category(next(_NAMES))


async def found(market: Market, search: Search, sort: str = "-created_at", **part: int) -> list[int]:
    page = await market.rows(listings(search, sort), search.parameters(), **part)
    rows = orjson.loads(page.rows)
    assert page.total >= len(rows)
    return [row["id"] for row in rows]


def of(category: int, **wanted) -> Search:
    return Search(category=str(category), **wanted)


async def test_a_point_finds_what_covers_it_by_distance_and_at_the_end_what_is_done_anywhere(market, category):
    provider = await market.provider()
    areas = {
        "far": CoverageArea("Lonavala", 18.7557, 73.4091, 80),
        "here": PUNE,
        "near": CoverageArea("Kothrud", 18.5074, 73.8077, 20),
        "too far": CoverageArea("Mumbai", 19.0760, 72.8777, 100),
        "anywhere": None,
    }
    ids = {name: await market.listing(provider, category, area=area) for name, area in areas.items()}
    names = {number: name for name, number in ids.items()}
    search = of(category, point=CENTRE)
    page = await market.rows(listings(search, "distance"), search.parameters())
    rows = [(names[row["id"]], row["distance_km"]) for row in orjson.loads(page.rows)]
    assert [name for name, _ in rows] == ["here", "near", "far", "anywhere"]
    assert [distance and round(distance, 1) for _, distance in rows] == [0, 5.4, 53.9, None]
    assert await found(market, of(category, point=CENTRE, within_km=10), "distance") == [ids["here"], ids["near"]]


@pytest.mark.parametrize(
    ("middle", "point"),
    [
        ((0, 179.9), Point(0, -179.8)),
        ((0, -179.9), Point(0.1, 179.9)),
        ((89.9, 10), Point(89.8, -170)),
        ((60, 30), Point(60, 31)),
    ],
)
async def test_an_area_reaches_over_the_date_line_and_the_pole(market, category, middle, point):
    listing = await market.listing(await market.provider(), category, area=CoverageArea("There", *middle, 60))
    assert await found(market, of(category, point=point)) == [listing]
    assert await found(market, of(category, point=Point(-point.lat - 2, point.lng))) == []


async def test_every_word_must_occur_in_title_or_description_in_any_form(market, category):
    provider = await market.provider()
    listing = await market.listing(provider, category, title="Repairing taps", description="and leaking pipes")
    assert await found(market, of(category, words="tap pipe")) == [listing]
    assert await found(market, of(category, words="tap roof")) == []


async def test_a_category_is_an_id_or_a_name_without_regard_to_case(market):
    category = await market.category("Bee Keeping")
    listing = await market.listing(await market.provider(), category)
    for wanted in (str(category), "bee keeping", "BEE KEEPING"):
        assert await found(market, Search(category=wanted)) == [listing]
        assert await found(market, Search(category=wanted, point=CENTRE)) == [listing]
    for nobodys in ("wasps", "999999", "99999999999999999999"):
        assert await found(market, Search(category=nobodys)) == []


async def test_listings_are_narrowed_by_what_they_say_and_who_offers_them(market, category):
    best = await market.provider(rating=4.5, skills=("plumbing",))
    unrated, fair = await market.provider(), await market.provider(rating=3.99)
    cheap = await market.listing(best, category, base_price=100_00)
    dear = await market.listing(fair, category, base_price=900_00, pricing_unit=PricingUnit.FIXED)
    asked = await market.listing(unrated, category, base_price=None, pricing_unit=PricingUnit.QUOTE, area=None)
    every = {cheap, dear, asked}
    expected = {
        Search(rating=4): {cheap},
        Search(rating=0): {cheap, dear},
        Search(skill="plumbing"): {cheap},
        Search(min_price=100_01): {dear},
        Search(max_price=900_00): {cheap, dear},
        Search(pricing_unit="QUOTE"): {asked},
        Search(provider_id=fair): {dear},
        Search(label="PUNE"): {cheap, dear},
        Search(label="Mumbai"): set(),
        Search(point=CENTRE, rating=4): {cheap},
        Search(): every,
    }
    for search, wanted in expected.items():
        given = {name: getattr(search, name) for name in search.__dataclass_fields__ if name != "category"}
        assert set(await found(market, of(category, **given))) == wanted, search


async def test_what_has_no_price_or_rating_comes_last_in_every_order(market, category):
    unrated, rated, best = [await market.provider(rating=rating) for rating in (None, 3, 4.8)]
    quote = await market.listing(unrated, category, base_price=None, pricing_unit=PricingUnit.QUOTE, area=None)
    cheap, dear = await market.listing(best, category, base_price=200_00), await market.listing(rated, category)
    orders = {
        "-created_at": [dear, cheap, quote],
        "price": [cheap, dear, quote],
        "-price": [dear, cheap, quote],
        "rating": [cheap, dear, quote],
    }
    for sort, order in orders.items():
        assert await found(market, of(category), sort) == order, sort
        assert await found(market, of(category, point=CENTRE), sort) == order, sort


async def test_parts_of_a_list_follow_each_other_in_every_order(market, category):
    one, other = await market.provider(rating=4), await market.provider()
    every = [
        await market.listing(who, category, base_price=100_00 + price) for who in (one, other) for price in (0, 0, 5)
    ]
    for sort in LISTING_SORTS:
        search = of(category, point=CENTRE)
        seen, after = [], None
        for _ in range(4):
            page = await market.rows(listings(search, sort), search.parameters(), limit=2, after=after)
            seen += [row["id"] for row in orjson.loads(page.rows)]
            after = tuple(orjson.loads(page.last)) if page.last else None
            if after is None:
                break
        assert sorted(seen) == sorted(every), sort


async def test_inactive_and_hidden_listings_and_those_of_blocked_providers_are_not_found(market, category):
    provider, blocked = await market.provider(), await market.provider()
    shown, inactive, hidden = [await market.listing(provider, category) for _ in range(3)]
    await market.listing(blocked, category)
    await market.change(inactive, is_active=False)
    await market.sql("UPDATE listings SET deleted_at = now() WHERE id = :id", id=hidden)
    await market.sql("UPDATE profiles SET blocked_at = now() WHERE user_id = :id", id=blocked)
    for search in (of(category), of(category, point=CENTRE)):
        assert await found(market, search) == [shown]
    assert await found(market, of(category).of_inactive(provider)) == [inactive]
    assert await found(market, of(category, provider_id=blocked).of_inactive(provider)) == []
    assert await found(market, of(category).of_inactive(None)) == [inactive]


async def test_a_listing_in_a_list_tells_all_that_a_client_shows_of_it(market, category):
    provider = await market.provider("Asha Patil", rating=4.5)
    number = await market.listing(
        provider, category, min_hours="1.50", pricing_options=[{"id": 1, "name": "Windows", "price": 200_50}]
    )
    page = await market.rows(listings_like(of(category), "price"), of(category).parameters())
    (row,) = orjson.loads(page.rows)
    assert (row["id"], row["distance_km"]) == (number, None)
    assert row["base_price"] == "450.00"
    assert row["min_hours"] == 1.5
    assert row["pricing_options"] == [{"id": 1, "name": "Windows", "price": "200.50"}]
    assert row["coverage_area"] == {"label": "Pune", "lat": PUNE.lat, "lng": PUNE.lng, "radius_km": 15}
    assert (row["media"], row["cover_image_url"], row["is_active"]) == ([], None, True)
    assert (row["provider"]["first_name"], row["provider"]["last_name"]) == ("Asha", "P.")


async def test_providers_are_found_by_what_they_offer_with_their_lowest_price(market, category):
    good, better = await market.provider("Asha Patil", rating=4), await market.provider("Meera Kale", rating=4.5)
    await market.provider("Nobody Here", rating=5)
    other = await market.category(next(_NAMES))
    await market.listing(good, category, base_price=300_00)
    await market.listing(good, other, base_price=200_00)
    await market.listing(better, category, area=None, base_price=None, pricing_unit=PricingUnit.QUOTE)

    async def seen(sort: str = "reputation", **wanted) -> list[str]:
        search = of(category, **wanted)
        page = await market.rows(providers(search, sort), search.parameters())
        return [row["id"] for row in orjson.loads(page.rows)]

    assert await seen("rating") == [better, good]
    assert await seen("name") == [good, better]
    assert await seen("distance", point=CENTRE) == [good, better]
    assert await seen(rating=4.2) == [better]
    assert await seen(words="asha") == [good]
    assert await seen(words="clean kitchen") == []
    assert set(await seen(words="cleaning")) == {good, better}
    page = await market.rows(providers(of(category), "name"), of(category).parameters())
    rows = {row["id"]: row for row in orjson.loads(page.rows)}
    assert (rows[good]["from_price"], rows[better]["from_price"]) == ("200.00", None)
    assert {each["id"] for each in rows[good]["categories"]} == {category, other}


ZONES = (
    "Europe/Berlin",
    "Asia/Kolkata",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Auckland",
)
NOW = datetime(2026, 10, 22, 10, 7, tzinfo=UTC)
"""Days before the clocks of Europe go back, weeks after those of New Zealand went forward."""


def _random_schedule(chance: random.Random) -> Schedule:
    weekly = []
    for weekday in range(1, 8):
        bounds = sorted(chance.sample(range(97), chance.choice((2, 2, 4))))
        weekly += [
            WeeklyWindow(weekday, since * 15, until * 15)
            for since, until in zip(bounds[::2], bounds[1::2], strict=True)
        ]
    closed, short = NOW.date() + timedelta(days=chance.randrange(9)), NOW.date() + timedelta(days=9)
    return Schedule(
        timezone=chance.choice(ZONES),
        weekly=tuple(weekly),
        exceptions=(DayException(closed), DayException(short, 600, 720)),
        min_notice=timedelta(hours=chance.choice((0, 2, 50))),
        buffer=timedelta(minutes=chance.choice((0, 30, 45, 240))),
        horizon=timedelta(days=chance.choice((3, 60))),
    )


def _random_time(chance: random.Random, schedule: Schedule) -> list[Span]:
    held, at = [], NOW - timedelta(days=1)
    while at < NOW + timedelta(days=11):
        at += timedelta(minutes=5 * chance.randrange(12, 200))
        held.append(Span(at, at + timedelta(minutes=15 * chance.randrange(2, 40)) + schedule.buffer))
        at = held[-1].end
    return held


@pytest.mark.parametrize("many", [36, pytest.param(100, marks=pytest.mark.long)])
async def test_who_is_free_is_the_same_for_a_search_as_for_a_request_through_clock_changes_too(market, category, many):
    """For calendars in six zones, each asked for days and for moments."""
    chance = random.Random(7)
    calendars: dict[str, tuple[Schedule, list[Span]]] = {}
    for _ in range(many):
        provider, schedule = await market.provider(), _random_schedule(chance)
        calendars[provider] = schedule, _random_time(chance, schedule)
        await market.schedule(provider, schedule)
        await market.hold_all(provider, [tuple(span) for span in calendars[provider][1]])
        await market.listing(provider, category)
    numbers = 0
    for at in _asked(chance):
        duration = chance.choice((HOUR / 2, HOUR, 2 * HOUR, 23 * HOUR))
        search = of(category, free=FreeTime(at=at, duration=duration, now=NOW, notice=HOUR))
        page = await market.rows(listings(search, "price"), search.parameters(), limit=100)
        seen = {row["provider_id"] for row in orjson.loads(page.rows)}
        wanted = {who for who, (schedule, held) in calendars.items() if _is_free(schedule, held, at, duration)}
        assert seen == wanted, (at, duration)
        numbers += len(wanted)
    assert numbers > 3 * many, "enough of them are free for this to say something"


def _asked(chance: random.Random) -> list[datetime | date]:
    days: list[datetime | date] = [NOW.date() + timedelta(days=day) for day in range(-1, 11)]
    quarters = [datetime(2026, 10, 23, tzinfo=UTC) + timedelta(minutes=15 * chance.randrange(600)) for _ in range(16)]
    return [*days, *quarters, *(moment + timedelta(minutes=5) for moment in quarters[:2])]


def _is_free(schedule: Schedule, held: list[Span], at: datetime | date, duration: timedelta) -> bool:
    if isinstance(at, datetime):
        since, until = at, at + timedelta(microseconds=1)
    else:
        since, until = schedule.moment(at, 0), schedule.moment(at + timedelta(days=1), 0)
    return next(free_slots(schedule, held, since, until, duration, NOW), None) is not None


async def test_who_has_set_no_schedule_is_free_in_the_day_by_the_clock_of_india(market, category):
    listing = await market.listing(await market.provider(), category)
    day = date(2026, 10, 25)
    for hour, fits in ((8, True), (18, True), (19, False), (3, False)):
        at = datetime(2026, 10, 25, hour, tzinfo=UTC) - timedelta(hours=5, minutes=30)
        free = FreeTime(at=at, duration=2 * HOUR, now=NOW, notice=HOUR)
        assert await found(market, of(category, free=free)) == ([listing] if fits else []), hour
    for length, fits in ((12, True), (13, False)):
        free = FreeTime(at=day, duration=length * HOUR, now=NOW, notice=HOUR)
        assert await found(market, of(category, free=free)) == ([listing] if fits else [])


async def test_the_search_by_place_reads_its_index(market, category):
    """Among two thousand listings of the category, all over the country."""
    search = of(category, point=CENTRE, within_km=10)
    statement = listings(search, "distance").statement(behind=False)
    provider = await market.provider()
    async with market.database.write.connect() as connection:  # ends without a COMMIT
        await connection.execute(text(_MANY), {"provider": provider, "category": category})
        await connection.execute(text("ANALYZE listings"))
        given = {**search.parameters(), "limit_": 20, "offset_": 0}
        plan = "\n".join((await connection.execute(text(f"EXPLAIN {statement}"), given)).scalars())
    assert "ix_listings_around" in plan
    condition = plan.partition("ix_listings_around")[2].partition("Filter")[0]
    assert "around" in condition, plan
    assert "category" in condition, plan
