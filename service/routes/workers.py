"""Registering workers over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path

from service.errors import NotPermitted
from service.operations import workers as operations
from service.routes.dependencies import RecordDep, SessionDep
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.texts import WorkerId
from service.schemas.workers import WorkerKept, WorkerShown

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/workers", tags=["reference data"])


@router.put("/{worker_id}", responses=problems_of(NotPermitted))
async def put_worker(
    worker_id: Annotated[WorkerId, Path()], body: WorkerKept, session: SessionDep, record: RecordDep
) -> WorkerShown:
    """Register a worker, or replace what is registered. Cases they hold follow them to another team."""
    moved = await operations.put_worker(session, worker_id, body, record=record)
    return WorkerShown(id=worker_id, cases_moved=len(moved), **body.model_dump())
