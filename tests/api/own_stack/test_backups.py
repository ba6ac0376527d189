"""Backups and restores on a stack of their own: a restore would rewind what other tests rely on."""

import hashlib
import json
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from devstack.stack import Stack
from tests.api.backups import Backups
from tests.api.concurrent import SECOND, Api, Json, bearer, is_refusal
from tests.api.own_stack.departures import Gone, has_booked, stays_away
from tests.api.second_factors import Holder, holder, login_with
from tests.api.visits import Visits
from tests.rows import connect
from tests.workflows.servers import connected


@pytest.fixture(scope="module")
async def backups(own: Stack) -> AsyncIterator[Backups]:
    async with Api(own.info) as api:
        visits = Visits(own)
        yield Backups(own, api, visits)
        visits.close()


@pytest.fixture(scope="module")
async def kept(backups: Backups) -> str:
    """A backup that nobody may touch."""
    return await backups.backed_up()


async def test_a_backup_is_listed_with_size_checksum_and_counts(backups: Backups, kept: str):
    rows, documents = [row for row in await backups.listed() if row["backup_name"] == kept]
    assert (rows["backup_type"], documents["backup_type"]) == ("postgresql", "mongodb")
    for row, file in ((rows, "postgresql.dump"), (documents, "mongodb.jsonl.gz")):
        content = (backups.folder / kept / file).read_bytes()
        assert (row["size"], row["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert (row["state"], row["integrity"], row["asked_by"]) == ("complete", "intact", backups.admin["id"])
        assert re.fullmatch(SECOND, row["created_at"])
    assert rows["metadata"]["tables"]["users"] == await backups.api.rows.fetchval("SELECT count(*) FROM users")
    assert documents["metadata"]["collections"]["gst"] >= 1
    only = await backups.ask("GET", "/backup/list", params={"backup_type": "mongodb"})
    assert {row["backup_type"] for row in only.json()} == {"mongodb"}


@dataclass(frozen=True)
class Since:
    """What happened after a backup, and the restore that followed."""

    title: str
    percent: str
    people: int
    """As they were when it was made."""
    made: int
    newcomer: Json
    idle: Json
    """Came as well, but has not booked."""
    gone: Gone
    sessions: dict[str, str]
    bookings: dict[int, Json]
    used: tuple[list[Any], list[Any]]
    """The slots that were taken just before the restore and just after it."""
    admin: Holder
    statuses: list[int]
    """Of those who read all the time."""
    asked: Json
    done: Json


@pytest.fixture(scope="module")
async def since(backups: Backups, tmp_path_factory: pytest.TempPathFactory) -> Since:
    """The backup left the machine, a booking moved, somebody came and booked, others came and left, one of two sessions
    was ended, rows and documents were wrecked. A restore takes six seconds of the processor: one is enough for all."""
    api, card = backups.api, backups.api.card("C")
    title, percent = await backups.title(1), await backups.percent()
    owner, moved = backups.visits.booked()
    sessions = {"ended": await api.log_in(card), "alive": await api.log_in(card)}
    admin, gone = await holder(api), await has_booked(backups)
    await api.rows.execute("INSERT INTO settlements VALUES ('setl_before', 1, 0, 0, 'utr', '2026-06-10')")
    people = await api.rows.fetchval("SELECT count(*) FROM users")
    copy = tmp_path_factory.mktemp("left") / "copy"
    name, key = await backups.left(copy)
    await api.rows.execute("INSERT INTO book_closings VALUES (1, '2026-06', '2026-06-01', '2026-07-01', 'UTC', 1)")
    assert (await login_with(api, admin.card, admin.recovery_codes[0])).status_code == 200
    assert (await api.ask("DELETE", f"/customers/{gone.card['id']}", gone.card)).status_code == 200
    backups.visits.shop.assign(moved, "pickup")
    await api.ask("POST", "/auth/logout", headers=bearer(sessions["ended"]))
    newcomer = await api.newcomer()
    car = {"registration_number": "MH12BK0001", "car_model_id": owner.cars()[0]["car_model_id"]}
    car_id = (await api.ask("POST", "/car/", newcomer, json=car)).json()["id"]
    wish = backups.visits.wish(car_id, pickup_type="walk_in")
    made = (await api.ask("POST", "/bookings/", newcomer, json=wish)).json()
    idle = await api.newcomer()
    bookings = {each: (await backups.ask("GET", f"/bookings/{each}")).json() for each in (moved["id"], made["id"])}
    before = await api.rows.fetch(_USED)
    await api.rows.execute("UPDATE services SET description = 'wrecked', title = 'wrecked ' || id")
    await api.rows.execute("DELETE FROM price_chart")
    await api.rows.execute("INSERT INTO pauses (what) VALUES ('payments')")
    await backups.ask("PUT", "/gst/", params={"percent": "3"})
    assert await backups.back(copy, key) == name
    async with backups.busy() as statuses:
        asked, done = await backups.restored(postgresql_backup=name, mongodb_backup=name)
    assert done["status"] == "complete", done
    used = (before, await api.rows.fetch(_USED))
    return Since(
        title, percent, people, made["id"], newcomer, idle, gone, sessions, bookings, used, admin, statuses, asked, done
    )


_USED = "SELECT * FROM slot_usage WHERE used > 0 ORDER BY 1, 2"


async def test_a_copy_that_left_the_machine_is_restored_while_the_api_goes_on(backups: Backups, since: Since):
    # Whoever reads meanwhile waits, nobody is turned away.
    assert (set(since.statuses), len(since.statuses) > 10) == ({200}, True)
    assert (await backups.title(1), await backups.percent()) == (since.title, since.percent)
    assert await backups.api.rows.fetchval("SELECT count(*) FROM price_chart") > 0
    assert await backups.api.rows.fetchval("DELETE FROM pauses RETURNING what") == "payments"  # that of now stands
    # And the newcomer who has booked.
    assert since.done["verified"]["tables"]["users"] == since.people + 1
    idle = since.idle
    gone = await backups.api.http.post("/api/v1/auth/login", data={"username": idle["phone"], "password": "x"})
    assert gone.status_code == 401
    assert (await backups.api.newcomer())["id"] > idle["id"]  # a number that was given is not given again
    owner, booking = backups.visits.booked()
    assert owner.booking(booking["id"])["status"] == "booked"
    kept = [row for row in await backups.listed() if row["backup_name"] == since.done["kept_before"]]
    assert [row["state"] for row in kept] == ["complete", "complete"]
    assert kept[0]["reason"] == f"before {since.asked['restore_name']}"
    assert await backups.traces() == []


async def test_bookings_that_moved_on_since_the_backup_stay_and_go_on(backups: Backups, since: Since):
    assert since.asked["bookings_since"] == {"made": 1, "moved": 1}
    assert "stay as they are" in since.asked["detail"]
    assert since.done["bookings"] == {"ahead": 2, "ids": sorted(since.bookings), "fate": "kept"}
    assert await backups.api.rows.fetchval("SELECT count(*) FROM services WHERE description = 'wrecked'") == 0
    for number, shown in since.bookings.items():
        assert (await backups.ask("GET", f"/bookings/{number}")).json() == shown
    before, after = since.used
    assert after == before
    assert await backups.api.log_in(since.newcomer)
    cancelled = await backups.api.ask("PUT", f"/bookings/{since.made}/cancel", since.newcomer, json={})
    assert cancelled.json()["status"] == "cancelled"
    timeline = (await backups.ask("GET", f"/bookings/{since.made}/timeline")).json()
    assert [entry["version"] for entry in timeline] == [1, 2]


async def test_a_month_that_was_closed_since_the_backup_stays_closed_with_what_is_in_it(backups: Backups, since: Since):
    assert await backups.api.rows.fetchval("SELECT settlement_id FROM settlements, book_closings") == "setl_before"
    with pytest.raises(asyncpg.RaiseError, match="the books of 2026-06 are closed"):
        await backups.api.rows.execute("UPDATE settlements SET amount = 2")


async def test_a_restore_revives_no_session_that_was_ended(backups: Backups, since: Since):
    assert since.done["status"] == "complete"
    tokens = since.sessions.items()
    answers = {who: await backups.api.ask("GET", "/auth/me", headers=bearer(token)) for who, token in tokens}
    assert {who: answer.status_code for who, answer in answers.items()} == {"ended": 401, "alive": 200}


async def test_a_restore_makes_no_code_of_a_second_factor_good_again(backups: Backups, since: Since):
    used, unused = since.admin.recovery_codes[:2]
    assert (await login_with(backups.api, since.admin.card, used)).status_code == 401
    assert (await login_with(backups.api, since.admin.card, unused)).status_code == 200


async def test_who_left_since_the_backup_stays_away_after_its_restore(backups: Backups, since: Since):
    await stays_away(backups, since.gone)


@pytest.mark.long
async def test_who_left_since_the_backup_stays_away_after_a_restore_of_its_documents(backups: Backups):
    gone = await has_booked(backups)
    name = await backups.backed_up()
    assert (await backups.api.ask("DELETE", f"/customers/{gone.card['id']}", gone.card)).status_code == 200
    _, done = await backups.restored(mongodb_backup=name)
    assert done["status"] == "complete", done
    await stays_away(backups, gone)


async def test_an_archive_that_was_touched_is_seen_and_refused(backups: Backups):
    name = await backups.backed_up()
    _damage(backups.folder / name / "postgresql.dump")
    integrity = {row["backup_type"]: row["integrity"] for row in await backups.listed() if row["backup_name"] == name}
    assert integrity == {"postgresql": "damaged", "mongodb": "intact"}
    refused = await backups.ask("POST", "/backup/restore", params={"postgresql_backup": name})
    assert (is_refusal(refused, 409), refused.json()["code"]) == ("", "DamagedBackup")


@pytest.mark.parametrize("file", ["postgresql.dump", pytest.param("mongodb.jsonl.gz", marks=pytest.mark.long)])
async def test_an_archive_that_cannot_be_read_leaves_everything_as_it_was(backups: Backups, file: str):
    """Also when its manifest was made to fit: the content is tried before anything is touched."""
    name = await backups.backed_up()
    path, manifest = backups.folder / name / file, backups.folder / name / "backup.json"
    _damage(path)
    content = json.loads(manifest.read_text())
    store = "postgresql" if file.endswith("dump") else "mongodb"
    content["parts"][store] |= {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    manifest.write_text(json.dumps(content))
    rows, percent = await backups.api.settled(), await backups.percent()

    _, done = await backups.restored(postgresql_backup=name, mongodb_backup=name)

    assert (done["status"], done["verified"]) == ("failed", None)
    assert "archive" in done["error"] or "backed up" in done["error"]
    now = await backups.api.written()
    assert {table for table in rows | now if rows.get(table) != now.get(table)} == set()
    assert await backups.percent() == percent
    assert await backups.traces() == []


async def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_finishes_and_bookings_can_be_rewound_too(
    backups: Backups,
):
    name = await backups.backed_up()
    before = await backups.title(2)
    owner, lost = backups.visits.booked()
    await backups.api.rows.execute("UPDATE services SET title = 'wrecked' WHERE id = 2")
    busy: asyncpg.Connection[Any] = await connect(backups.stack.info["postgres"])
    async with busy.transaction():
        await busy.execute("LOCK TABLE users IN ROW SHARE MODE")  # as a request under way: the switch has to wait
        both = {"postgresql_backup": name, "mongodb_backup": name, "keep_bookings": "false"}
        asked = await backups.ask("POST", "/backup/restore", params=both)

        async def switches() -> bool:
            return bool((await backups.ask("GET", asked.json()["url"])).json()["step"] == "switching")

        await backups.eventually(switches)
        assert is_refusal(await backups.ask("POST", "/backup/restore", params={"mongodb_backup": name}), 409) == ""
        dead = backups.stack.kill("activities")
        assert await backups.title(2) == "wrecked"
    await busy.close()
    backups.stack.wait_ready("activities", instead_of=dead)
    done = await backups.ended(asked.json()["url"])
    assert (done["status"], await backups.title(2)) == ("complete", before)
    assert await backups.traces() == []
    assert "lost" in asked.json()["detail"]
    assert (done["bookings"]["ids"], done["bookings"]["fate"]) == ([lost["id"]], "rewound")
    assert (await backups.api.ask("GET", f"/bookings/{lost['id']}", owner.card)).status_code == 404
    _, after = backups.visits.booked()
    assert after["id"] > lost["id"]  # a number that was given is not given again


async def test_the_clock_makes_a_backup_of_everything_and_throws_old_ones_away(backups: Backups):
    old = "backup-20200101T020304Z-0a1b2c3d"
    some = next(row["backup_name"] for row in await backups.listed() if row["state"] == "complete")
    shutil.copytree(backups.folder / some, backups.folder / old)
    assert old in {row["backup_name"] for row in await backups.listed()}
    client = await connected(backups.stack.info["temporal"])
    schedule = client.get_schedule_handle("daily-backup")
    spec = (await schedule.describe()).schedule.spec
    assert (spec.calendars[0].hour[0].start, spec.time_zone_name) == (4, "Asia/Kolkata")
    await schedule.trigger()

    async def done() -> bool:
        rows = await backups.listed()
        daily = {row["backup_type"] for row in rows if (row["reason"], row["state"]) == ("daily", "complete")}
        return daily == {"postgresql", "mongodb"} and old not in {row["backup_name"] for row in rows}

    await backups.eventually(done)


async def test_a_backup_that_grows_too_large_fails_and_leaves_nothing(backups: Backups):
    """Random bytes cannot be compressed; the stack's limit is 2 MB."""
    await backups.api.rows.execute(
        "INSERT INTO webhook_inbox (body_sha256, event, body, state) "
        "SELECT 'large', 'x', string_agg(sha256(n::text::bytea), ''), 'delivered' FROM generate_series(1, 100000) AS n"
    )
    asked = (await backups.ask("POST", "/backup/create", params={"backup_type": "postgresql"})).json()
    shown = await backups.ended(asked["url"])
    await backups.api.rows.execute("DELETE FROM webhook_inbox WHERE body_sha256 = 'large'")
    assert (shown["status"], "MAX_BACKUP_SIZE_MB" in shown["error"]) == ("failed", True)
    assert [path.name for path in backups.folder.glob(f"*{asked['backup_name']}*")] == []
    (row,) = [row for row in await backups.listed() if row["backup_name"] == asked["backup_name"]]
    assert (row["state"], row["size"], row["integrity"]) == ("failed", None, None)
    assert (
        is_refusal(await backups.ask("POST", "/backup/restore", params={"postgresql_backup": row["backup_name"]})) == ""
    )
    assert (await backups.ask("DELETE", f"/backup/delete/{row['backup_name']}")).status_code == 200
    assert row["backup_name"] not in {each["backup_name"] for each in await backups.listed()}


async def test_a_backup_is_deleted_whole_or_in_part(backups: Backups):
    name = await backups.backed_up()
    half = await backups.ask("DELETE", f"/backup/delete/{name}", params={"backup_type": "mongodb"})
    assert half.json() == {"message": f"{name} was deleted: mongodb"}
    assert [row["backup_type"] for row in await backups.listed() if row["backup_name"] == name] == ["postgresql"]
    assert is_refusal(await backups.ask("POST", "/backup/restore", params={"mongodb_backup": name}), 404) == ""
    assert (await backups.ask("DELETE", f"/backup/delete/{name}")).status_code == 200
    assert not (backups.folder / name).exists()
    for method, path in (("DELETE", f"/backup/delete/{name}"), ("GET", f"/backup/{name}")):
        assert is_refusal(await backups.ask(method, path), 404) == ""


@pytest.mark.parametrize("name", ["..", "../api", "..%2F..%2Fetc", "notes", ".making-x", "backup-x", "a%00b", "x" * 50])
async def test_a_name_that_is_not_ours_is_no_backup(backups: Backups, kept: str, name: str):
    asked = [("DELETE", f"/backup/delete/{name}", {}), ("GET", f"/backup/{name}", {})]
    asked += [("POST", "/backup/restore", {"postgresql_backup": name}), ("POST", "/backup/restore", {})]
    for method, path, params in asked:
        assert is_refusal(await backups.ask(method, path, params=params), 400, 404, 405) == ""
    assert (backups.folder / kept / "backup.json").exists()


@pytest.mark.parametrize("what", ["mysql", "", 5, None, ["both"], {"$gt": ""}])
async def test_there_is_nothing_else_to_back_up(backups: Backups, what: Any):
    before = len(await backups.listed())
    assert is_refusal(await backups.ask("POST", "/backup/create", json={"backup_type": what}), 422) == ""
    assert is_refusal(await backups.ask("POST", "/backup/create", json=[what]), 422) == ""
    assert len(await backups.listed()) == before


async def test_no_password_is_written_anywhere(backups: Backups):
    """Last: the logs, notes, manifests and histories of all that was done above."""
    password = json.loads((backups.stack.folder.path / "secrets.json").read_text())["postgres"]
    files = [*backups.stack.folder.logs.glob("*.log"), *backups.folder.rglob("*.json"), *backups.folder.rglob("*.gz")]
    assert [path.name for path in files if password.encode() in path.read_bytes()] == []
    client = await connected(backups.stack.info["temporal"])
    kinds = "WorkflowType IN ('BackupWorkflow', 'RestoreWorkflow')"
    histories = [
        (await client.get_workflow_handle(each.id, run_id=each.run_id).fetch_history()).to_json()
        async for each in client.list_workflows(kinds)
    ]
    assert len(histories) > 5
    assert not any(password in history for history in histories)
    assert {path.stat().st_mode & 0o077 for path in backups.folder.rglob("*")} == {0}


def _damage(path: Path) -> None:
    """Other bytes where the rows are: at the end, behind the statements that make and remove their tables, of which a
    restore does not need all. The size stays."""
    content = bytearray(path.read_bytes())
    at = max(len(content) - 4000, len(content) // 2)
    content[at : at + 64] = bytes(each ^ 0xFF for each in content[at : at + 64])
    path.write_bytes(content)
