"""Cases over HTTP: open one, read it, hand it on, look in for a while, and keep people out."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response, status

from service.conflicts import (
    CaseAlreadyOpen,
    CaseAlreadyVisible,
    CaseClosed,
    WorkerMayNotSeeCase,
)
from service.domain import cursors
from service.errors import (
    FieldError,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from service.operations import case_pages
from service.operations import cases as operations
from service.routes.dependencies import (
    CallerDep,
    Crn,
    Cursor,
    Limit,
    Now,
    RecordDep,
    Repeatable,
    SessionDep,
    VisibleCase,
    permitted_sight_of,
)
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.cases import (
    AccessLimits,
    AllocationShown,
    AllocationWanted,
    CaseList,
    CaseOpened,
    CaseShown,
    LimitsShown,
    OpeningShown,
    OpeningWanted,
)
from service.store import cases as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/cases", tags=["cases"])
Team = Annotated[bool, Query(description="The whole team's cases, not the caller's alone.")]
Standing = Mapping[str, Any]


async def _case_to_open(
    body: CaseOpened, session: SessionDep, caller: CallerDep, now: Now, record: RecordDep
) -> CaseOpened:
    """Refuse a CRN whose case is hidden from the caller before a repeated request can be answered."""
    record.asked_for["crn"] = body.crn
    if await store.is_hidden(session, body.crn, caller, now):
        raise NotFound
    record.shows([body.crn])
    return body


async def _held_case(case: VisibleCase, session: SessionDep, caller: CallerDep, now: Now) -> Mapping[str, Any]:
    """Find the case as one that the caller's team holds; who opened it for a while may not hand it on."""
    standing = await store.find_standing(session, case["crn"], caller, now)
    if standing is None or not standing["held"]:
        raise NotPermitted
    return case


async def _openable_case(
    crn: Crn, request: Request, session: SessionDep, caller: CallerDep, record: RecordDep, now: Now
) -> Standing:
    """Find a case the caller sees or could open; one that is restricted, excluded or absent is 404 all the same."""
    standing = permitted_sight_of(await store.find_standing(session, crn, caller, now), request)
    record.shows([crn])
    return standing


CaseToOpen = Annotated[CaseOpened, Depends(_case_to_open)]
HeldCase = Annotated[Mapping[str, Any], Depends(_held_case)]
OpenableCase = Annotated[Standing, Depends(_openable_case)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(NotFound, NotPermitted, InvalidInput, CaseAlreadyOpen, CaseClosed),
)
async def open_case(
    opened: CaseToOpen,
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    record: RecordDep,
    response: Response,
    repeat: Repeatable,
) -> CaseShown:
    """Open a case with an empty profile. You are allocated to it; a record system opens it unallocated.

    A 409 means that the case is open already: `opens_with_a_reason` says whether you see it, or could for a while
    (POST …/openings). A 404 means that there is no such person for you to open a case for. It is the one answer for a
    CRN kept from you and for one that was merged into another out of your sight, and tells you no more than that.
    """
    await operations.open_case(session, opened, caller=caller, now=now, record=record)
    response.headers["Location"] = f"/v1/cases/{opened.crn}"
    return await case_pages.read_case(session, opened.crn, caller=caller, now=now)


@router.get("", responses=problems_of(NotPermitted, InvalidInput))
async def list_cases(
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    record: RecordDep,
    team: Team = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CaseList:
    """Read your caseload, or your team's: the open cases allocated, each with how many referrals it has open."""
    after = _allocation(cursor) if cursor else None
    page = CaseList.of(await store.caseload(session, caller, now, team=team, after=after, limit=limit), limit)
    record.shows(case.crn for case in page.items)
    return page


def _allocation(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(cursors.decode(cursor, str)[0])
    except ValueError:
        fault = FieldError("/query/cursor", "cursor", "Use the cursor a page gave you.")
        raise InvalidInput(errors=[fault]) from None


@router.get("/{crn}", responses=problems_of(NotFound, NotPermitted))
async def read_case(case: VisibleCase, session: SessionDep, caller: CallerDep, now: Now) -> CaseShown:
    """Read a case: who it is about, who manages it, who opened it for a while and why, and what is under way."""
    return await case_pages.read_case(session, case["crn"], caller=caller, now=now)


@router.post(
    "/{crn}/openings",
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(NotFound, NotPermitted, CaseAlreadyVisible),
)
async def open_case_for_a_while(
    standing: OpenableCase,
    body: OpeningWanted,
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    record: RecordDep,
    repeat: Repeatable,
) -> OpeningShown:
    """See an unrestricted case for 24 hours, giving a reason; the case's practitioner is shown who looked, and why.

    `break_glass`, for out of hours, lasts 12 hours and alerts the practitioner and their manager.
    """
    opening = await operations.open_case_for_a_while(session, standing, body, caller=caller, now=now, record=record)
    return OpeningShown.model_validate(opening)


@router.post(
    "/{crn}/allocations",
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(NotFound, NotPermitted, InvalidInput, CaseClosed, WorkerMayNotSeeCase),
)
async def allocate_case(
    case: HeldCase,
    body: AllocationWanted,
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    record: RecordDep,
    repeat: Repeatable,
) -> AllocationShown:
    """Hand the case to a worker in one capacity; whoever had it in that capacity has it no longer."""
    allocation = await operations.allocate_case(session, case["crn"], body, caller=caller, now=now, record=record)
    return AllocationShown.model_validate(allocation)


@router.put("/{crn}/limited-access", responses=problems_of(NotFound, NotPermitted))
async def limit_access(
    case: VisibleCase, body: AccessLimits, session: SessionDep, caller: CallerDep, now: Now, record: RecordDep
) -> LimitsShown:
    """Replace who may and may not see the case. It holds for everybody from their next request on."""
    await operations.limit_access(session, case["crn"], body, caller=caller, now=now, record=record)
    lists = {"allowed": sorted(set(body.allowed)), "excluded": sorted(set(body.excluded))}
    return LimitsShown(crn=case["crn"], restricted=body.restricted, **lists)
