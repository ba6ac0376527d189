"""Is it alive, is it ready, how does it do."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import Open
from domain.errors import Unavailable

router = APIRouter(tags=["health"])

_PATIENCE_SECONDS = 3


@router.get("/health/live", summary="The process answers")
async def live() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/health/ready", summary="PostgreSQL, MongoDB and Temporal answer")
async def ready(opened: Open) -> dict[str, Any]:
    checks = {"postgresql": opened.ping_rows(), "mongodb": opened.documents.ping(), "temporal": opened.ping_temporal()}
    outcomes = await asyncio.gather(
        *(asyncio.wait_for(check, _PATIENCE_SECONDS) for check in checks.values()), return_exceptions=True
    )
    down = [name for name, outcome in zip(checks, outcomes, strict=True) if isinstance(outcome, BaseException)]
    if down:
        raise Unavailable(f"not ready: {', '.join(down)}", parts=down)
    return {"status": "ready", "parts": list(checks)}


@router.get("/metrics", summary="Counters for Prometheus", response_class=Response)
async def metrics(request: Request) -> Response:
    return Response(request.app.state.measurements.exposition(), media_type="text/plain; version=0.0.4")
