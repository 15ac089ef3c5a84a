"""Commissioned providers, their contracts and workers over HTTP: kept by an administrator, who sees no case."""

from typing import Annotated

from fastapi import APIRouter, Path

from service.conflicts import LastAdministrator
from service.domain import cursors
from service.errors import InvalidInput, NotFound, NotPermitted
from service.operations import organisations as operations
from service.operations import provider_workers
from service.routes.dependencies import ActorDep, Cursor, Limit, SessionDep
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.organisations import (
    ContractKept,
    ContractList,
    ContractShown,
    OrganisationKept,
    OrganisationShown,
    ProviderWorkerKept,
    ProviderWorkerShown,
)
from service.schemas.texts import Code, WorkerId
from service.store import organisations as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["reference data"])
OrganisationId = Annotated[Code, Path()]


@router.put("/organisations/{organisation_id}", responses=problems_of(NotPermitted))
async def put_organisation(
    organisation_id: OrganisationId, body: OrganisationKept, session: SessionDep, actor: ActorDep
) -> OrganisationShown:
    """Register a commissioned provider, or replace what is registered; one not active sees nothing any more."""
    return OrganisationShown.model_validate(await operations.put_organisation(session, organisation_id, body, actor))


@router.put(
    "/organisations/{organisation_id}/workers/{worker_id}",
    responses=problems_of(NotFound, NotPermitted, LastAdministrator),
)
async def put_provider_worker(
    organisation_id: OrganisationId,
    worker_id: Annotated[WorkerId, Path()],
    body: ProviderWorkerKept,
    session: SessionDep,
    actor: ActorDep,
) -> ProviderWorkerShown:
    """Register a provider's worker, or suspend one: it holds from their next request on.

    Whom you suspend no organisation's administrator brings back: only you do, by registering them as active again.
    An organisation's only administrator is neither suspended nor moved unless you say that it shall have none.
    """
    worker = await provider_workers.put_worker(session, organisation_id, worker_id, body, actor)
    return ProviderWorkerShown.model_validate(worker)


@router.put("/contracts/{contract_id}", responses=problems_of(NotPermitted, InvalidInput))
async def put_contract(
    contract_id: Annotated[Code, Path()], body: ContractKept, session: SessionDep, actor: ActorDep
) -> ContractShown:
    """Say what a recipient is contracted for and who works under it: who leaves it sees nothing of it any more."""
    return ContractShown.model_validate(await operations.put_contract(session, contract_id, body, actor))


@router.get("/contracts", responses=problems_of(NotPermitted))
async def list_contracts(session: SessionDep, cursor: Cursor = None, limit: Limit = 50) -> ContractList:
    """Read the contracts, with the organisations that work under each now."""
    after = cursors.decode(cursor, str)[0] if cursor else ""
    return ContractList.of(await store.list_contracts(session, after, limit), limit)
