"""A stack for tests after which the shared one could not be used: they rewind its rows and delete what they find."""

from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.api.fuzzing import UNGUARDED
from tests.conftest import SHORT

PATIENT = {"POSTGRESQL_LOCK_TIMEOUT": "9s"}
"""On a busy machine a restore holds all tables for longer than the usual four seconds."""


@pytest.fixture(scope="package")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One for all of them. They come one after the other: the backups are done before Schemathesis begins.

    It has one kind, so a fourth of it is not started; backups of several are tried in test_backup_schemas.py."""
    env = {**SHORT, **UNGUARDED, **PATIENT, "MAX_BACKUP_SIZE_MB": "2", "REVCARE_KINDS": "kinds.vehicle_service"}
    with Stack(tmp_path_factory.mktemp("own"), env=env, discard=True) as stack:
        yield stack
