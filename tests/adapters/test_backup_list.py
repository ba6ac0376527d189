"""The list of backups, from the notes that lie in the folder."""

import json
from pathlib import Path

from adapters.backup.archive import Archive
from adapters.backup.catalogue import Catalogue
from adapters.pages import Slice
from domain.backups import EVERYTHING, BackupStatus, Store


def name(day: int) -> str:
    return f"backup-202611{day:02}T101010Z-0a0b0c0d"


def noted(folder: Path, *days: int) -> Catalogue:
    archive = Archive(folder)
    for day in days:
        archive.note(name(day), state=BackupStatus.FAILED, stores=[str(store) for store in reversed(EVERYTHING)])
    return Catalogue(folder)


def test_backups_are_read_part_by_part_while_others_are_made_and_deleted(tmp_path: Path):
    backups = noted(tmp_path, 1, 2, 3)
    rows, total, last = backups.page(None, Slice(3))
    assert [(row["backup_name"], row["backup_type"]) for row in rows] == [
        (name(3), "postgresql"),
        (name(3), "mongodb"),
        (name(2), "postgresql"),
    ]
    assert (total, json.loads(last or "")) == (6, [name(2), "postgresql"])
    noted(tmp_path, 4)
    backups.delete(name(3), EVERYTHING)
    rows, total, last = backups.page(None, Slice(10, after=(name(2), Store.POSTGRESQL)))
    assert [(row["backup_name"], row["backup_type"]) for row in rows] == [
        (name(2), "mongodb"),
        (name(1), "postgresql"),
        (name(1), "mongodb"),
    ]
    assert (total, last) == (6, None)


def test_those_of_one_store_are_a_list_of_their_own(tmp_path: Path):
    backups = noted(tmp_path, 1, 2)
    rows, total, last = backups.page(Store.MONGODB, Slice(1))
    assert ([row["backup_name"] for row in rows], total) == ([name(2)], 2)
    assert json.loads(last or "") == [name(2), "mongodb"]
    rows, _, last = backups.page(Store.MONGODB, Slice(1, after=(name(2), Store.MONGODB)))
    assert ([row["backup_name"] for row in rows], last) == ([name(1)], None)


class DeletedMeanwhile(Archive):
    """Somebody deletes a backup after its manifest was read and before its files are looked at."""

    def is_intact(self, name: str, store: Store) -> bool:
        self.remove(name, EVERYTHING)
        return super().is_intact(name, store)


def test_a_backup_that_is_deleted_while_the_list_is_read_is_left_out_of_it(tmp_path: Path):
    backups, archive = noted(tmp_path, 1), DeletedMeanwhile(tmp_path)
    with archive.draft(name(2)) as folder:
        (folder / "postgresql.dump").write_bytes(b"rows")
        archive.describe(folder, {"created_at": "2026-11-02T10:10:10+00:00", "tables": {}})
    backups._archive = archive
    rows, _, _ = backups.page(Store.POSTGRESQL, Slice(10))
    assert [row["backup_name"] for row in rows] == [name(1)]
