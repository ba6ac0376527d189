"""Local services, as the tests of their people serve them."""

from kinds.local_services.api import API as PEOPLE_API
from kinds.local_services.postgres.storage import STORAGE

__all__ = ["PEOPLE_API", "STORAGE"]
