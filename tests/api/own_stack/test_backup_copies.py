"""A copy of a backup that left the machine, brought back and restored."""

import asyncio
import shutil
from pathlib import Path

from pydantic import SecretStr

from backup_settings import Backups as BackupSettings
from devstack.stack import Stack
from operations.backups import export_backup, import_backup, new_key
from tests.api.backups import Backups
from tests.api.concurrent import Api
from tests.api.visits import Visits


async def test_a_copy_that_left_the_machine_is_restored_with_its_key(own: Stack, tmp_path: Path):
    async with Api(own.info) as api:
        visits = Visits(own)
        await restored_from_a_copy(Backups(own, api, visits), tmp_path)
        visits.close()


async def restored_from_a_copy(backups: Backups, tmp_path: Path) -> None:
    settings = BackupSettings(backup_dir=backups.folder, REVCARE_BACKUP_KEY=SecretStr(new_key()))
    name, title, percent = await backups.backed_up(), await backups.title(2), await backups.percent()
    await asyncio.to_thread(export_backup, settings, name, tmp_path / "copy")
    shutil.rmtree(backups.folder / name)
    await backups.api.rows.execute("UPDATE services SET title = 'Wrecked' WHERE id = 2")
    assert (await backups.ask("PUT", "/gst/", params={"percent": "28"})).status_code == 200
    assert await asyncio.to_thread(import_backup, settings, tmp_path / "copy") == name
    _, done = await backups.restored(postgresql_backup=name, mongodb_backup=name)
    assert done["status"] == "complete", done
    assert (await backups.title(2), await backups.percent()) == (title, percent)
