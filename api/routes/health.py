"""Liveness, readiness and metrics of the process."""

import asyncio

from fastapi import APIRouter, Request, Response

from adapters.postgres.workflow_problems import WorkflowProblemRows
from api.dependencies import OpenResources
from api.recovery_metrics import recovery_exposition
from api.responses import reply
from api.schemas.health import Alive, Ready
from domain.errors import Unavailable

router = APIRouter(tags=["health"])

_PATIENCE_SECONDS = 3


@router.get("/health/live", response_model=Alive, summary="The process answers")
async def live() -> Response:
    return reply({"status": "alive"})


@router.get("/health/ready", response_model=Ready, summary="PostgreSQL, MongoDB and Temporal answer")
async def ready(opened: OpenResources) -> Response:
    checks = {"postgresql": opened.ping_rows(), "mongodb": opened.mongo.ping(), "temporal": opened.ping_temporal()}
    outcomes = await asyncio.gather(
        *(asyncio.wait_for(check, _PATIENCE_SECONDS) for check in checks.values()), return_exceptions=True
    )
    down = [name for name, outcome in zip(checks, outcomes, strict=True) if isinstance(outcome, BaseException)]
    if down:
        raise Unavailable(f"not ready: {', '.join(down)}", parts=down)
    return reply({"status": "ready", "parts": list(checks)})


@router.get(
    "/metrics",
    summary="Counters for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request, opened: OpenResources) -> Response:
    """Of this process, and of the workflows of all bookings."""
    recovery = await recovery_exposition(WorkflowProblemRows(opened.database))
    return Response(request.app.state.metrics.exposition() + recovery, media_type="text/plain; version=0.0.4")
