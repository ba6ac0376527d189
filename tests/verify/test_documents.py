"""``adapters.mongo`` and the exchange of collections, on the MongoDB that is named or the embedded server."""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from adapters.backup.collections import Collections
from adapters.mongo import MongoDatabase
from adapters.pages import Slice
from devstack.stack import Stack
from settings import Stores
from tests.verify.services import given

NOW = datetime(2026, 12, 1, 9, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ExitStack() as stack:
        if named := given("test_documents.py"):
            yield named["MONGODB_URI"]
        else:
            embedded = Stack(tmp_path_factory.mktemp("verify"), parts={"mongodb"}, discard=True)
            yield stack.enter_context(embedded).info["mongodb"]


@pytest.fixture(scope="module")
async def mongo(uri: str) -> AsyncIterator[MongoDatabase]:
    """A database of its own, with the indexes."""
    name = f"revcare_verify_{secrets.token_hex(4)}"
    database = MongoDatabase(Stores(mongodb_uri=uri, mongodb_db=name))
    try:
        await database.prepare()
        yield database
    finally:
        await database.database.client.drop_database(name)
        database.close()


async def test_the_server_answers_and_indexes_may_be_made_again(mongo):
    await mongo.ping()
    await mongo.prepare()


async def test_the_newest_gst_percent_counts_and_its_moment_is_kept_to_the_millisecond(mongo):
    for days, percent in ((0, "18"), (2, "12.5"), (1, "5")):
        await mongo.gst.change(Decimal(percent), "ADM000001", NOW + timedelta(days=days))
    rate = await mongo.gst.current()
    assert (rate.percent, rate.updated_by) == (Decimal("12.5"), "ADM000001")
    assert rate.updated_at == (NOW + timedelta(days=2)).replace(microsecond=123000)


async def test_a_text_has_one_document_whoever_writes_it_again(mongo):
    await mongo.content.change({"terms": "first", "banner": "ನಮಸ್ಕಾರ \U0001f697"}, "ADM000001", NOW)
    await mongo.content.change({"terms": "second"}, "ADM000002", NOW)
    assert [(each.content_id, each.data) for each in await mongo.content.all()] == [
        ("banner", "ನಮಸ್ಕಾರ \U0001f697"),
        ("terms", "second"),
    ]
    with pytest.raises(DuplicateKeyError):
        await mongo.database["content"].insert_one({"content_id": "terms", "data": "by hand"})


async def test_questions_are_read_page_by_page_the_newest_first_and_answered_once(mongo):
    asked = [
        await mongo.queries.ask("a@example.com", f"q{n}", "CST000001", NOW + timedelta(seconds=n)) for n in (1, 2, 3)
    ]
    await mongo.queries.ask("b@example.com", "somebody else's", None, NOW)
    shown, part = await mongo.queries.page("CST000001", Slice(limit=2))
    assert [query.query for query in shown] == ["q3", "q2"]
    assert part.total == 3
    assert part.last is not None
    for _ in range(2):
        answered = await mongo.queries.respond(asked[0].id, "Yes.", "ADM000001", NOW)
    assert (answered.response, answered.revision) == ("Yes.", 1)
    shown, _ = await mongo.queries.page(None, Slice(), answered=True)
    assert [query.id for query in shown] == [asked[0].id]


async def test_collections_are_exchanged_and_taken_back_as_a_restore_does_it(mongo):
    collections, live = Collections(mongo.database), mongo.database["exchanged"]
    await live.insert_one({"of": "today"})
    await collections.create("exchanged", [["by_name", {"key": [["name", 1]], "unique": True}]])
    await collections.staged("exchanged").insert_one({"of": "the backup", "name": "a"})
    await collections.forward()
    assert await of(live) == ["the backup"]
    with pytest.raises(DuplicateKeyError):
        await live.insert_one({"name": "a"})
    await collections.back()
    assert await of(live) == ["today"]


async def of(collection: Any) -> list[str]:
    return [document["of"] async for document in collection.find()]
