"""What Temporal's refusal of a call says about the next one."""

from temporalio.api.enums.v1 import ResourceExhaustedCause
from temporalio.api.errordetails.v1 import ResourceExhaustedFailure
from temporalio.service import RPCError, RPCStatusCode

_BUSY_WORKFLOW = ResourceExhaustedCause.RESOURCE_EXHAUSTED_CAUSE_BUSY_WORKFLOW

_LOST = "workflow update was aborted"
"""By these words alone the server distinguishes it from being unavailable itself."""


def passes_soon(fault: RPCError) -> bool:
    """Whether only this workflow refuses, for a moment: nothing has happened, and the same call may be sent again.

    Its last task failed, since its worker died in the middle of it; its run is being followed by the next one; or the
    task that was to answer was lost, too often for the SDK. An update has an id, so that it is done once however often
    it is sent.
    """
    match fault.status:
        case RPCStatusCode.RESOURCE_EXHAUSTED:
            return _is_of_this_workflow(fault)
        case RPCStatusCode.UNAVAILABLE:
            return fault.message == _LOST
    return fault.status is RPCStatusCode.FAILED_PRECONDITION


def _is_of_this_workflow(fault: RPCError) -> bool:
    failure = ResourceExhaustedFailure()
    return any(detail.Unpack(failure) and failure.cause == _BUSY_WORKFLOW for detail in fault.grpc_status.details)
