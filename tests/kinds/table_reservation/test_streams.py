"""Which storages can stand side by side in one database."""

from dataclasses import replace

import pytest
from sqlalchemy import MetaData, Table

from kinds.vehicle_service.postgres.storage import STORAGE as VEHICLES
from migrations.schemas import schemas
from migrations.streams import streams
from tests.kinds.table_reservation.postgres.storage import STORAGE as TABLES


@pytest.mark.parametrize("reader", [streams, schemas])
@pytest.mark.parametrize("schema", ["public", VEHICLES.schema])
def test_a_schema_has_one_owner(reader, schema: str):
    with pytest.raises(ValueError, match=f"the schema {schema} is taken"):
        reader([VEHICLES, replace(TABLES, schema=schema)])


@pytest.mark.parametrize("reader", [streams, schemas])
@pytest.mark.parametrize("name", ["bookings", "users", "alembic_version", "people_version"])
def test_a_table_of_a_kind_does_not_hide_the_engines_or_the_peoples(reader, name: str):
    metadata = MetaData()
    Table(name, metadata)
    with pytest.raises(ValueError, match=f"tables of the schema tables have names of the engine's: {name}"):
        reader([VEHICLES, replace(TABLES, metadata=metadata)])
