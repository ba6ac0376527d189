"""Signals that no handler can take: a workflow drops them and goes on.

Whoever may send to Temporal (its UI, a script, an API of another release) may send a signal with arguments missing or
left over. What does not decode, the SDK drops; with a wrong number of arguments it calls the handler all the same,
and the ``TypeError`` fails every workflow task from then on. An update with a validator is refused by the SDK, a query
is answered with the error.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from temporalio import workflow
from temporalio.worker import (
    HandleSignalInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)


class MessageCheck(Interceptor):
    """Compares the number of arguments of every signal with its handler, in every workflow of a worker."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002 - theirs
        """Wrap every workflow."""
        return _CheckedSignals


class _CheckedSignals(WorkflowInboundInterceptor):
    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002 - theirs
        if _fits(workflow.get_signal_handler(input.signal), input.args):
            await super().handle_signal(input)
        else:
            workflow.logger.error("the signal %s came with %s arguments and is dropped", input.signal, len(input.args))


def _fits(handler: Callable[..., Any] | None, args: Sequence[Any]) -> bool:
    """Whether the handler can be called so; without one there is nothing to compare."""
    if handler is None:
        return True
    try:
        inspect.signature(handler).bind(*args)
    except TypeError:
        return False
    return True
