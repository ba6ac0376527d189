"""The metadata of the vehicle service's own tables."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from adapters.postgres.tables.base import NAMES, TYPES


class Base(DeclarativeBase):
    """The tables of the kind; they refer to the engine's and to people by their columns."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = TYPES
