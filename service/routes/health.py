"""Whether the service is alive, whether it can do its work, and its numbers, for those who keep it running."""

import asyncio

from fastapi import APIRouter, Request, Response

from service import observation, schema_versions
from service.errors import Unavailable
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.health import Alive, Ready
from service.store import health, sessions

router = APIRouter(route_class=TransactionalRoute, tags=["health"])

# Whoever asks will ask again soon, and gives up soon.
SECONDS = 2.0


@router.get("/health/live")
async def read_liveness() -> Alive:
    """Say that the process answers; it asks nothing of anything else."""
    return Alive(status="alive")


@router.get("/health/ready", responses=problems_of(Unavailable))
async def read_readiness(request: Request) -> Ready:
    """Say whether the service can do its work: its database answers and has the tables of this release."""
    try:
        async with asyncio.timeout(SECONDS), request.app.state.sessions() as session:
            applied = await health.applied_revision(session)
    except (*sessions.TRANSIENT, TimeoutError):
        raise Unavailable("The database does not answer.") from None
    if applied != schema_versions.newest():
        raise Unavailable("The database does not have the tables of this release: it has not been migrated.")
    return Ready(status="ready")


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def read_metrics() -> Response:
    """Read the process's numbers, as Prometheus text. They are counts by route, never about a person."""
    return Response(observation.metrics(), media_type=observation.METRICS_TYPE)
