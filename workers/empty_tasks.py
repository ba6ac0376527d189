"""Every workflow task that has handled something leaves an event: else a replay may take two tasks for one.

A task that was completed without a command, and is followed at once by the next, the SDK takes for the heartbeat of a
long local activity: it merges the two, and what the first has handled is handled with the second, later and in another
order. It does so only as long as the update of the second is not in the history. So a worker that does not have the
booking in memory handles a command of now together with a report of an hour ago that had brought nothing. What it
decides then no replay decides again: the booking stands still (TMPRL1100; docs/decisions/0035). A task with a command
is never merged.
"""

from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails
from temporalio.workflow import Info

MEMO = "task_without_a_command"
"""Written again with the same value each time: the memo does not grow."""
PATCH = "2026-12-empty-tasks-are-recorded"
"""As ``workflow.patched``: histories that had such tasks before this are replayed as they are."""

_TRUE = Payload(metadata={"encoding": b"json/plain"}, data=b"true")
_TELL_OF_NO_EVENT = frozenset(
    {"do_update", "notify_has_patch", "query_workflow", "remove_from_cache", "update_random_seed"}
)
"""All other jobs tell of an event: handled later, they might be handled otherwise. An update that was accepted is in
history itself, and of a refused one no replay knows."""
_LAST = frozenset(
    {
        "cancel_workflow_execution",
        "complete_workflow_execution",
        "continue_as_new_workflow_execution",
        "fail_workflow_execution",
    }
)
"""Nothing may follow them."""
_RECORDED = _LAST | {
    "cancel_timer",
    "modify_workflow_properties",
    "schedule_activity",
    "set_patch_marker",
    "signal_external_workflow_execution",
    "start_child_workflow_execution",
    "start_timer",
    "upsert_workflow_search_attributes",
}
"""Commands that certainly become an event. With another list here, no history of today could be replayed."""


class RecordingRunner(UnsandboxedWorkflowRunner):
    """Runs workflows as the SDK does; of those that take updates, every task leaves an event."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """One run of a workflow in this worker's memory."""
        instance = super().create_instance(det)
        return _RecordedInstance(instance) if det.defn.updates else instance


class _RecordedInstance(WorkflowInstance):
    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance
        self._records = False
        self._recorded_before = False
        self._left_none_before = False
        self._local_activities: set[int] = set()

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        completion = self._instance.activate(act)
        self._recorded_before |= any(job.notify_has_patch.patch_id == PATCH for job in act.jobs)
        if completion.HasField("successful"):
            commands = completion.successful.commands
            empty = self._leave_no_event(act, commands)
            tells = any(job.WhichOneof("variant") not in _TELL_OF_NO_EVENT for job in act.jobs)
            if tells and (trace := self._trace(act, commands, empty=empty)) is not None:
                commands.append(trace)
        return completion

    def _trace(
        self, act: WorkflowActivation, commands: Sequence[WorkflowCommand], *, empty: bool
    ) -> WorkflowCommand | None:
        """What is added to the commands of a task. A run that was begun by an older release, and had such tasks, is
        marked with the next task of any sort."""
        if self._records:
            return _property() if empty else None
        begins = empty or (self._left_none_before and not any(each.WhichOneof("variant") in _LAST for each in commands))
        self._records = begins and (self._recorded_before or not act.is_replaying)
        self._left_none_before |= empty
        return _marker() if self._records else None

    def _leave_no_event(self, act: WorkflowActivation, commands: Sequence[WorkflowCommand]) -> bool:
        """A local activity leaves its marker: in this task, or in the one in which it ends."""
        ended = {job.resolve_activity.seq for job in act.jobs if job.resolve_activity.is_local}
        begun = {each.schedule_local_activity.seq for each in commands if each.HasField("schedule_local_activity")}
        self._local_activities = (self._local_activities - ended) | begun
        return not ended and not self._local_activities and not _recorded(commands)

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._instance.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        return self._instance.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        return self._instance.get_thread_id()


def _marker() -> WorkflowCommand:
    command = WorkflowCommand()
    command.set_patch_marker.patch_id = PATCH
    return command


def _property() -> WorkflowCommand:
    command = WorkflowCommand()
    command.modify_workflow_properties.upserted_memo.fields[MEMO].CopyFrom(_TRUE)
    return command


def _recorded(commands: Sequence[WorkflowCommand]) -> bool:
    """Whether one of them becomes an event: a timer that is stopped at once does not, nor does a refused update."""
    begun = {each.start_timer.seq for each in commands if each.HasField("start_timer")}
    stopped = {each.cancel_timer.seq for each in commands if each.HasField("cancel_timer")}
    for each in commands:
        match each.WhichOneof("variant"):
            case "start_timer" if each.start_timer.seq in stopped:
                continue
            case "cancel_timer" if each.cancel_timer.seq in begun:
                continue
            case "update_response" if each.update_response.WhichOneof("response") != "rejected":
                return True
            case variant if variant in _RECORDED:
                return True
    return False
