"""The way to Temporal: one client per process, payloads by pydantic, refusals that keep their class.

Address, namespace, TLS and API key come from Temporal's own environment variables or TOML profile. A refusal
(``BookingError``) crosses as an application failure that is never retried, and is rebuilt on the other side.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Self

import temporalio.api.failure.v1
from pydantic import TypeAdapter
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    BinaryNullPayloadConverter,
    BinaryPlainPayloadConverter,
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    PayloadConverter,
    SerializationContext,
)
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import ConnectConfig, GrpcCompression, RPCError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from adapters.temporal.connection import CONNECTED_WITHIN, Connection
from domain.errors import BookingError, Unavailable, by_name
from domain.temporal_ui import SEARCH_ATTRIBUTES

_TYPES = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
}


_JSON = PydanticJSONPlainPayloadConverter(max_cached_type_adapters=512)
_adapter = cache(TypeAdapter[Any])
_UNTYPED = tuple(each.encoding.encode() for each in (BinaryNullPayloadConverter(), BinaryPlainPayloadConverter()))


class SharedPayloadConverter(CompositePayloadConverter):
    """Payloads by pydantic, with one cache of type adapters for the whole process.

    The SDK makes a converter for every run of a workflow; with a cache of its own each run would build the adapter of
    a booking's state anew: 14 ms of CPU and 290 kB.
    """

    def __init__(self) -> None:
        super().__init__(
            *(
                _JSON if isinstance(each, JSONPlainPayloadConverter) else each
                for each in DefaultPayloadConverter.default_encoding_payload_converters
            )
        )

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        """Decode; nothing and bytes, which pass without regard to the type that is wanted, are compared with it.

        Raises:
            ValueError: the value is not of the type that is wanted.
        """
        values = super().from_payloads(payloads, type_hints)
        for payload, value, wanted in zip(payloads, values, type_hints or (), strict=False):
            if not isinstance(value, RawValue) and payload.metadata["encoding"] in _UNTYPED:
                _adapter(wanted).validate_python(value)
        return values


class RefusalConverter(DefaultFailureConverter):
    """Refusals keep their name and data on every hop; an expected refusal is no incident (category BENIGN)."""

    def to_failure(
        self,
        exception: BaseException,
        payload_converter: PayloadConverter,
        failure: temporalio.api.failure.v1.Failure,
    ) -> None:
        """Write a refusal as an application failure that is never retried."""
        if isinstance(exception, BookingError):
            super().to_failure(_as_failure(exception), payload_converter, failure)
        else:
            super().to_failure(exception, payload_converter, failure)

    def from_failure(
        self, failure: temporalio.api.failure.v1.Failure, payload_converter: PayloadConverter
    ) -> BaseException:
        """Rebuild a refusal by its name."""
        found = super().from_failure(failure, payload_converter)
        refusal = by_name(found.type) if isinstance(found, ApplicationError) and found.type else None
        if refusal is None or not isinstance(found, ApplicationError):
            return found
        data: dict[str, Any] = found.details[0] if found.details and isinstance(found.details[0], dict) else {}
        return refusal(found.message, **data)


def _as_failure(refusal: BookingError) -> ApplicationError:
    return ApplicationError(
        refusal.detail,
        refusal.data,
        type=refusal.code,
        non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    )


class RefusalInterceptor(Interceptor):
    """The worker logs what an activity raises before it is converted; as a benign failure a refusal is no noise."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - theirs
        """Wrap every activity."""
        return _RefusingActivity(next)


class _RefusingActivity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - theirs
        try:
            return await super().execute_activity(input)
        except BookingError as refusal:
            raise _as_failure(refusal) from None


class SharedDataConverter(DataConverter):
    """One for every payload.

    The SDK asks for one that knows which workflow or activity it is for, several times in each task, and looks at every
    part whether it wants to know; none of ours does.
    """

    def with_context(self, context: SerializationContext) -> Self:
        """This one: nothing depends on the context."""
        return self


DATA_CONVERTER = SharedDataConverter(
    payload_converter_class=SharedPayloadConverter, failure_converter_class=RefusalConverter
)


async def connect() -> Client:
    """A client with our converters, from Temporal's own settings.

    Raises:
        Unavailable: the server does not answer.
    """
    settings = _settings()
    try:
        return await Client.connect(**settings, data_converter=DATA_CONVERTER)
    except RuntimeError as fault:
        raise Unavailable(f"Temporal does not answer at {settings['target_host']}: {fault}") from None


@asynccontextmanager
async def connecting() -> AsyncIterator[Client]:
    """The same, whether or not the server answers yet; until it does, every call is refused as one to it would be."""
    settings = _settings()
    namespace = settings.pop("namespace", "default")
    connection = Connection(ConnectConfig(**settings, connect_timeout=CONNECTED_WITHIN))
    try:
        await connection.tried()
        yield Client(connection, namespace=namespace, data_converter=DATA_CONVERTER)
    finally:
        await connection.close()


def _settings() -> dict[str, Any]:
    given = ClientConfig.load_client_connect_config()
    return {"target_host": "localhost:7233", **given, "grpc_compression": GrpcCompression.NONE}


async def missing_search_attributes(client: Client) -> list[str]:
    """Those that the namespace does not know."""
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return sorted(SEARCH_ATTRIBUTES.keys() - known.custom_attributes.keys())


async def register_search_attributes(client: Client) -> list[str]:
    """Register what is missing; answers the names that were added. Safe to repeat, also at the same time."""
    missing = {name: _TYPES[SEARCH_ATTRIBUTES[name]] for name in await missing_search_attributes(client)}
    if missing:
        try:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
            )
        except RPCError as refused:
            if "already exist" not in str(refused):
                raise
    return list(missing)
