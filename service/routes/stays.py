"""Stays in approved premises over HTTP: who is expected, who lives there, and each thing that happens to a stay."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response, status

from service.conflicts import (
    CaseClosed,
    StayAlreadyOpen,
    TransitionNotAllowed,
    WorkerMayNotSeeCase,
)
from service.domain import cursors
from service.domain.calendar import british_day
from service.errors import (
    InvalidInput,
    NotFound,
    NotPermitted,
    RevisionStale,
)
from service.operations import revisions
from service.operations import stays as operations
from service.routes.dependencies import (
    ActorDep,
    CallerDep,
    Cursor,
    Limit,
    Now,
    RecordDep,
    Repeatable,
    SessionDep,
    VisibleCase,
    VisibleStay,
)
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.stays import (
    Arrival,
    Departure,
    Ending,
    Expectation,
    Extension,
    KeyWorker,
    Rescheduling,
    StayList,
    StayPage,
    StayShown,
    Transfer,
    stay_list,
    stay_page,
    stay_shown,
)
from service.schemas.texts import Code
from service.store import stays as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["stays"])
ACTED = problems_of(NotFound, NotPermitted, InvalidInput, TransitionNotAllowed, RevisionStale)
NAMED = problems_of(NotFound, NotPermitted, TransitionNotAllowed, RevisionStale, WorkerMayNotSeeCase)
OPENED = problems_of(NotFound, NotPermitted, InvalidInput, CaseClosed, StayAlreadyOpen, WorkerMayNotSeeCase)
AtPremises = Annotated[Code | None, Query(description="Only at these premises.")]
Open = Literal["expected", "in_residence", "suspended"]
InStatus = Annotated[Open | None, Query(alias="status", description="Only those in this status.")]


async def _act(
    stay: VisibleStay, session: SessionDep, actor: ActorDep, response: Response, _repeat: Repeatable
) -> Callable[..., Awaitable[StayShown]]:
    """Give the handler what does an act to the stay in the path, once the caller was found to see it."""

    async def act(operation: Callable[..., Awaitable[Mapping[str, Any]]], body: Any) -> StayShown:
        row = await operation(session, stay, body, actor)
        response.headers["ETag"] = revisions.etag(row["revision"])
        return stay_shown(row, store.as_stay(row), british_day(actor.now))

    return act


Act = Annotated[Callable[..., Awaitable[StayShown]], Depends(_act)]


@router.post("/placements", status_code=status.HTTP_201_CREATED, responses=OPENED)
async def expect_arrival(
    body: Expectation, session: SessionDep, actor: ActorDep, response: Response, _repeat: Repeatable
) -> StayShown:
    """Say who is expected at which premises, and from when. The day of leaving follows from the kind of premises.

    A practitioner or manager does so for a person whose case they see; staff of premises at their own, for a person
    whose referral to approved premises was accepted. Everybody else is not there (404).
    """
    row = await operations.expect_arrival(session, body, actor)
    response.headers["ETag"] = revisions.etag(row["revision"])
    return stay_shown(row, store.as_stay(row), british_day(actor.now))


@router.get("/placements", responses=problems_of(NotPermitted))
async def list_stays(
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    record: RecordDep,
    premises: AtPremises = None,
    stay_status: InStatus = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> StayList:
    """Read who lives at your premises or is expected there; as practitioner or manager, those whose cases you see.

    Everybody in residence is on the list, and everybody expected, until they have left or do not come.
    """
    before = cursors.decode_instant_and_id(cursor)
    narrowed = {"at": premises, "status": stay_status}
    rows = await store.list_stays(session, caller, now, narrowed=narrowed, before=before, limit=limit)
    record.shows(row["crn"] for row in rows[:limit])
    return stay_list([(row, store.as_stay(row)) for row in rows], limit, british_day(now))


@router.get("/cases/{crn}/stays", responses=problems_of(NotFound, NotPermitted))
async def list_case_stays(case: VisibleCase, session: SessionDep, caller: CallerDep, now: Now) -> StayList:
    """Read every stay of one person in approved premises, the newest first."""
    rows = await store.stays_of_case(session, case["crn"], caller, now)
    return stay_list([(row, store.as_stay(row)) for row in rows], len(rows), british_day(now))


@router.get("/placements/{stay_id}", responses=problems_of(NotFound, NotPermitted))
async def read_stay(stay: VisibleStay, session: SessionDep, now: Now, response: Response) -> StayPage:
    """Read a stay: where it stands, and who did what to it, when and why."""
    response.headers["ETag"] = revisions.etag(stay["revision"])
    steps = await store.steps_of(session, stay["id"])
    return stay_page(stay, store.as_stay(stay), steps, british_day(now))


@router.post("/placements/{stay_id}/rescheduling", responses=ACTED)
async def reschedule_arrival(act: Act, body: Rescheduling) -> StayShown:
    """Expect the person on another day, earlier or later, with a reason. The day of leaving moves along unless set."""
    return await act(operations.reschedule_arrival, body)


@router.post("/placements/{stay_id}/arrival", responses=ACTED)
async def record_arrival(act: Act, body: Arrival) -> StayShown:
    """Record that the person came, for the first time or back from a recall. A manager records one long past."""
    return await act(operations.record_arrival, body)


@router.post("/placements/{stay_id}/extension", responses=ACTED)
async def extend_stay(act: Act, body: Extension) -> StayShown:
    """Change the day of leaving, later or earlier, with a reason."""
    return await act(operations.extend_stay, body)


@router.post("/placements/{stay_id}/transfer", responses=ACTED)
async def transfer_stay(act: Act, body: Transfer) -> StayShown:
    """Let the stay go on in other premises: their staff see it from now on, those of the first no more.

    Premises of another kind count their own weeks from the day of the move; of the same kind the day of leaving stays.
    """
    return await act(operations.transfer_stay, body)


@router.post("/placements/{stay_id}/departure", responses=ACTED)
async def record_departure(act: Act, body: Departure) -> StayShown:
    """Record that the person left for good, and where they went where the reason does not say it."""
    return await act(operations.record_departure, body)


@router.post("/placements/{stay_id}/non-arrival", responses=ACTED)
async def record_non_arrival(act: Act, body: Ending) -> StayShown:
    """Record that the person did not come, on the day they were expected or after it."""
    return await act(operations.record_non_arrival, body)


@router.post("/placements/{stay_id}/cancellation", responses=ACTED)
async def cancel_stay(act: Act, body: Ending) -> StayShown:
    """Cancel the stay of somebody who is still to come."""
    return await act(operations.cancel_stay, body)


@router.post("/placements/{stay_id}/key-worker", responses=NAMED)
async def name_key_worker(act: Act, body: KeyWorker) -> StayShown:
    """Say who of the premises' staff works with the person."""
    return await act(operations.name_key_worker, body)
