"""The metadata of the tables of local services, and the schema in which they stand."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from adapters.postgres.tables.base import NAMES, TYPES

SCHEMA = "local"


class TablesBase(DeclarativeBase):
    """The tables of the kind; they refer to the engine's and to people by their columns."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = TYPES
