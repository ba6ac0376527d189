"""Which storages can stand side by side in one database."""

from dataclasses import replace

import pytest
from sqlalchemy import MetaData, Table

from domain.billing.document_terms import Series
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


@pytest.mark.parametrize("reader", [streams, schemas])
@pytest.mark.parametrize(
    ("series", "refused"),
    [
        ({"": Series("RC", "TCN")}, r"invoices of the shop \(table_reservation\) and .* \(vehicle_service\) .* RC:"),
        ({"": Series("TI", "CN")}, r"credit notes of the shop .* and credit notes of the shop .* one prefix, CN:"),
        ({"north": Series("T", "CT"), "south": Series("T", "CS")}, "invoices of south .* and invoices of north .* T:"),
        ({"north": Series("T", "T")}, "credit notes of north .* and invoices of north .* one prefix, T:"),
    ],
)
def test_no_two_series_of_documents_have_one_prefix(reader, series: dict[str, Series], refused: str):
    with pytest.raises(ValueError, match=refused):
        reader([VEHICLES, replace(TABLES, kind=replace(TABLES.kind, series=series))])


@pytest.mark.parametrize("prefix", ["", "RC-1", "rc", "TABLE"])
def test_a_number_of_a_document_stays_within_sixteen_capitals_and_digits(prefix: str):
    with pytest.raises(ValueError, match="one to four capitals or digits"):
        Series(prefix, "CN")
