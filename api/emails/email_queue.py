"""E-mails and text messages that a request sends: each is a workflow, which retries until it is sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from adapters.resources import Resources
from domain.account_emails import Mail, ResetRequest
from domain.errors import Unavailable
from domain.text_messages import TextOrder
from workflows.booking.messages import MAIL_QUEUE
from workflows.email import EmailWorkflow, PasswordCodeWorkflow, PasswordResetWorkflow, TextMessageWorkflow

_RPC_TIMEOUT = timedelta(seconds=5)
_log = structlog.get_logger()


async def send(opened: Resources, mail: Mail) -> None:
    """Send a mail; the same mail twice is one.

    Raises:
        Unavailable: nobody could take it; safe to repeat.
    """
    await send_by(opened.temporal, mail)


async def send_by(temporal: Client, mail: Mail) -> None:
    """The same, for who has nothing open but a client.

    Raises:
        Unavailable: nobody could take it; safe to repeat.
    """
    name = f"email-{mail.identity.replace('.', '-')}"
    if mail.resend:
        # A try that was given up may be made again under its number; the log keeps a sent one from being sent twice.
        name, again = f"{name}-resend-{mail.resend}", WorkflowIDReusePolicy.ALLOW_DUPLICATE
    else:
        again = WorkflowIDReusePolicy.REJECT_DUPLICATE
    await _start(temporal, EmailWorkflow.run, mail, name, again)


async def send_reset_link(opened: Resources, kind: str, key: str, email: str | None, phone: str | None) -> None:
    """Send a link to whoever has that mail address or phone. The workflow looks them up: the answer tells nothing.

    Raises:
        Unavailable: nobody could take it; safe to repeat.
    """
    now = datetime.now(UTC)
    asked = ResetRequest(key, now, now + opened.settings.web.reset_link_lifetime, email, phone, kind)
    name, again = f"password-reset-{key}", WorkflowIDReusePolicy.REJECT_DUPLICATE
    await _start(opened.temporal, PasswordResetWorkflow.run, asked, name, again)


async def send_reset_code(opened: Resources, kind: str, key: str, phone: str, lifetime: timedelta) -> None:
    """Send a code to whoever has that phone, if anybody. ``key`` becomes the id of its row; when the ``lifetime`` of a
    code is over, nobody tries any more.

    Raises:
        Unavailable: nobody could take it; safe to repeat.
    """
    now = datetime.now(UTC)
    asked = ResetRequest(key, now, now + lifetime, phone=phone, kind=kind)
    name, again = f"password-code-{key}", WorkflowIDReusePolicy.REJECT_DUPLICATE
    await _start(opened.temporal, PasswordCodeWorkflow.run, asked, name, again)


async def send_text(opened: Resources, order: TextOrder) -> None:
    """Send a text message; the same order twice is one.

    Raises:
        Unavailable: nobody could take it; safe to repeat.
    """
    name, again = order.identity.replace(".", "-"), WorkflowIDReusePolicy.REJECT_DUPLICATE
    await _start(opened.temporal, TextMessageWorkflow.run, order, name, again)


async def _start(temporal: Client, run: Any, order: Any, name: str, again: WorkflowIDReusePolicy) -> None:
    try:
        await temporal.start_workflow(
            run,
            order,
            id=name,
            task_queue=MAIL_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=again,
            rpc_timeout=_RPC_TIMEOUT,
        )
    except WorkflowAlreadyStartedError:
        return
    except RPCError as fault:
        _log.warning("a mail could not be handed over", mail=name, status=fault.status.name, fault=fault.message[:300])
        raise Unavailable("mails cannot be taken just now; try again shortly") from fault
