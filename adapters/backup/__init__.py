"""Backups of both stores: created whole, kept in an archive folder, restored all or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.backup.archive import Archive
from adapters.backup.creator import Creator
from adapters.backup.mongodb import MongoBackup
from adapters.backup.programs import Programs
from adapters.backup.restorer import Restorer
from adapters.backup.staging import Migrations, Staging
from adapters.backup.switch import Switch
from adapters.resources import Resources

__all__ = ["Archive", "BackupParts", "Creator", "Migrations", "Restorer"]


@dataclass(frozen=True)
class BackupParts:
    """What the worker needs to make backups and to restore them."""

    creator: Creator
    restorer: Restorer

    @classmethod
    def of(cls, resources: Resources, migrations: Migrations, databases: Mapping[str, str]) -> "BackupParts":
        """Put together; ``databases`` are those in MongoDB, by the schema of the kind whose it is."""
        kept, url = resources.settings.backups, resources.settings.stores.postgresql_url
        archive, programs = Archive(kept.backup_dir), Programs(url, kept.pg_bin)
        default = resources.settings.stores.mongodb_db
        others = {schema: resources.mongo.named(name) for schema, name in databases.items() if name != default}
        documents = MongoBackup(resources.mongo.database, others)
        creator = Creator(
            archive, programs, documents, url, migrations, most_bytes=kept.most_bytes, kept_for=kept.kept_for
        )
        return cls(
            creator, Restorer(archive, Staging(url, programs, migrations), Switch(url, migrations.schemas), documents)
        )
