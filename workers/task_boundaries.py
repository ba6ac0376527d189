"""Sees to it that a replay finds the same workflow tasks as the first run: else the booking stands still (TMPRL1100).

The SDK does not keep tasks apart in two cases (docs/decisions/0035):

- A task that was completed without a command, and is followed at once by the next, is taken for the heartbeat of a long
  local activity and merged with that one, as long as the update of the next is not in the history. So a worker that
  does not have the booking in memory handles a command of now together with a report of an hour ago that had brought
  nothing, and decides what no replay decides again. A task with a command is never merged: each leaves one here, also
  one that only begins a local activity, for it can end before that one does.
- A query ends the task in which a local activity runs. Its result is in the history of that task, and the workflow
  hears of it in the next. That one fails here, and is done again from the history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails
from temporalio.workflow import Info

MEMO = "task_without_a_command"
"""Written again with the same value each time: the memo does not grow."""
PATCH = "2026-12-tasks-without-an-event-are-recorded"
"""As ``workflow.patched``: histories that had such tasks before this are replayed as they are."""
PATCH_OF_EMPTY_TASKS = "2026-12-empty-tasks-are-recorded"
"""Then tasks that only began a local activity, or came while one ran, left nothing."""

SPLIT = "a query ended the task of a local activity: it is done again from history"

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


class ReplayableRunner(UnsandboxedWorkflowRunner):
    """Runs workflows as the SDK does, and those that take updates so that every replay finds the same tasks."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """One run of a workflow in this worker's memory."""
        instance = super().create_instance(det)
        return _ReplayableInstance(instance) if det.defn.updates else instance


@dataclass
class _Rule:
    """Which tasks leave a trace, from the marker of its patch on. A run that had such tasks before it, without one, is
    marked with the next task of any sort."""

    patch: str
    holds: bool = False
    _left_none_before: bool = False

    def trace(self, commands: Sequence[WorkflowCommand], *, empty: bool, may_begin: bool) -> WorkflowCommand | None:
        """What is added to the commands of a task."""
        if self.holds:
            return _property() if empty else None
        ends = any(each.WhichOneof("variant") in _LAST for each in commands)
        self.holds = may_begin and (empty or (self._left_none_before and not ends))
        self._left_none_before |= empty
        return _marker(self.patch) if self.holds else None


class _ReplayableInstance(WorkflowInstance):
    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance
        self._rule, self._earlier_rule = _Rule(PATCH), _Rule(PATCH_OF_EMPTY_TASKS)
        self._recorded_before = set[str]()
        self._local_activities: set[int] = set()
        self._split = False

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if self._split and any(job.resolve_activity.is_local for job in act.jobs):
            return _done_again(act)
        completion = self._instance.activate(act)
        self._recorded_before |= {job.notify_has_patch.patch_id for job in act.jobs}
        if completion.HasField("successful"):
            commands = completion.successful.commands
            empty = self._leave_no_event(act, commands)
            self._split |= bool(self._local_activities) and any(job.HasField("query_workflow") for job in act.jobs)
            tells = any(job.WhichOneof("variant") not in _TELL_OF_NO_EVENT for job in act.jobs)
            if tells and (trace := self._trace(act, commands, empty=empty)) is not None:
                commands.append(trace)
        return completion

    def _trace(
        self, act: WorkflowActivation, commands: Sequence[WorkflowCommand], *, empty: bool
    ) -> WorkflowCommand | None:
        may_begin = PATCH in self._recorded_before or not act.is_replaying
        trace = self._rule.trace(commands, empty=empty, may_begin=may_begin)
        if self._rule.holds:
            return trace
        idle, may_begin = empty and not self._local_activities, PATCH_OF_EMPTY_TASKS in self._recorded_before
        return self._earlier_rule.trace(commands, empty=idle, may_begin=may_begin)

    def _leave_no_event(self, act: WorkflowActivation, commands: Sequence[WorkflowCommand]) -> bool:
        """A local activity that ends leaves its marker; one that begins may be cut off, or take long."""
        ended = {job.resolve_activity.seq for job in act.jobs if job.resolve_activity.is_local}
        begun = {each.schedule_local_activity.seq for each in commands if each.HasField("schedule_local_activity")}
        self._local_activities = (self._local_activities - ended) | begun
        return not ended and not _recorded(commands)

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._instance.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        return self._instance.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        return self._instance.get_thread_id()


def _done_again(act: WorkflowActivation) -> WorkflowActivationCompletion:
    completion = WorkflowActivationCompletion(run_id=act.run_id)
    completion.failed.failure.message = SPLIT
    return completion


def _marker(patch: str) -> WorkflowCommand:
    command = WorkflowCommand()
    command.set_patch_marker.patch_id = patch
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
