"""Where backups are kept, and for how long."""

import base64
import binascii
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator

from setting_types import Duration, Group

DAY = timedelta(days=1)
KEY_BYTES = 32
"""How long the key is with which copies of backups are encrypted."""


class Backups(Group):
    """Where backups are kept, for how long, how large one may be, and the programs that make them.

    ``min_backup_age_days``: no backup that is younger is deleted by the API, whoever asks; production has at least 1.
    ``backup_key``: 32 bytes as base64, with which copies that leave the machine are encrypted.
    """

    backup_dir: Path = Path("backups")
    max_backup_size_mb: Annotated[int, Field(ge=1)] = 500
    max_backup_age_days: Annotated[int, Field(ge=1)] = 30
    min_backup_age_days: Annotated[int, Field(ge=0, le=365)] = 7
    backup_key: Annotated[SecretStr | None, Field(validation_alias="REVCARE_BACKUP_KEY")] = None
    auto_delete_old_backups: bool = True
    every: Annotated[Duration, Field(validation_alias="REVCARE_BACKUP_EVERY", ge=timedelta(minutes=1))] = DAY
    pg_bin: Annotated[Path | None, Field(validation_alias="REVCARE_PG_BIN")] = None

    @field_validator("backup_key")
    @classmethod
    def _must_be_a_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(_decoded(key.get_secret_value())) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, as base64")
        return key

    @property
    def key_of_copies(self) -> bytes | None:
        """The key of copies, if there is one."""
        return None if self.backup_key is None else _decoded(self.backup_key.get_secret_value())

    @property
    def most_bytes(self) -> int:
        """How large one backup may be."""
        return self.max_backup_size_mb * 1_000_000

    @property
    def kept_at_least(self) -> timedelta:
        """How old a backup has to be before the API deletes it."""
        return timedelta(days=self.min_backup_age_days)

    @property
    def kept_for(self) -> timedelta | None:
        """How old a backup may become; None when they are kept for ever."""
        return timedelta(days=self.max_backup_age_days) if self.auto_delete_old_backups else None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
