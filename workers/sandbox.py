"""How workflow code is run: settled once for the process, the tests and the replayer.

``domain``, ``activities``, what kinds call pure and the messages of workflows are passed through the sandbox (class
identity of refusals and of what the payload converter caches, no import cost per booking); the workflows stay inside.
"""

from collections.abc import Sequence
from typing import Any

from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workers.kind import KindWorker
from workers.task_boundaries import ReplayableRunner

PASSED_THROUGH = ("domain", "activities", "workers.task_boundaries", "workflows.booking.messages")


def workflow_runner(kinds: Sequence[KindWorker[Any]], *, sandboxed: bool = True) -> WorkflowRunner:
    """The runner of all workflows. The sandbox loads the workflows anew for each booking; the
    replay gate has it, a process that serves only where ``REVCARE_SANDBOXED_WORKFLOWS`` asks for it."""
    if not sandboxed:
        return ReplayableRunner()
    pure = [module for kind in kinds for module in kind.pure]
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH, *pure)
    return SandboxedWorkflowRunner(restrictions=restrictions, runner_class=ReplayableRunner)
