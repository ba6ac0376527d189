"""A migrated database, as the adapters' tests have it."""

from tests.adapters.conftest import migrated_postgres, postgres

__all__ = ["migrated_postgres", "postgres"]
