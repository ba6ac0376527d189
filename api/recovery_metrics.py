"""What the recovery of workflows has found, for ``/metrics``: gauges over all kinds, from the rows."""

import asyncio

import structlog

from adapters.postgres.workflow_problems import WorkflowProblemRows

_PATIENCE_SECONDS = 2

log = structlog.get_logger("api")


async def recovery_exposition(problems: WorkflowProblemRows) -> str:
    """Prometheus' text format; nothing while PostgreSQL does not answer, for the counters are wanted then above all."""
    try:
        standing = await asyncio.wait_for(problems.standing(), _PATIENCE_SECONDS)
    except Exception as fault:
        log.warning("the state of the recovery is not known", error=f"{type(fault).__name__}: {fault}"[:300])
        return ""
    looked_at = standing.looked_at.timestamp() if standing.looked_at else 0
    lines = [
        "# TYPE revcare_bookings_without_workflow gauge",
        f"revcare_bookings_without_workflow {standing.missing}",
        "# TYPE revcare_workflows_failing gauge",
        f"revcare_workflows_failing {standing.failing}",
        "# TYPE revcare_workflow_restarts_total counter",
        f"revcare_workflow_restarts_total {standing.restarted}",
        "# TYPE revcare_recovery_stopped gauge",
        f"revcare_recovery_stopped {int(standing.stopped_at is not None)}",
        "# TYPE revcare_recovery_looked_at_seconds gauge",
        f"revcare_recovery_looked_at_seconds {looked_at:.0f}",
    ]
    return "\n".join(lines) + "\n"
