"""Payloads on their way to Temporal and back."""

from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.converter import DataConverter, WithSerializationContext, WorkflowSerializationContext

from adapters.temporal.client import DATA_CONVERTER, SharedPayloadConverter


@dataclass(frozen=True)
class Sent:
    at: datetime
    amounts: tuple[int, ...]


def test_all_converters_of_a_process_share_one_cache_of_type_adapters():
    """The SDK makes a converter for every run of a workflow, and pydantic takes long to build what it caches."""
    first, second = (DATA_CONVERTER.payload_converter_class() for _ in range(2))
    assert isinstance(first, SharedPayloadConverter)
    assert isinstance(second, SharedPayloadConverter)
    assert first.converters[b"json/plain"] is second.converters[b"json/plain"]
    sent = Sent(datetime(2026, 11, 29, tzinfo=UTC), (1, 2))
    (payload,) = first.to_payloads([sent])
    assert second.from_payloads([payload], [Sent]) == [sent]


def test_no_part_of_the_converter_wants_to_know_which_workflow_a_payload_is_of():
    """So that one converter serves all, and the SDK's question costs nothing."""
    context = WorkflowSerializationContext(namespace="default", workflow_id="vehicle_service-1")
    parts = DATA_CONVERTER.payload_codec, DATA_CONVERTER.failure_converter, DATA_CONVERTER.external_storage
    assert not any(isinstance(part, WithSerializationContext) for part in parts)
    assert DataConverter.with_context(DATA_CONVERTER, context) is DATA_CONVERTER
    assert DATA_CONVERTER.with_context(context) is DATA_CONVERTER
