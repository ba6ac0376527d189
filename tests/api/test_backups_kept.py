"""Backups that are too young to be deleted, whoever asks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import orjson
import pytest

from adapters.backup.archive import Archive
from adapters.postgres.database import Database
from domain.backups import BackupStatus, named
from tests.api.concurrent import PREFIX, Api, bearer, is_refusal
from tests.api.conftest import Otherwise
from tests.api.test_login import session


class Kept:
    """Backups of some age in a folder, and the API that keeps them there."""

    def __init__(self, folder: Path, http: httpx.AsyncClient, access: str) -> None:
        self.folder, self._http, self._access = folder, http, access

    def made(self, age: timedelta) -> str:
        moment = datetime.now(UTC) - age
        name = named("backup", moment, f"{len(list(self.folder.glob('backup-*'))):08x}")
        (self.folder / name).mkdir()
        parts = {"postgresql": {"size": 1, "sha256": "", "modified": 0}, "mongodb": {"size": 1, "sha256": ""}}
        manifest = {"name": name, "created_at": moment.isoformat(timespec="milliseconds"), "parts": parts}
        (self.folder / name / "backup.json").write_bytes(orjson.dumps(manifest))
        return name

    async def deleted(self, name: str, backup_type: str = "both") -> httpx.Response:
        path, params = f"{PREFIX}/backup/delete/{name}", {"backup_type": backup_type}
        return await self._http.request("DELETE", path, params=params, headers=bearer(self._access))


@pytest.fixture
async def kept(api: Api, inside: tuple[httpx.AsyncClient, Database], otherwise: Otherwise, tmp_path: Path) -> Kept:
    otherwise("backups", backup_dir=tmp_path, min_backup_age_days=7)
    access, _ = await session(api, api.card("A"))
    return Kept(tmp_path, inside[0], access)


async def test_a_backup_is_not_deleted_before_it_is_seven_days_old(kept: Kept):
    young, old = kept.made(timedelta(days=6, hours=23)), kept.made(timedelta(days=7, minutes=1))
    for part in ("both", "postgresql", "mongodb"):
        refused = await kept.deleted(young, part)
        assert is_refusal(refused, 409) == ""
        assert "before it is 7 days old" in refused.json()["detail"]
    manifest = orjson.loads((kept.folder / young / "backup.json").read_bytes())
    assert set(manifest["parts"]) == {"postgresql", "mongodb"}
    assert (await kept.deleted(old)).status_code == 200
    assert not (kept.folder / old).exists()


async def test_one_that_failed_is_deleted_at_any_age(kept: Kept):
    name = named("backup", datetime.now(UTC), "0badc0de")
    Archive(kept.folder).note(name, state=BackupStatus.FAILED, stores=["postgresql"])
    assert (await kept.deleted(name)).status_code == 200
