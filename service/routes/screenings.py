"""MAPPA screenings over HTTP: record one, and read those there were."""

from fastapi import APIRouter, status

from service.conflicts import CaseClosed
from service.domain import cursors
from service.errors import NotFound, NotPermitted
from service.operations import screenings as operations
from service.routes.dependencies import (
    CallerDep,
    Cursor,
    Limit,
    Now,
    RecordDep,
    Repeatable,
    SessionDep,
    VisibleCase,
)
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.screenings import Screening, ScreeningList, ScreeningShown
from service.store import screenings as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/cases/{crn}/mappa-screenings", tags=["MAPPA screenings"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems_of(NotFound, NotPermitted, CaseClosed))
async def record_screening(
    case: VisibleCase,
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    record: RecordDep,
    body: Screening,
    _repeat: Repeatable,
) -> ScreeningShown:
    """Record which MAPPA category and level was set for the person, or that they are in none, and why.

    A screening is a record of its own: it makes no referral and changes nothing that the record system holds.
    """
    screening = await operations.record_screening(session, case, body, caller=caller, now=now, record=record)
    return ScreeningShown.model_validate(screening)


@router.get("", responses=problems_of(NotFound, NotPermitted))
async def list_screenings(
    case: VisibleCase, session: SessionDep, caller: CallerDep, now: Now, cursor: Cursor = None, limit: Limit = 50
) -> ScreeningList:
    """List the person's MAPPA screenings, the latest first: the first is the one in force."""
    before = cursors.decode_day_instant_and_id(cursor)
    found = await store.screenings_page(session, case["crn"], caller, now, before=before, limit=limit)
    last = found[limit - 1] if len(found) > limit else None
    return ScreeningList(
        items=[ScreeningShown.model_validate(screening) for screening in found[:limit]],
        next=cursors.encode(last["screened_on"], last["recorded_at"].isoformat(), last["id"]) if last else None,
    )
