"""The time of a provider that bookings hold, on a real PostgreSQL."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from domain.errors import SlotTaken
from kinds.local_services.domain.schedules import Schedule, Span, WeeklyWindow
from kinds.local_services.domain.slots import held_leg
from kinds.local_services.postgres.held_time import held_between, release
from tests.kinds.local_services.listings.market import HOUR, Market, market

__all__ = ["market"]

_BOOKINGS = itertools.count(1_000_000)
ALL_DAY = tuple(WeeklyWindow(day, 0, 24 * 60) for day in range(1, 8))
NOON = (datetime.now(UTC) + timedelta(days=5)).replace(hour=12, minute=0, second=0, microsecond=0)
BUFFER = timedelta(minutes=30)


@pytest.fixture
async def provider(market: Market) -> str:
    provider = await market.provider()
    await market.schedule(provider, Schedule(timezone="UTC", weekly=ALL_DAY, buffer=BUFFER))
    return provider


def leg(provider: str, start: datetime = NOON, hours: float = 1) -> dict[str, str]:
    return held_leg(provider, start, hours * HOUR, BUFFER)


async def held(market: Market, provider: str) -> list[Span]:
    async with market.database.read.connect() as connection:
        return sorted(await held_between(connection, provider, NOON - 2 * timedelta(days=1), NOON + timedelta(days=2)))


async def test_of_fifty_who_want_one_hour_at_once_one_gets_it_and_the_others_hear_what_is_free(market, provider):
    asked = (market.hold(next(_BOOKINGS), leg(provider)) for _ in range(50))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if answer is not None]
    assert len(refused) == 49
    assert {type(each) for each in refused} == {SlotTaken}
    free = [{"start": start, "end": end} for start, end in _quarters(NOON + HOUR + BUFFER, 5)]
    assert all(each.data["next_free_slots"] == free for each in refused)


def _quarters(first: datetime, number: int) -> list[tuple[str, str]]:
    starts = (first + place * timedelta(minutes=15) for place in range(number))
    return [(f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{start + HOUR:%Y-%m-%dT%H:%M:%SZ}") for start in starts]


async def test_many_who_want_overlapping_times_of_some_providers_at_once_never_deadlock(market, provider):
    others = [provider, await market.provider(), await market.provider()]
    wanted = [leg(who, NOON + place * timedelta(minutes=15), 2) for place in range(8) for who in others]
    answers = await asyncio.gather(*(market.hold(next(_BOOKINGS), each) for each in wanted), return_exceptions=True)
    assert {type(each) for each in answers} <= {type(None), SlotTaken}
    assert [len(await held(market, who)) for who in others] == [1, 1, 1]


async def test_the_buffer_of_a_booking_is_held_and_the_next_one_may_follow_it(market, provider):
    await market.hold(next(_BOOKINGS), leg(provider))
    for start in (NOON + HOUR, NOON - HOUR):
        with pytest.raises(SlotTaken):
            await market.hold(next(_BOOKINGS), leg(provider, start))
    await market.hold(next(_BOOKINGS), leg(provider, NOON + HOUR + BUFFER))
    await market.hold(next(_BOOKINGS), leg(provider, NOON - HOUR - BUFFER))
    assert len(await held(market, provider)) == 3


async def test_what_is_free_instead_follows_the_steps_of_the_booking_and_the_notice_of_the_provider(market):
    provider = await market.provider()
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + 26 * HOUR
    wanted = {**leg(provider, start), "step": 3600, "notice": 3600 * 48}
    await market.hold(next(_BOOKINGS), wanted)
    with pytest.raises(SlotTaken) as refused:
        await market.hold(next(_BOOKINGS), wanted)
    starts = [datetime.fromisoformat(slot["start"]) for slot in refused.value.data["next_free_slots"]]
    assert len(starts) == 5
    assert all(each > start + 20 * HOUR for each in starts)
    assert {each.minute for each in starts} == {30}, "the full hours of a provider in India"


async def test_a_booking_moves_its_own_time_and_frees_the_old(market, provider):
    booking = next(_BOOKINGS)
    await market.hold(booking, leg(provider, hours=2))
    moved = leg(provider, NOON + HOUR, 2)
    for _ in range(2):
        await market.hold(booking, moved)
    assert await held(market, provider) == [Span(NOON + HOUR, NOON + 3 * HOUR + BUFFER)]
    await market.hold(next(_BOOKINGS), leg(provider, NOON - HOUR))


async def test_a_move_that_is_refused_leaves_what_was_held(market, provider):
    first, second = next(_BOOKINGS), next(_BOOKINGS)
    await market.hold(first, leg(provider))
    await market.hold(second, leg(provider, NOON + 4 * HOUR))
    with pytest.raises(SlotTaken):
        await market.hold(second, leg(provider))
    assert [span.start for span in await held(market, provider)] == [NOON, NOON + 4 * HOUR]


async def test_time_that_is_given_back_is_free_at_once(market, provider):
    booking = next(_BOOKINGS)
    await market.hold(booking, leg(provider))
    async with market.database.write.begin() as connection:
        await release(connection, booking, ["time"])
    await market.hold(next(_BOOKINGS), leg(provider))


async def test_providers_do_not_hinder_each_other(market, provider):
    await market.hold(next(_BOOKINGS), leg(provider))
    await market.hold(next(_BOOKINGS), leg(await market.provider()))


async def test_no_statement_whatever_makes_two_bookings_of_one_time(market, provider):
    with pytest.raises(IntegrityError, match="ex_provider_time"):
        await market.hold_all(provider, [(NOON, NOON + HOUR), (NOON + HOUR / 2, NOON + 2 * HOUR)])


async def test_a_booking_that_began_a_day_ago_is_still_held(market, provider):
    start = NOON - timedelta(hours=25)
    await market.hold(next(_BOOKINGS), held_leg(provider, start, 24 * HOUR, 4 * HOUR))
    with pytest.raises(SlotTaken):
        await market.hold(next(_BOOKINGS), leg(provider, NOON + 2 * HOUR))
    await market.hold(next(_BOOKINGS), leg(provider, NOON + 3 * HOUR))
