"""Which of a provider's workers may see a person with restricted access, over HTTP: the practitioner names them."""

from typing import Annotated

from fastapi import APIRouter, Path

from service.conflicts import RecipientBlocked, WorkerMayNotSeeCase
from service.domain import cursors
from service.errors import InvalidInput, NotFound, NotPermitted
from service.operations import named_workers as operations
from service.routes.dependencies import ActorDep, Cursor, Limit, SessionDep, VisibleReferral
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.named_workers import NamedWorkerList, NamedWorkerShown
from service.schemas.texts import WorkerId
from service.store import named_workers as store

router = APIRouter(
    route_class=TransactionalRoute, prefix="/v1/referrals/{referral_id}/named-workers", tags=["providers"]
)
Worker = Annotated[WorkerId, Path()]


@router.get("", responses=problems_of(NotFound, NotPermitted))
async def list_named_workers(
    referral: VisibleReferral, session: SessionDep, cursor: Cursor = None, limit: Limit = 50
) -> NamedWorkerList:
    """Read which of the provider's workers were named for this referral, withdrawn or not, the newest first."""
    before = cursors.decode_instant_and_id(cursor)
    return NamedWorkerList.of(await store.named_page(session, referral["id"], before, limit), limit)


@router.put(
    "/{worker_id}",
    responses=problems_of(NotFound, NotPermitted, InvalidInput, RecipientBlocked, WorkerMayNotSeeCase),
)
async def name_worker(
    referral: VisibleReferral, worker_id: Worker, session: SessionDep, actor: ActorDep
) -> NamedWorkerShown:
    """Name a worker under the referral's contract: while access is restricted, only those named see it.

    It holds from their next request on. Who is named before the referral is sent, or before access is restricted,
    counts from then.
    """
    return NamedWorkerShown.model_validate(await operations.name_worker(session, referral, worker_id, actor))


@router.delete("/{worker_id}", responses=problems_of(NotFound, NotPermitted))
async def withdraw_named_worker(
    referral: VisibleReferral, worker_id: Worker, session: SessionDep, actor: ActorDep
) -> NamedWorkerShown:
    """Withdraw a worker: while access is restricted, they see nothing of it from their next request on."""
    return NamedWorkerShown.model_validate(await operations.withdraw_worker(session, referral, worker_id, actor))
