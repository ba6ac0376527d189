"""Backups of both stores: created whole, kept in an archive folder, restored all or nothing."""

from dataclasses import dataclass

from adapters.backup.archive import Archive
from adapters.backup.creator import Creator
from adapters.backup.documents import DocumentBackup
from adapters.backup.programs import Programs
from adapters.backup.restorer import Restorer
from adapters.backup.staging import Migrate, Staging
from adapters.backup.switch import Switch
from adapters.resources import Resources

__all__ = ["Archive", "BackupParts", "Creator", "Restorer"]


@dataclass(frozen=True)
class BackupParts:
    """What the worker needs to make backups and to restore them."""

    creator: Creator
    restorer: Restorer

    @classmethod
    def of(cls, resources: Resources, migrate: Migrate) -> "BackupParts":
        """Put together; ``migrate`` brings a database to the schema of this release."""
        kept, url = resources.settings.backups, resources.settings.stores.postgresql_url
        archive, programs = Archive(kept.backup_dir), Programs(url, kept.pg_bin)
        documents = DocumentBackup(resources.documents.database)
        creator = Creator(archive, programs, documents, url, most_bytes=kept.most_bytes, kept_for=kept.kept_for)
        return cls(creator, Restorer(archive, Staging(url, programs, migrate), Switch(url), documents))
