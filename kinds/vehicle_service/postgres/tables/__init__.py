"""Mapped classes of the vehicle service. Importing this package adds them to the metadata."""

from importlib import import_module
from pkgutil import iter_modules

from kinds.vehicle_service.postgres.tables.base import Base

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["Base"]
