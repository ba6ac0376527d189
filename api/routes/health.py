"""Liveness, readiness and metrics of the process."""

import hmac
from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from adapters.parts import State
from adapters.postgres.workflow_problems import WorkflowProblemRows
from api.dependencies import OpenResources
from api.http.login import bearer_token
from api.readiness import NEEDED
from api.recovery_metrics import recovery_exposition
from api.responses import reply
from api.schemas.health import Alive, Ready
from domain.errors import Unauthenticated, Unavailable
from settings import Settings

router = APIRouter(tags=["health"])

REFUSALS = {"GET /metrics": frozenset({401, 404})}
"""Statuses that no dependency of these routes shows."""


@router.get("/health/live", response_model=Alive, summary="The process answers")
async def live() -> Response:
    return reply({"status": "alive"})


@router.get("/health/ready", response_model=Ready, summary="This process can do its part; how each other part is")
async def ready(request: Request, opened: OpenResources) -> Response:
    """200 as long as PostgreSQL answers within a second: bookings can be read, and most of what comes be accepted.

    What else is missing stands in the answer and takes nothing away from what does not need it; a command that needs it
    is answered 503 with `Retry-After`.
    """
    found = await request.app.state.parts.look()
    if found[NEEDED].state is not State.OK:
        down = [name for name, part in found.items() if part.state is not State.OK]
        raise Unavailable(f"not ready: {', '.join(down)}", parts=down)
    return reply(
        {
            "status": "ready",
            "parts": [name for name, part in found.items() if part.state is State.OK],
            "states": {name: asdict(part) for name, part in found.items()},
            "rehearsal": opened.settings.process.rehearsal,
        }
    )


@router.get(
    "/metrics",
    summary="Counters for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request, opened: OpenResources) -> Response:
    """Of this process, and of the workflows of all bookings.

    Where `REVCARE_METRICS_TOKEN` is set, for who sends it as a bearer; without it there is no such page in production.
    """
    _may_be_read(request, opened.settings)
    recovery = await recovery_exposition(WorkflowProblemRows(opened.database))
    return Response(request.app.state.metrics.exposition() + recovery, media_type="text/plain; version=0.0.4")


def _may_be_read(request: Request, settings: Settings) -> None:
    wanted = settings.web.metrics_token
    if wanted is None:
        if settings.process.environment == "production":
            raise HTTPException(404)
        return
    given = bearer_token(request.scope["headers"])
    if not hmac.compare_digest(given.encode(), wanted.get_secret_value().encode()):
        raise Unauthenticated("the token of REVCARE_METRICS_TOKEN is needed")
