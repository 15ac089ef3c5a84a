"""Lowered risk levels over HTTP: which wait for a manager's view, and the view."""

import uuid

from fastapi import APIRouter

from service.conflicts import ViewAlreadyGiven, ViewNeedsAnother
from service.domain import cursors
from service.errors import NotFound, NotPermitted
from service.operations import risk_lowerings as operations
from service.routes.dependencies import ActorDep, Cursor, Limit, Repeatable, SessionDep, VisibleCase
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.risk_lowerings import LoweringList, LoweringShown, ViewGiven
from service.store import risk_lowerings as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/cases/{crn}/risk-lowerings", tags=["checks"])


@router.get("", responses=problems_of(NotFound, NotPermitted))
async def list_risk_lowerings(
    case: VisibleCase, session: SessionDep, cursor: Cursor = None, limit: Limit = 50
) -> LoweringList:
    """List the times a risk level was lowered without a current check or near a release, and what a manager said."""
    before = cursors.decode_instant_and_id(cursor)
    found = await store.lowerings_page(session, case["crn"], before, limit)
    last = found[limit - 1] if len(found) > limit else None
    return LoweringList(
        items=[LoweringShown.model_validate(one) for one in found[:limit]],
        next=cursors.encode(last["lowered_at"].isoformat(), last["id"]) if last else None,
    )


@router.post("/{lowering_id}/view", responses=problems_of(NotFound, NotPermitted, ViewAlreadyGiven, ViewNeedsAnother))
async def give_view(
    lowering_id: uuid.UUID,
    case: VisibleCase,
    session: SessionDep,
    actor: ActorDep,
    body: ViewGiven,
    _repeat: Repeatable,
) -> LoweringShown:
    """Give your view, as a manager, of a risk level that somebody lowered; until then it stands in your work list."""
    return LoweringShown.model_validate(await operations.give_view(session, case["crn"], lowering_id, body, actor))
