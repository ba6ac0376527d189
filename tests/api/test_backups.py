"""Backups and restores on a stack of their own: a restore would rewind what other tests rely on."""

import asyncio
import hashlib
import json
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from devstack.stack import Stack
from tests.api.asking import SECOND, Api, Json, is_refusal
from tests.api.visits import Visits
from tests.conftest import SHORT
from tests.workflows.servers import connected

PATIENCE = 60


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("own"), env={**SHORT, "MAX_BACKUP_SIZE_MB": "2"}, discard=True) as stack:
        yield stack


@pytest.fixture(scope="module")
async def shop(own: Stack) -> AsyncIterator["Shop"]:
    async with Api(own.info) as api:
        visits = Visits(own)
        yield Shop(own, api, visits)
        visits.close()


class Shop:
    """The stack as its admin sees it, and what lies behind it."""

    def __init__(self, stack: Stack, api: Api, visits: Visits) -> None:
        self.stack, self.api, self.visits = stack, api, visits
        self.admin = api.card("A")
        self.folder = Path(stack.folder.path / "backups")

    async def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        return await self.api.ask(method, path, self.admin, **content)

    async def ended(self, url: str) -> Json:
        """What became of a backup or a restore."""
        shown: Json = {}

        async def is_over() -> bool:
            shown.update((await self.ask("GET", url)).json())
            return shown["status"] not in ("queued", "running")

        await self.eventually(is_over)
        return shown

    async def eventually(self, so: Callable[[], Awaitable[bool]]) -> None:
        """Wait until it is so."""
        async with asyncio.timeout(PATIENCE):
            while not await so():  # noqa: ASYNC110 - other processes ring no bell
                await asyncio.sleep(0.1)

    async def backed_up(self, what: str = "both") -> str:
        """The name of a new backup."""
        asked = await self.ask("POST", "/backup/create", json={"backup_type": what})
        assert asked.status_code == 202, asked.text
        shown = await self.ended(asked.json()["url"])
        assert shown["status"] == "complete", shown
        return str(asked.json()["backup_name"])

    async def restored(self, **params: Any) -> tuple[Json, Json]:
        """What a restore answered, and what became of it."""
        asked = await self.ask("POST", "/backup/restore", params=params)
        assert asked.status_code == 202, asked.text
        return asked.json(), await self.ended(asked.json()["url"])

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[list[int]]:
        """People who look at services all the time; their answers' statuses."""
        statuses: list[int] = []

        async def look() -> None:
            while True:
                statuses.append((await self.api.ask("GET", "/services/2")).status_code)

        people = [asyncio.create_task(look()) for _ in range(3)]
        yield statuses
        for each in people:
            each.cancel()
        await asyncio.gather(*people, return_exceptions=True)

    async def listed(self) -> list[Json]:
        rows: list[Json] = (await self.ask("GET", "/backup/list", params={"limit": 100})).json()
        return rows

    async def title(self, service: int) -> str:
        return str((await self.api.ask("GET", f"/services/{service}")).json()["title"])

    async def percent(self) -> str:
        return str((await self.api.ask("GET", "/gst/")).json()["percent"])

    async def traces(self) -> list[str]:
        """What an unfinished restore would leave behind."""
        schemas = "SELECT nspname FROM pg_namespace WHERE nspname = 'restoring'"
        databases = "SELECT datname FROM pg_database WHERE datname LIKE 'revcare_restoring%'"
        rows = await self.api.rows.fetch(f"{schemas} UNION ALL {databases}")
        client: Any = AsyncIOMotorClient(self.stack.info["mongodb"])
        names = await client.get_default_database().list_collection_names()
        client.close()
        drafts = [path.name for path in self.folder.glob(".making-*")]
        return [row[0] for row in rows] + [name for name in names if name.startswith("restoring")] + drafts


async def test_a_backup_is_listed_with_size_checksum_and_counts(shop: Shop):
    name = await shop.backed_up()
    rows, documents = [row for row in await shop.listed() if row["backup_name"] == name]
    assert (rows["backup_type"], documents["backup_type"]) == ("postgresql", "mongodb")
    for row, file in ((rows, "postgresql.dump"), (documents, "mongodb.jsonl.gz")):
        content = (shop.folder / name / file).read_bytes()
        assert (row["size"], row["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert (row["state"], row["integrity"], row["asked_by"]) == ("complete", "intact", shop.admin["id"])
        assert re.fullmatch(SECOND, row["created_at"])
    assert rows["metadata"]["tables"]["users"] == await shop.api.rows.fetchval("SELECT count(*) FROM users")
    assert documents["metadata"]["collections"]["gst"] >= 1
    only = await shop.ask("GET", "/backup/list", params={"backup_type": "mongodb"})
    assert {row["backup_type"] for row in only.json()} == {"mongodb"}


async def test_a_restore_brings_rows_and_documents_back_and_the_api_goes_on_at_once(shop: Shop):
    before_service, before_percent = await shop.title(1), await shop.percent()
    people = await shop.api.rows.fetchval("SELECT count(*) FROM users")
    name = await shop.backed_up()
    await shop.api.rows.execute("UPDATE services SET title = 'wrecked' WHERE id = 1")
    await shop.api.rows.execute("DELETE FROM price_chart")
    await shop.ask("PUT", "/gst/", params={"percent": "3"})
    newcomer = await shop.api.newcomer()

    async with shop.busy() as statuses:
        asked, done = await shop.restored(postgresql_backup=name, mongodb_backup=name)

    assert done["status"] == "complete", done
    assert (set(statuses), len(statuses) > 10) == ({200}, True)  # whoever reads meanwhile waits, nobody is turned away
    assert (await shop.title(1), await shop.percent()) == (before_service, before_percent)
    assert await shop.api.rows.fetchval("SELECT count(*) FROM price_chart") > 0
    assert done["verified"]["tables"]["users"] == people
    gone = await shop.api.http.post("/api/v1/auth/login", data={"username": newcomer["phone"], "password": "x"})
    assert gone.status_code == 401
    assert (await shop.api.newcomer())["id"] > newcomer["id"]  # a number that was given is not given again
    owner, booking = shop.visits.booked()
    assert owner.booking(booking["id"])["status"] == "booked"
    kept = [row for row in await shop.listed() if row["backup_name"] == done["kept_before"]]
    assert [row["state"] for row in kept] == ["complete", "complete"]
    assert kept[0]["reason"] == f"before {asked['restore_name']}"
    assert await shop.traces() == []


async def test_bookings_that_moved_on_since_the_backup_stay_and_go_on(shop: Shop):
    owner, moved = shop.visits.booked()
    name = await shop.backed_up("postgresql")
    shop.visits.garage.assign(moved, "pickup")
    newcomer = await shop.api.newcomer()
    token = {"Authorization": f"Bearer {await shop.api.log_in(newcomer)}"}
    car = {"registration_number": "MH12BK0001", "car_model_id": owner.cars()[0]["car_model_id"]}
    car_id = (await shop.api.ask("POST", "/car/", headers=token, json=car)).json()["id"]
    made = (
        await shop.api.ask("POST", "/bookings/", headers=token, json=shop.visits.wish(car_id, pickup_type="walk_in"))
    ).json()
    before = {each: (await shop.ask("GET", f"/bookings/{each}")).json() for each in (moved["id"], made["id"])}
    used = await shop.api.rows.fetch("SELECT * FROM slot_usage WHERE used > 0 ORDER BY 1, 2")
    await shop.api.rows.execute("UPDATE services SET description = 'wrecked'")

    asked, done = await shop.restored(postgresql_backup=name)

    assert asked["bookings_since"] == {"made": 1, "moved": 1}
    assert "stay as they are" in asked["detail"]
    assert done["bookings"] == {"ahead": 2, "ids": sorted(before), "fate": "kept"}
    assert await shop.api.rows.fetchval("SELECT count(*) FROM services WHERE description = 'wrecked'") == 0
    for number, shown in before.items():
        assert (await shop.ask("GET", f"/bookings/{number}")).json() == shown
    assert await shop.api.rows.fetch("SELECT * FROM slot_usage WHERE used > 0 ORDER BY 1, 2") == used
    assert await shop.api.log_in(newcomer)
    cancelled = await shop.api.ask("PUT", f"/bookings/{made['id']}/cancel", headers=token, json={})
    assert cancelled.json()["status"] == "cancelled"
    timeline = (await shop.ask("GET", f"/bookings/{made['id']}/timeline")).json()
    assert [entry["version"] for entry in timeline] == [1, 2]


async def test_bookings_can_be_rewound_too_and_their_numbers_are_not_given_again(shop: Shop):
    name = await shop.backed_up("postgresql")
    owner, lost = shop.visits.booked()

    asked, done = await shop.restored(postgresql_backup=name, keep_bookings="false")

    assert "lost" in asked["detail"]
    assert (done["bookings"]["ids"], done["bookings"]["fate"]) == ([lost["id"]], "rewound")
    assert (await shop.api.ask("GET", f"/bookings/{lost['id']}", owner.card)).status_code == 404
    _, after = shop.visits.booked()
    assert after["id"] > lost["id"]


async def test_a_restore_revives_no_session_that_was_ended(shop: Shop):
    card = shop.api.card("C")
    ended, alive = await shop.api.log_in(card), await shop.api.log_in(card)
    name = await shop.backed_up("postgresql")
    await shop.api.ask("POST", "/auth/logout", headers={"Authorization": f"Bearer {ended}"})
    _, done = await shop.restored(postgresql_backup=name)
    assert done["status"] == "complete"
    tokens = {"ended": ended, "alive": alive}
    answers = {who: await shop.api.ask("GET", "/auth/me", headers=_bearer(token)) for who, token in tokens.items()}
    assert {who: answer.status_code for who, answer in answers.items()} == {"ended": 401, "alive": 200}


async def test_an_archive_that_was_touched_is_seen_and_refused(shop: Shop):
    name = await shop.backed_up()
    _spoil(shop.folder / name / "postgresql.dump")
    integrity = {row["backup_type"]: row["integrity"] for row in await shop.listed() if row["backup_name"] == name}
    assert integrity == {"postgresql": "damaged", "mongodb": "intact"}
    refused = await shop.ask("POST", "/backup/restore", params={"postgresql_backup": name})
    assert (is_refusal(refused, 409), refused.json()["code"]) == ("", "DamagedBackup")


@pytest.mark.parametrize("file", ["postgresql.dump", "mongodb.jsonl.gz"])
async def test_an_archive_that_cannot_be_read_leaves_everything_as_it_was(shop: Shop, file: str):
    """Also when its manifest was made to fit: the content is tried before anything is touched."""
    name = await shop.backed_up()
    path, manifest = shop.folder / name / file, shop.folder / name / "backup.json"
    _spoil(path)
    content = json.loads(manifest.read_text())
    store = "postgresql" if file.endswith("dump") else "mongodb"
    content["parts"][store] |= {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    manifest.write_text(json.dumps(content))
    rows, percent = await shop.api.settled(), await shop.percent()

    _, done = await shop.restored(postgresql_backup=name, mongodb_backup=name)

    assert (done["status"], done["verified"]) == ("failed", None)
    assert "archive" in done["error"] or "backed up" in done["error"]
    assert (await shop.api.written(), await shop.percent()) == (rows, percent)
    assert await shop.traces() == []


async def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_finishes(shop: Shop):
    name = await shop.backed_up()
    before = await shop.title(2)
    await shop.api.rows.execute("UPDATE services SET title = 'wrecked' WHERE id = 2")
    busy: asyncpg.Connection[Any] = await asyncpg.connect(shop.stack.info["postgres"])
    async with busy.transaction():
        await busy.execute("LOCK TABLE users IN ROW SHARE MODE")  # as a request under way: the switch has to wait
        asked = await shop.ask("POST", "/backup/restore", params={"postgresql_backup": name, "mongodb_backup": name})

        async def switches() -> bool:
            return bool((await shop.ask("GET", asked.json()["url"])).json()["step"] == "switching")

        await shop.eventually(switches)
        assert is_refusal(await shop.ask("POST", "/backup/restore", params={"mongodb_backup": name}), 409) == ""
        dead = shop.stack.kill("worker")
        assert await shop.title(2) == "wrecked"
    await busy.close()
    shop.stack.wait_ready("worker", instead_of=dead)
    done = await shop.ended(asked.json()["url"])
    assert (done["status"], await shop.title(2)) == ("complete", before)
    assert await shop.traces() == []


async def test_the_clock_makes_a_backup_of_everything_and_throws_old_ones_away(shop: Shop):
    old = "backup-20200101T020304Z-0a1b2c3d"
    some = next(row["backup_name"] for row in await shop.listed() if row["state"] == "complete")
    shutil.copytree(shop.folder / some, shop.folder / old)
    assert old in {row["backup_name"] for row in await shop.listed()}
    client = await connected(shop.stack.info["temporal"])
    schedule = client.get_schedule_handle("daily-backup")
    assert (await schedule.describe()).schedule.spec.intervals[0].every.days == 1
    await schedule.trigger()

    async def done() -> bool:
        rows = await shop.listed()
        daily = {row["backup_type"] for row in rows if (row["reason"], row["state"]) == ("daily", "complete")}
        return daily == {"postgresql", "mongodb"} and old not in {row["backup_name"] for row in rows}

    await shop.eventually(done)


async def test_a_backup_that_grows_too_large_fails_and_leaves_nothing(shop: Shop):
    """Random bytes cannot be compressed; the stack's limit is 2 MB."""
    await shop.api.rows.execute(
        "INSERT INTO webhook_inbox (body_sha256, event, body, state) "
        "SELECT 'large', 'x', string_agg(sha256(n::text::bytea), ''), 'delivered' FROM generate_series(1, 100000) AS n"
    )
    asked = (await shop.ask("POST", "/backup/create", params={"backup_type": "postgresql"})).json()
    shown = await shop.ended(asked["url"])
    await shop.api.rows.execute("DELETE FROM webhook_inbox WHERE body_sha256 = 'large'")
    assert (shown["status"], "MAX_BACKUP_SIZE_MB" in shown["error"]) == ("failed", True)
    assert [path.name for path in shop.folder.glob(f"*{asked['backup_name']}*")] == []
    (row,) = [row for row in await shop.listed() if row["backup_name"] == asked["backup_name"]]
    assert (row["state"], row["size"], row["integrity"]) == ("failed", None, None)
    assert is_refusal(await shop.ask("POST", "/backup/restore", params={"postgresql_backup": row["backup_name"]})) == ""
    assert (await shop.ask("DELETE", f"/backup/delete/{row['backup_name']}")).status_code == 200
    assert row["backup_name"] not in {each["backup_name"] for each in await shop.listed()}


async def test_a_backup_is_deleted_whole_or_in_part(shop: Shop):
    name = await shop.backed_up()
    half = await shop.ask("DELETE", f"/backup/delete/{name}", params={"backup_type": "mongodb"})
    assert half.json() == {"message": f"{name} was deleted: mongodb"}
    assert [row["backup_type"] for row in await shop.listed() if row["backup_name"] == name] == ["postgresql"]
    assert is_refusal(await shop.ask("POST", "/backup/restore", params={"mongodb_backup": name}), 404) == ""
    assert (await shop.ask("DELETE", f"/backup/delete/{name}")).status_code == 200
    assert not (shop.folder / name).exists()
    for method, path in (("DELETE", f"/backup/delete/{name}"), ("GET", f"/backup/{name}")):
        assert is_refusal(await shop.ask(method, path), 404) == ""


@pytest.mark.parametrize("name", ["..", "../api", "..%2F..%2Fetc", "notes", ".making-x", "backup-x", "a%00b", "x" * 50])
async def test_a_name_that_is_not_ours_is_no_backup(shop: Shop, name: str):
    kept = await shop.backed_up()
    asked = [("DELETE", f"/backup/delete/{name}", {}), ("GET", f"/backup/{name}", {})]
    asked += [("POST", "/backup/restore", {"postgresql_backup": name}), ("POST", "/backup/restore", {})]
    for method, path, params in asked:
        assert is_refusal(await shop.ask(method, path, params=params), 400, 404, 405) == ""
    assert (shop.folder / kept / "backup.json").exists()


@pytest.mark.parametrize("what", ["mysql", "", 5, None, ["both"], {"$gt": ""}])
async def test_there_is_nothing_else_to_back_up(shop: Shop, what: Any):
    before = len(await shop.listed())
    assert is_refusal(await shop.ask("POST", "/backup/create", json={"backup_type": what}), 422) == ""
    assert is_refusal(await shop.ask("POST", "/backup/create", json=[what]), 422) == ""
    assert len(await shop.listed()) == before


async def test_no_password_is_written_anywhere(shop: Shop):
    """Last: the logs, notes, manifests and histories of all that was done above."""
    password = json.loads((shop.stack.folder.path / "secrets.json").read_text())["postgres"]
    files = [*shop.stack.folder.logs.glob("*.log"), *shop.folder.rglob("*.json"), *shop.folder.rglob("*.gz")]
    assert [path.name for path in files if password.encode() in path.read_bytes()] == []
    client = await connected(shop.stack.info["temporal"])
    kinds = "WorkflowType IN ('BackupWorkflow', 'RestoreWorkflow')"
    histories = [
        (await client.get_workflow_handle(each.id, run_id=each.run_id).fetch_history()).to_json()
        async for each in client.list_workflows(kinds)
    ]
    assert len(histories) > 5
    assert not any(password in history for history in histories)
    assert {path.stat().st_mode & 0o077 for path in shop.folder.rglob("*")} == {0}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _spoil(path: Path) -> None:
    """Another byte in the middle; size stays."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(each ^ 0xFF for each in content[middle : middle + 64])
    path.write_bytes(content)
