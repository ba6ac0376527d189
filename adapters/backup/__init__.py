"""Backups of both stores: made whole, kept on a shelf, restored all or nothing."""

from dataclasses import dataclass

from adapters.backup.documents import DocumentBackup
from adapters.backup.exchange import Exchange
from adapters.backup.programs import Programs
from adapters.backup.restorer import Restorer
from adapters.backup.shelf import Shelf
from adapters.backup.staging import Migrate, Staging
from adapters.backup.vault import Vault
from adapters.resources import Resources

__all__ = ["BackupParts", "Restorer", "Shelf", "Vault"]


@dataclass(frozen=True)
class BackupParts:
    """What the worker needs to make backups and to restore them."""

    vault: Vault
    restorer: Restorer

    @classmethod
    def of(cls, resources: Resources, migrate: Migrate) -> "BackupParts":
        """Put together; ``migrate`` brings a database to the schema of this release."""
        kept, url = resources.settings.backups, resources.settings.stores.postgresql_url
        shelf, programs = Shelf(kept.backup_dir), Programs(url, kept.pg_bin)
        documents = DocumentBackup(resources.documents.database)
        vault = Vault(shelf, programs, documents, url, most_bytes=kept.most_bytes, kept_for=kept.kept_for)
        return cls(vault, Restorer(shelf, Staging(url, programs, migrate), Exchange(url), documents))
