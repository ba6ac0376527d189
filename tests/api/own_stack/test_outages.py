"""Everything starts while its servers are away, does what it can without them, and goes on when they are back."""

import asyncio
from collections.abc import Iterable
from functools import partial

import httpx
import pytest

from devstack.stack import Stack
from tests.api.concurrent import Api, Json, is_refusal, until
from tests.api.mailbox import Mailbox
from tests.api.visits import Visits

AWAY = ("mail", "mongodb", "temporal", "postgres")
WAITS, AWAY_SAID = "the worker waits for Temporal", "a part is not as it should be"
ROLES = ("worker", "activities")


@pytest.mark.parametrize(
    "starting",
    [pytest.param(("activities",), id="activities"), pytest.param(ROLES, id="both", marks=pytest.mark.long)],
)
async def test_what_starts_without_its_servers_waits_for_them_and_loses_no_command(
    own: Stack, starting: tuple[str, ...]
):
    """So does a worker whose servers go while it runs. To start one takes four seconds of the processor."""
    async with Api(own.info) as api:
        visits, mailbox = Visits(own), Mailbox(own.info)
        (owner, known), (other, vehicle) = visits.booked(), visits.car()
        await api.token(owner.card)
        await api.token(other.card)
        wish = visits.wish(vehicle)
        for part in AWAY:
            own.halt(part)
        killed = {part: own.kill(part) for part in ("api", *starting)}
        await until(partial(_answers, api, "/health/live", 200), 60)
        for part in starting:
            own.wait_ready(part, instead_of=killed[part])
        began = {part: own.pid(part) for part in ROLES}
        assert is_refusal(await api.http.get("/health/ready"), 503) == ""

        await asyncio.to_thread(own.revive, "postgres")
        await until(partial(_answers, api, "/health/ready", 200))
        states = (await api.http.get("/health/ready")).json()["states"]
        assert {states[part]["state"] for part in ("temporal", "mongodb")} == {"down"}
        assert (await api.ask("GET", f"/bookings/{known['id']}", owner.card)).json()["status"] == "booked"
        cancel = partial(_keyed, api, "PUT", f"/bookings/{known['id']}/cancel", owner.card, f"cancel-{known['id']}", {})
        refused = await cancel()
        assert (is_refusal(refused, 503), int(refused.headers["retry-after"]) > 0) == ("", True)
        await until(partial(_say, own, starting, WAITS))
        await until(partial(_say, own, ("api", *starting), AWAY_SAID))

        await asyncio.to_thread(own.revive, "temporal")
        await until(partial(_is_done, cancel, 200), 60)
        assert (await cancel()).json()["status"] == "cancelled"
        book = partial(_keyed, api, "POST", "/bookings/", other.card, f"book-{vehicle}", wish)
        await until(partial(_is_done, book, 201))
        assert {part: own.pid(part) for part in ROLES} == began
        assert (await api.http.get("/health/ready")).json()["states"]["mongodb"]["state"] == "down"

        await asyncio.to_thread(own.revive, "mongodb")
        await asyncio.to_thread(own.revive, "mail")
        await until(partial(_all_are_ok, api))
        assert len(await mailbox.wait(owner.card["email"], "cancellation")) >= 1
        visits.close()
        await mailbox.close()


async def _answers(api: Api, path: str, status: int) -> bool:
    try:
        return (await api.http.get(path)).status_code == status
    except httpx.TransportError:
        return False


async def _keyed(api: Api, method: str, path: str, card: Json, key: str, body: Json) -> httpx.Response:
    return await api.ask(method, path, card, json=body, headers={"Idempotency-Key": key})


async def _is_done(ask: partial, status: int) -> bool:
    """It is, or is not possible yet; nothing else."""
    answer = await ask()
    assert answer.status_code in (status, 503, 504), answer.text
    return bool(answer.status_code == status)


async def _say(stack: Stack, parts: Iterable[str], words: str) -> bool:
    logs = await asyncio.gather(*(asyncio.to_thread(stack.folder.log(part).read_text) for part in parts))
    return all(words in log for log in logs)


async def _all_are_ok(api: Api) -> bool:
    answer = await api.http.get("/health/ready")
    return answer.status_code == 200 and {each["state"] for each in answer.json()["states"].values()} == {"ok"}
