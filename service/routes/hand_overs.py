"""Hand-overs over HTTP: plan one, prepare it, complete it, and the one page that the new officer reads."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from service.conflicts import (
    CaseClosed,
    HandOverIncomplete,
    HandOverNotPossible,
    HandOverSettled,
    WorkerMayNotSeeCase,
)
from service.domain import cursors
from service.domain.calendar import british_day
from service.errors import (
    NotFound,
    NotPermitted,
    RevisionMissing,
    RevisionStale,
)
from service.operations import hand_over_pages, revisions
from service.operations import hand_overs as operations
from service.routes.dependencies import (
    ActorDep,
    Crn,
    Cursor,
    Limit,
    Now,
    ReaderDep,
    Repeatable,
    SessionDep,
    VisibleCase,
    permitted_sight_of,
)
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.hand_overs import (
    HandOverCancelled,
    HandOverChanged,
    HandOverCompleted,
    HandOverList,
    HandOverPage,
    HandOverPlanned,
    HandOverShown,
    hand_over_shown,
)
from service.store import cases
from service.store import hand_overs as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/cases/{crn}/hand-overs", tags=["hand-overs"])
ONE = "/{hand_over_id}"


async def _case_met(crn: Crn, hand_over_id: uuid.UUID, request: Request) -> str:
    """Find the case as one that the caller sees, or that this planned hand-over is about to give them."""
    state = request.state
    visible = await cases.find_case(state.session, crn, state.caller, state.now) is not None
    met = visible or await store.is_arriving(state.session, crn, hand_over_id, state.caller)
    permitted_sight_of(crn if met else None, request)
    state.record.shows([crn])
    return crn


CaseMet = Annotated[str, Depends(_case_met)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(NotFound, NotPermitted, CaseClosed, WorkerMayNotSeeCase, HandOverNotPossible),
)
async def plan_hand_over(
    case: VisibleCase,
    session: SessionDep,
    actor: ActorDep,
    response: Response,
    body: HandOverPlanned,
    _repeat: Repeatable,
) -> HandOverShown:
    """Plan that whoever has the case in one capacity hands it over: to whom, in which capacity, by which day.

    Who takes it may be named later. Until it is completed both officers are told when its day has passed.
    """
    planned = await operations.plan_hand_over(session, case["crn"], body, actor)
    response.headers["ETag"] = revisions.etag(planned["revision"])
    return hand_over_shown(planned, british_day(actor.now))


@router.get("", responses=problems_of(NotFound, NotPermitted))
async def list_hand_overs(
    case: VisibleCase, session: SessionDep, now: Now, cursor: Cursor = None, limit: Limit = 50
) -> HandOverList:
    """List the changes of practitioner in a case, the latest first: planned ones, and those that nobody planned."""
    before = cursors.decode_instant_and_id(cursor)
    found = await store.hand_overs_page(session, case["crn"], before, limit)
    last = found[limit - 1] if len(found) > limit else None
    return HandOverList(
        items=[hand_over_shown(one, british_day(now)) for one in found[:limit]],
        next=cursors.encode(last["recorded_at"].isoformat(), last["id"]) if last else None,
    )


@router.get(ONE, responses=problems_of(NotFound, NotPermitted))
async def read_hand_over(
    hand_over_id: uuid.UUID, crn: CaseMet, session: SessionDep, actor: ReaderDep, response: Response
) -> HandOverPage:
    """Read a hand-over on one page: what is under way and whose it is, what was promised, what not to ask again.

    The officer whom a planned hand-over names reads it too, before the case is theirs.
    """
    page = await hand_over_pages.read_page(session, crn, hand_over_id, actor)
    response.headers["ETag"] = revisions.etag(page.revision)
    return page


@router.patch(
    ONE,
    responses=problems_of(NotFound, NotPermitted, WorkerMayNotSeeCase, HandOverSettled, RevisionMissing, RevisionStale),
)
async def change_hand_over(
    hand_over_id: uuid.UUID,
    case: VisibleCase,
    session: SessionDep,
    actor: ActorDep,
    response: Response,
    body: HandOverChanged,
) -> HandOverShown:
    """Change a planned hand-over: who takes the case, by when, what was promised, and how the three-way meeting went.

    Send the ETag you read as If-Match. The day first planned stays on record.
    """
    changed = await operations.change_hand_over(session, case["crn"], hand_over_id, body, actor)
    response.headers["ETag"] = revisions.etag(changed["revision"])
    return hand_over_shown(changed, british_day(actor.now))


@router.post(
    f"{ONE}/completion",
    responses=problems_of(
        *(NotFound, NotPermitted, CaseClosed, WorkerMayNotSeeCase),
        *(HandOverSettled, HandOverIncomplete, HandOverNotPossible),
    ),
)
async def complete_hand_over(
    hand_over_id: uuid.UUID,
    case: VisibleCase,
    session: SessionDep,
    actor: ActorDep,
    _repeat: Repeatable,
    body: HandOverCompleted | None = None,
) -> HandOverShown:
    """Hand the case over. From then on it is the new officer's, and so is everything that was under way.

    What they may not have is named as nobody's. A 409 lists what is still missing: who takes it, and the meeting.
    """
    meeting = body.meeting if body else None
    done = await operations.complete_hand_over(session, case["crn"], hand_over_id, meeting, actor)
    return hand_over_shown(done, british_day(actor.now))


@router.post(f"{ONE}/cancellation", responses=problems_of(NotFound, NotPermitted, HandOverSettled))
async def cancel_hand_over(
    hand_over_id: uuid.UUID,
    case: VisibleCase,
    session: SessionDep,
    actor: ActorDep,
    body: HandOverCancelled,
    _repeat: Repeatable,
) -> HandOverShown:
    """Call a planned hand-over off: the case stays with its officer."""
    ended = await operations.cancel_hand_over(session, case["crn"], hand_over_id, body.reason, actor)
    return hand_over_shown(ended, british_day(actor.now))
