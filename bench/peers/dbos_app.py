"""The peer: a booking's transitions with DBOS, as its manual says. Run by ``bench.dbos_peer`` in a place of its own.

``POST /transition`` starts a workflow that writes one statement, in one transaction with DBOS's own record of it, calls
the provider where the transition does, and answers. Its mails leave by workflows of their own after the answer, as the
product's leave by its outbox. ``GET /quiet`` answers how many have not left yet.
"""

import os
import sys
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import httpx
import uvicorn
from dbos import DBOS, AsyncSQLAlchemyDatasource, SetWorkflowID
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

TABLE = """
    CREATE TABLE IF NOT EXISTS moves (
        subject text, version int, note text NOT NULL, at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (subject, version)
    )
"""
_WRITE = text("INSERT INTO moves (subject, version, note) VALUES (:subject, :version, :note) ON CONFLICT DO NOTHING")
_PORT, _DATABASE, _SMTP, _PROVIDER, _KEY, _SECRET = sys.argv[1:7]
_state: dict[str, Any] = {"waiting": 0}


async def write(subject: str, version: int, note: str) -> None:
    """The one statement."""
    await _state["rows"].sql_session().execute(_WRITE, {"subject": subject, "version": version, "note": note})


async def call_provider(subject: str) -> str:
    """An order, as the product makes one."""
    body = {"amount": 100000, "currency": "INR", "receipt": subject[:40]}
    answer = await _state["provider"].post("/v1/orders", json=body)
    answer.raise_for_status()
    return str(answer.json()["id"])


async def send_mail(subject: str, version: int, number: int) -> None:
    """One mail to the same server."""
    message = EmailMessage()
    message["From"], message["To"] = "service@revcare.example", "peer@bench.example"
    message["Subject"] = f"version {version}"
    message["Message-ID"] = f"<{subject}-{version}-{number}@bench.example>"
    message.set_content("The text of a mail. " * 40)
    message.add_alternative("<p>The text of a mail.</p>" * 40, subtype="html")
    host, port = _SMTP.split(":")
    await aiosmtplib.send(message, hostname=host, port=int(port), start_tls=False)


async def transition(subject: str, version: int, note: str, provider: bool) -> int:
    """One version of a booking."""
    if provider:
        await DBOS.run_step_async({"name": "call_provider"}, call_provider, subject)
    await _state["rows"].run_tx_step_async({"name": "write"}, write, subject, version, note)
    return version


async def mail(subject: str, version: int, number: int) -> None:
    """The sending of a mail, once."""
    await DBOS.run_step_async({"name": "send_mail"}, send_mail, subject, version, number)
    _state["waiting"] -= 1


transition_workflow = DBOS.workflow(name="transition")(transition)
mail_workflow = DBOS.workflow(name="mail")(mail)


async def post_transition(request: Request) -> JSONResponse:
    """Answers when the version is in the rows."""
    asked = await request.json()
    subject, version, mails = asked["subject"], asked["version"], asked["mails"]
    with SetWorkflowID(f"{subject}-{version}"):
        await transition_workflow(subject, version, asked["note"], asked["provider"])
    for number in range(mails):
        _state["waiting"] += 1
        with SetWorkflowID(f"{subject}-{version}-mail-{number}"):
            await DBOS.start_workflow_async(mail_workflow, subject, version, number)
    return JSONResponse({"id": subject, "version": version})


async def get_quiet(request: Request) -> JSONResponse:
    """How many mails wait."""
    return JSONResponse({"waiting": _state["waiting"]})


@asynccontextmanager
async def _lifespan(app: Starlette) -> Any:
    DBOS(config={"name": "bench", "system_database_url": _DATABASE, "log_level": "ERROR"})
    _state["rows"] = await AsyncSQLAlchemyDatasource.create(
        _DATABASE.replace("postgresql://", "postgresql+asyncpg://"), {"pool_size": 10}
    )
    async with _state["rows"].engine.begin() as connection:
        await connection.execute(text(TABLE))
    DBOS.launch()
    _state["provider"] = httpx.AsyncClient(base_url=_PROVIDER, auth=(_KEY, _SECRET), trust_env=False, timeout=30)
    yield


if __name__ == "__main__":
    application = Starlette(
        lifespan=_lifespan,
        routes=[
            Route("/transition", post_transition, methods=["POST"]),
            Route("/quiet", get_quiet),
        ],
    )
    uvicorn.run(application, host="127.0.0.1", port=int(_PORT), log_level="error", loop="uvloop", http="httptools")
    os._exit(0)
