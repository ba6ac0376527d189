"""Mapped classes of local services. Importing this package adds them to the metadata."""

from importlib import import_module
from pkgutil import iter_modules

from kinds.local_services.postgres.tables.base import SCHEMA, TablesBase

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["SCHEMA", "TablesBase"]
