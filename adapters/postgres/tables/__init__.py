"""Mapped classes without behaviour: the engine's tables, and the people that each kind has.

Importing this package makes the metadata of ``Base`` and of ``PeopleBase`` complete.
"""

from importlib import import_module
from pkgutil import walk_packages

from adapters.postgres.tables.base import Base, PeopleBase

for _module in walk_packages(__path__, f"{__name__}."):
    import_module(_module.name)

__all__ = ["Base", "PeopleBase"]
