"""One list says what is held of people: every table and column is in it, and what walks it knows no other."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import fields

import pytest
from sqlalchemy import ARRAY, Date, LargeBinary, MetaData, Table, Text, TextClause, text
from sqlalchemy.dialects.postgresql import JSONB

import kinds
from adapters.mongo.content import Content
from adapters.mongo.gst import GstRate
from adapters.mongo.personal_data import COLLECTIONS
from adapters.mongo.queries import Query
from adapters.personal_data import Held
from adapters.postgres.database import Database
from adapters.postgres.people.anonymisation import anonymise
from adapters.postgres.people.personal_data import PEOPLE
from adapters.postgres.personal_data import ENGINE, erase
from adapters.postgres.tables import Base, PeopleBase
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.roles import CUSTOMER
from kinds.vehicle_service.postgres.storage import STORAGE
from settings import Stores

_TELLING = (Text, JSONB, ARRAY, LargeBinary, Date)
DOCUMENTS = {"queries": Query, "content": Content, "gst": GstRate}


@pytest.fixture
async def people(postgres: str) -> AsyncIterator[Database]:
    database = Database(Stores(postgresql_url=postgres), STORAGE.schema)
    yield database
    await database.close()


def listed(held: Held) -> list[str]:
    return [*held.personal.split(), *held.plain.split()]


def may_tell(table: Table) -> set[str]:
    return {column.name for column in table.columns if isinstance(column.type, _TELLING)}


def unlisted(held: Mapping[str, Held], metadata: MetaData) -> list[str]:
    """The columns that could hold something of a person and are not in the list, and those listed that are none."""
    found = []
    for name, table in metadata.tables.items():
        said = listed(held.get(name, Held()))
        found += [f"{name}.{column} is not listed" for column in sorted(may_tell(table) - set(said))]
        found += [
            f"{name}.{column} is listed twice" for column in sorted({each for each in said if said.count(each) > 1})
        ]
        found += [
            f"{name} has no column {column}" for column in sorted(set(said) - {each.name for each in table.columns})
        ]
    return found


@pytest.mark.parametrize("package", kinds.SHIPPED)
def test_every_column_that_could_tell_of_a_person_is_in_the_list(package: str):
    storage = kinds.load_layer(package, "worker").storage
    for held, metadata in (
        (ENGINE, Base.metadata),
        (PEOPLE, PeopleBase.metadata),
        (storage.personal_data, storage.metadata),
    ):
        assert set(held) == set(metadata.tables)
        assert unlisted(held, metadata) == []


def test_a_column_that_is_new_and_not_listed_is_found():
    assert "users.phone is not listed" in unlisted({**PEOPLE, "users": Held(personal="id")}, PeopleBase.metadata)
    assert unlisted({**PEOPLE, "roles": Held(plain="name nick")}, PeopleBase.metadata) == ["roles has no column nick"]


def test_every_field_of_a_document_is_in_the_list():
    assert set(DOCUMENTS) == set(COLLECTIONS)
    for name, shape in DOCUMENTS.items():
        said = [*COLLECTIONS[name].personal.split(), *COLLECTIONS[name].plain.split()]
        assert sorted(said) == sorted(field.name for field in fields(shape)), name


def test_what_is_personal_has_words_and_is_exported_or_says_why_not():
    for name, held in {**ENGINE, **PEOPLE, **STORAGE.personal_data}.items():
        assert bool(held.personal) == bool(held.what) == bool(held.leaving), name
        assert bool(held.exported) == bool(held.theirs) == (bool(held.personal) and not held.left_out), name


async def test_every_statement_of_the_list_is_one_that_the_tables_know(people: Database):
    own = STORAGE.personal_data
    async with people.write.begin() as connection:
        await erase(connection, VEHICLE_SERVICE.name, own, ["CST999999"])
        for name, held in {**ENGINE, **PEOPLE, **own}.items():
            if held.exported:
                query = f"SELECT {held.exported} FROM {name} AS t WHERE {held.theirs}"
                rows = await connection.execute(
                    text(query), {"people": ["CST999999"], "booking_kind": VEHICLE_SERVICE.name}
                )
                assert rows.all() == [], name


_SCENE = (
    "INSERT INTO users (id, role_id, first_name, phone, email) SELECT :id, id, 'Nina', :phone, :id || '@example.com'"
    " FROM roles WHERE name = 'customer'",
    "INSERT INTO bookings (id, kind, status, version, customer_id, total, due, action_required, needs_attention, since,"
    " created_at, updated_at, closed_at, state, summaries)"
    " VALUES (:booking, 'vehicle_service', 'cancelled', 1, :id, 0, 0, 'none', false, now(), now(), now(), now(), '{}',"
    " '{}')",
    "INSERT INTO payments (booking_id, number, leg, method, amount, status, order_id, created_at)"
    " VALUES (:booking, 1, 'service', 'online', 100, 'expired', 'order_' || :id, now())",
    "INSERT INTO webhook_inbox (body_sha256, event, body, order_id, state)"
    " VALUES (:id, 'payment.captured', convert_to('contact of ' || :id, 'UTF8'), 'order_' || :id, 'delivered')",
    "INSERT INTO idempotency_keys (user_id, route, key, request_hash, booking_id, response)"
    " VALUES ('ADM000001', 'POST /bookings', :id, 'x', :booking, 'for ' || :id)",
    "INSERT INTO notifications (identity, booking_kind, kind, mail)"
    " VALUES ('visit.' || :id, 'vehicle_service', 'visit',"
    " jsonb_build_object('person_id', 'MEC000001', 'facts', jsonb_build_object('who', 'Nina', 'what', 'brakes'),"
    " 'people', jsonb_build_object('who', :id)))",
)
_LEFT_OF_THEM = """
    SELECT (SELECT convert_from(body, 'UTF8') FROM webhook_inbox WHERE body_sha256 = :id) AS told,
        (SELECT response FROM idempotency_keys WHERE key = :id) AS answered,
        (SELECT mail -> 'facts' FROM notifications WHERE identity = 'visit.' || :id) AS facts
"""


def typed(statement: str) -> TextClause:
    """With an id that stands in expressions, of which PostgreSQL could not tell the type."""
    return text(statement.replace(":id", "CAST(:id AS text)"))


async def test_what_others_were_told_of_somebody_goes_with_them_and_of_nobody_else(people: Database):
    phones = {"CST000901": "+919841000901", "CST000902": "+919841000902"}
    async with people.write.begin() as connection:
        for number, (person, phone) in enumerate(phones.items()):
            for statement in _SCENE:
                given = {"id": person, "phone": phone, "booking": 900_001 + number}
                await connection.execute(typed(statement), given)
        await anonymise(connection, STORAGE, CUSTOMER, "CST000901")
        found = {person: (await connection.execute(typed(_LEFT_OF_THEM), {"id": person})).one() for person in phones}
    assert tuple(found["CST000901"]) == ("", None, {"who": "", "what": "brakes"})
    assert tuple(found["CST000902"]) == (
        "contact of CST000902",
        "for CST000902",
        {"who": "Nina", "what": "brakes"},
    )
