"""Approved premises over HTTP: kept by an administrator, read by staff."""

from typing import Annotated

from fastapi import APIRouter, Path

from service.domain import cursors
from service.errors import NotFound, NotPermitted
from service.operations import premises as operations
from service.routes.dependencies import ActorDep, Cursor, Limit, SessionDep
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.premises import PremisesKept, PremisesList, PremisesShown, premises_list, premises_shown
from service.schemas.texts import Code
from service.store import premises as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/premises", tags=["reference data"])
PremisesId = Annotated[Code, Path()]


@router.put("/{premises_id}", responses=problems_of(NotPermitted))
async def put_premises(
    premises_id: PremisesId, body: PremisesKept, session: SessionDep, actor: ActorDep
) -> PremisesShown:
    """Register approved premises, or replace what is registered. No address is kept."""
    return premises_shown(await operations.put_premises(session, premises_id, body, actor))


@router.get("/{premises_id}", responses=problems_of(NotFound, NotPermitted))
async def read_premises(premises_id: PremisesId, session: SessionDep) -> PremisesShown:
    """Read what is registered of approved premises, and how many weeks a stay there has."""
    return premises_shown(await operations.read_premises(session, premises_id))


@router.get("", responses=problems_of(NotPermitted))
async def list_premises(session: SessionDep, cursor: Cursor = None, limit: Limit = 50) -> PremisesList:
    """Read the approved premises there are."""
    after = cursors.decode(cursor, str)[0] if cursor else ""
    return premises_list(await store.list_premises(session, after, limit), limit)
