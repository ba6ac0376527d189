"""Wrong passwords: what they hold back, and that strangers who enter them keep nobody out."""

import asyncio
from collections import Counter

import httpx

from tests.addresses import new_address
from tests.api.concurrent import Api, Json, bearer, is_refusal
from tests.api.test_login import login

WRONG, DEVICE = "Wrong-password-1", "known_device"


async def fail(api: Api, card: Json, times: int, address: str = "") -> None:
    for _ in range(times):
        assert (await login(api, card["phone"], WRONG, address)).status_code == 401


async def enter(api: Api, card: Json, address: str = "", device: str = "", password: str = "") -> httpx.Response:
    """The right password, unless another is said, on a device that is known by a cookie."""
    return await login(api, card["phone"], password or card["password"], address, device)


def device_of(answer: httpx.Response) -> str:
    """What a login told the device to say the next time."""
    return answer.cookies[DEVICE]


async def age(api: Api, subject: str, seconds: int) -> None:
    """So much time passes for what is counted under this name."""
    moved = "UPDATE login_attempts SET since = since - make_interval(secs => $2) WHERE subject = $1 RETURNING 1"
    assert await api.rows.fetchval(moved, subject, seconds), subject


async def failed_before(api: Api, subject: str, times: int) -> None:
    failed = "INSERT INTO login_attempts VALUES ($1, $2, now()) ON CONFLICT (subject) DO UPDATE SET failures = $2"
    await api.rows.execute(failed, subject, times)


async def test_five_failures_lock_a_phone_at_their_address_even_for_the_right_password(api: Api):
    card, here = await api.newcomer(), new_address()
    await fail(api, card, 5, here)
    locked = await enter(api, card, here)
    assert is_refusal(locked, 429) == ""
    assert int(locked.headers["retry-after"]) == 15 * 60, "who comes back as told is let in"
    somebody = await api.newcomer()
    assert (await enter(api, somebody, here)).status_code == 200


async def test_who_enters_wrong_passwords_for_a_phone_locks_nobody_out_elsewhere(api: Api):
    card, here = await api.newcomer(), new_address()
    await fail(api, card, 5, here)
    assert (await enter(api, card, here)).status_code == 429
    assert (await enter(api, card, new_address())).status_code == 200


async def test_wrong_passwords_of_others_do_not_hold_up_a_device_on_which_the_person_has_logged_in(api: Api):
    card, here = await api.newcomer(), new_address()
    device = device_of(await enter(api, card, here))
    await fail(api, card, 5, here)
    await failed_before(api, f"phone +91{card['phone']}", 20)
    await failed_before(api, f"address {here}", 100)
    assert (await enter(api, card, here)).status_code == 429
    for _ in range(3):
        assert (await enter(api, card, here, device)).status_code == 200


async def test_a_device_is_known_after_a_logout_too(api: Api):
    card, here = await api.newcomer(), new_address()
    answer = await enter(api, card, here)
    out = await api.ask("POST", "/auth/logout", headers=bearer(answer.json()["access_token"]))
    assert DEVICE not in out.headers.get("set-cookie", "")
    await fail(api, card, 5, here)
    assert (await enter(api, card, here, device_of(answer))).status_code == 200


async def test_a_device_that_is_known_is_held_back_by_its_own_wrong_passwords(api: Api):
    card, here = await api.newcomer(), new_address()
    device = device_of(await enter(api, card, here))
    for _ in range(5):
        assert (await enter(api, card, here, device, WRONG)).status_code == 401
    assert is_refusal(await enter(api, card, here, device), 429) == ""


async def test_a_device_of_somebody_else_or_a_made_up_one_opens_no_lock(api: Api):
    card, other, here = await api.newcomer(), await api.newcomer(), new_address()
    theirs = device_of(await enter(api, other, here))
    session = (await enter(api, card, here)).cookies["refresh_token"]
    await fail(api, card, 5, here)
    for device in (theirs, session, "x", "a.b.c", "x" * 3000):
        assert is_refusal(await enter(api, card, here, device), 429) == "", device


async def test_what_a_device_is_known_by_opens_nothing_by_itself(api: Api):
    device = device_of(await enter(api, await api.newcomer()))
    assert is_refusal(await api.ask("GET", "/auth/me", headers=bearer(device)), 401) == ""
    renewed = await api.ask("POST", "/auth/refresh", headers={"Cookie": f"refresh_token={device}"})
    assert is_refusal(renewed, 401) == ""


async def test_a_phone_that_is_guessed_at_from_many_addresses_is_tried_every_half_minute_only(api: Api):
    card = await api.newcomer()
    await asyncio.gather(*(login(api, card["phone"], WRONG, new_address()) for _ in range(20)))
    at_once = await asyncio.gather(*(enter(api, card, new_address()) for _ in range(4)))
    assert Counter(answer.status_code for answer in at_once) == {200: 1, 429: 3}
    late = await enter(api, card, new_address())
    assert is_refusal(late, 429) == ""
    assert 0 < int(late.headers["retry-after"]) <= 30
    await age(api, f"turn phone +91{card['phone']}", 30)
    assert (await enter(api, card, new_address())).status_code == 200
    await age(api, f"phone +91{card['phone']}", 3600)
    assert [(await enter(api, card, new_address())).status_code for _ in range(2)] == [200, 200]


async def test_a_hundred_failures_slow_an_address_and_no_other(api: Api):
    card, here = await api.newcomer(), new_address()
    await failed_before(api, f"address {here}", 99)
    assert [(await enter(api, card, here)).status_code for _ in range(2)] == [200, 200]
    await fail(api, card, 1, here)
    assert (await enter(api, card, here)).status_code == 200
    slowed = await enter(api, await api.newcomer(), here)
    assert is_refusal(slowed, 429) == ""
    assert 0 < int(slowed.headers["retry-after"]) <= 30
    assert (await enter(api, card, new_address())).status_code == 200
    await age(api, f"turn address {here}", 30)
    assert (await enter(api, card, here)).status_code == 200


async def test_a_lock_lasts_from_the_last_failure_and_ends(api: Api):
    card, here = await api.newcomer(), new_address()
    subject = f"from {here} phone +91{card['phone']}"
    await fail(api, card, 4, here)
    await age(api, subject, 14 * 60)
    await fail(api, card, 1, here)
    await age(api, subject, 14 * 60)
    assert (await enter(api, card, here)).status_code == 429
    await age(api, subject, 2 * 60)
    assert (await enter(api, card, here)).status_code == 200


async def test_a_spelling_of_the_phone_does_not_open_the_lock(api: Api):
    card, here = await api.newcomer(), new_address()
    number = card["phone"]
    for spelling in (number, f"+91{number}", f" {number}", f"{number[:3]}-{number[3:]}", f"+91 {number}"):
        assert (await login(api, spelling, WRONG, here)).status_code == 401
    assert (await enter(api, card, here)).status_code == 429


async def test_guessing_at_once_does_not_get_around_the_lock(api: Api):
    card, here = await api.newcomer(), new_address()
    tries = [f"Wrong-password-{number}" for number in range(20)] + [card["password"]]
    answers = await asyncio.gather(*(login(api, card["phone"], password, here) for password in tries))
    assert {answer.status_code for answer in answers[:-1]} <= {401, 429}
    assert answers[-1].status_code == 429


async def test_a_success_resets_the_count_of_its_address(api: Api):
    card, here = await api.newcomer(), new_address()
    for password in [WRONG] * 4 + [card["password"]] + [WRONG] * 4:
        await login(api, card["phone"], password, here)
    assert (await enter(api, card, here)).status_code == 200
