"""What the servers of a new shop need before the first process works: made where it is missing, a line for each."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from pymongo.errors import PyMongoError
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapters.mongo import MongoDatabase
from adapters.temporal.client import connect, register_search_attributes
from adapters.temporal.namespaces import make_namespace, once_known
from domain.errors import Unavailable
from kind_settings import settings_by_kind
from settings import Settings
from workers.kind import KindWorker
from workers.schedules import keep_schedules

_KNOWN_WITHIN = timedelta(minutes=1)
_NOT_OURS = frozenset({RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.UNIMPLEMENTED})


@dataclass(frozen=True, slots=True)
class Step:
    """What was made, changed or found; else ``fault``, a sentence about who has to do what."""

    what: str
    outcome: str
    fault: bool = False


async def bootstrap(settings: Settings, kinds: Sequence[KindWorker[Any]], keep: timedelta) -> AsyncIterator[Step]:
    """Every step. Temporal keeps histories for so long after their end, where the namespace is made here."""
    try:
        client = await connect()
    except Unavailable as away:
        yield Step("Temporal", away.detail, fault=True)
    else:
        async for step in _temporal(client, settings, kinds, keep):
            yield step
    for name, own in settings_by_kind([kind.kind.name for kind in kinds], settings).items():
        yield await _indexes(name, own)


async def _temporal(
    client: Client, settings: Settings, kinds: Sequence[KindWorker[Any]], keep: timedelta
) -> AsyncIterator[Step]:
    namespace = f"namespace {client.namespace}"
    try:
        made = await make_namespace(client, keep)
        yield Step(namespace, f"made, what has ended stays for {keep.days} days" if made else "found")
    except LookupError as missing:
        yield Step(namespace, f"not there, and {missing}", fault=True)
        return
    except RPCError as refused:
        if refused.status not in _NOT_OURS:
            yield Step(namespace, f"not known: {refused.message}", fault=True)
            return
        yield Step(namespace, f"the cluster does not let us see it ({refused.message}), so it is taken as there")
    try:
        added = await once_known(partial(register_search_attributes, client), _KNOWN_WITHIN)
        yield Step("search attributes", f"made {', '.join(added)}" if added else "found")
    except RPCError as refused:
        yield Step("search attributes", f"not made: {refused.message}", fault=True)
    try:
        kept = await once_known(partial(keep_schedules, client, settings, kinds), _KNOWN_WITHIN)
    except RPCError as refused:
        yield Step("schedules", f"not made: {refused.message}", fault=True)
        return
    for job, outcome in kept.items():
        yield Step(f"schedule {job}", outcome)


async def _indexes(kind: str, settings: Settings) -> Step:
    mongo = MongoDatabase(settings.stores)
    what = f"MongoDB {settings.stores.mongodb_db}, the indexes of {kind.replace('_', '-')}"
    try:
        made = await mongo.make_missing_indexes()
    except PyMongoError as fault:
        return Step(what, f"not made: {str(fault)[:200]}", fault=True)
    finally:
        mongo.close()
    return Step(what, f"made {', '.join(made)}" if made else "found")
