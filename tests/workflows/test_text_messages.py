"""Text messages: they wait for their gateway, say what is good when they leave, and Temporal keeps no code."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import WorkflowHandle

from domain.account_emails import ResetRequest
from domain.text_messages import TextOrder
from kinds.vehicle_service.domain.visit import KIND
from tests.fakes.texts import ASHA
from tests.workflows.engine import SILENT_KIND, Engine
from tests.workflows.running_booking import eventually
from workflows.booking.messages import MAIL_QUEUE
from workflows.email import PasswordCodeWorkflow, TextMessageWorkflow

_KEYS = itertools.count(1)


@pytest.fixture(autouse=True)
def _the_gateway_answers_again(engine: Engine) -> Iterator[None]:
    yield
    engine.texts.is_down = False


async def begin(
    engine: Engine, code: str | None, good_for: timedelta = timedelta(minutes=10), kind: str = KIND
) -> WorkflowHandle[TextMessageWorkflow, bool]:
    """Have a code told."""
    key, now = f"row{next(_KEYS)}", datetime.now(UTC)
    engine.texts.known[key] = code
    order = TextOrder(kind, key, now, now + good_for)
    name = order.identity.replace(".", "-")
    return await engine.client.start_workflow(TextMessageWorkflow.run, order, id=name, task_queue=MAIL_QUEUE)


def told(engine: Engine, code: str) -> list[tuple[str, str]]:
    return [(to, key) for to, text, key in engine.texts.taken if code in text]


async def test_a_text_message_waits_for_its_gateway_and_no_code_stands_in_its_history(engine: Engine):
    engine.texts.is_down = True
    handle = await begin(engine, "314159")
    await eventually(lambda: engine.texts.refused)
    engine.texts.is_down = False
    assert await handle.result() is True
    [(to, key)] = told(engine, "314159")
    assert to == ASHA
    assert key.startswith(f"sms.{KIND}.row")
    history = (await handle.fetch_history()).to_json()
    assert TextMessageWorkflow.__name__ in history
    assert "314159" not in history


async def test_a_code_that_is_spent_or_over_is_not_told_any_more(engine: Engine):
    assert await (await begin(engine, None)).result() is False
    assert await (await begin(engine, "271828", timedelta(0))).result() is False
    engine.texts.is_down = True
    assert await (await begin(engine, "161803", timedelta(seconds=1))).result() is False
    assert told(engine, "271828") + told(engine, "161803") == []


async def test_without_a_gateway_a_text_message_is_left_out(engine: Engine):
    assert await (await begin(engine, "141421", kind=SILENT_KIND)).result() is False
    assert told(engine, "141421") == []


async def test_a_code_for_a_new_password_goes_to_who_has_the_phone_once_and_stands_in_no_history(engine: Engine):
    engine.texts.is_down = True
    wanted = [await forgotten(engine, phone) for phone in (ASHA, "+919000000001")]
    await eventually(lambda: engine.texts.refused)
    engine.texts.is_down = False
    assert [await handle.result() for handle in wanted] == [True, False]
    [(to, key)] = told(engine, "662607")
    assert (to, key) == (ASHA, f"sms.{KIND}.{wanted[0].id}")
    assert "662607" not in (await wanted[0].fetch_history()).to_json()


async def forgotten(engine: Engine, phone: str) -> WorkflowHandle[PasswordCodeWorkflow, bool]:
    """Somebody wants a new password for the account with that phone."""
    key, now = f"forgotten{next(_KEYS)}", datetime.now(UTC)
    asked = ResetRequest(key, now, now + timedelta(minutes=10), phone=phone, kind=KIND)
    return await engine.client.start_workflow(PasswordCodeWorkflow.run, asked, id=key, task_queue=MAIL_QUEUE)
