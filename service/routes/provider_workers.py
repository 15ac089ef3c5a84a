"""An organisation's workers over HTTP, for its own administrator."""

from typing import Annotated

from fastapi import APIRouter, Path

from service.conflicts import LastAdministrator, WorkerRegisteredElsewhere, WorkerSuspendedByService
from service.domain import cursors
from service.errors import NotFound, NotPermitted
from service.operations import provider_workers as operations
from service.routes.dependencies import ActorDep, Cursor, Limit, ReaderDep, Repeatable, SessionDep
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.organisations import ProviderWorkerShown
from service.schemas.provider_workers import ProviderWorkerList, WorkerRegistered
from service.schemas.texts import WorkerId

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/provider/workers", tags=["providers"])
Worker = Annotated[WorkerId, Path()]


@router.get("", responses=problems_of(NotPermitted))
async def list_provider_workers(
    session: SessionDep, actor: ReaderDep, cursor: Cursor = None, limit: Limit = 50
) -> ProviderWorkerList:
    """Read your organisation's workers, suspended ones too, if you are its administrator."""
    after = cursors.decode(cursor, str)[0] if cursor else ""
    return ProviderWorkerList.of(await operations.list_workers(session, after, limit, actor), limit)


@router.put("/{worker_id}", responses=problems_of(NotPermitted, WorkerRegisteredElsewhere, WorkerSuspendedByService))
async def register_provider_worker(
    worker_id: Worker, body: WorkerRegistered, session: SessionDep, actor: ActorDep
) -> ProviderWorkerShown:
    """Register a worker of your organisation, or change their name, if you are its administrator.

    It brings back one whom your organisation suspended; not one whom the service's administrator did.
    """
    return ProviderWorkerShown.model_validate(await operations.register(session, worker_id, body.name, actor))


@router.post(
    "/{worker_id}/suspension",
    responses=problems_of(NotFound, NotPermitted, LastAdministrator, WorkerRegisteredElsewhere),
)
async def suspend_provider_worker(
    worker_id: Worker, session: SessionDep, actor: ActorDep, _repeat: Repeatable
) -> ProviderWorkerShown:
    """Suspend a worker of your organisation: they see nothing from their next request on.

    The only administrator is not suspended: have another appointed first.
    """
    return ProviderWorkerShown.model_validate(await operations.suspend(session, worker_id, actor))


@router.post(
    "/{worker_id}/reinstatement",
    responses=problems_of(NotFound, NotPermitted, WorkerRegisteredElsewhere, WorkerSuspendedByService),
)
async def reinstate_provider_worker(
    worker_id: Worker, session: SessionDep, actor: ActorDep, _repeat: Repeatable
) -> ProviderWorkerShown:
    """Let a suspended worker of your organisation work again, but not as an administrator.

    Whom the service's administrator suspended, only they bring back.
    """
    return ProviderWorkerShown.model_validate(await operations.reinstate(session, worker_id, actor))
