"""The two checks over HTTP: how they stand and why, ask, chase and answer them, and which are overdue."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query, status

from service.conflicts import CaseClosed, CheckAlreadyAsked, CheckSettled
from service.domain import cursors
from service.domain.checks import CheckKind, CheckStatus
from service.errors import NotFound, NotPermitted
from service.operations import checks as operations
from service.operations.checks import Wanted
from service.routes.dependencies import (
    ActorDep,
    CallerDep,
    Cursor,
    Limit,
    Now,
    Oldest,
    ReaderDep,
    RecordDep,
    Repeatable,
    SessionDep,
    ThresholdsDep,
    VisibleCase,
)
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.checks import (
    CaseCheckList,
    ChaserShown,
    CheckAnswered,
    CheckAsked,
    CheckChased,
    CheckLine,
    CheckList,
    CheckShown,
    case_checks,
    check_line,
    check_shown,
)
from service.schemas.texts import PlaceName, WorkerId
from service.store.checks import Holding

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["checks"])
OF_CASE = "/cases/{crn}/checks"
ONE = f"{OF_CASE}/{{check_id}}"
PRESSING = (CheckStatus.OVERDUE, CheckStatus.EXPIRED, CheckStatus.DUE, CheckStatus.ASKED)
CHANGED = problems_of(NotFound, NotPermitted, CaseClosed, CheckSettled)


async def _holding(
    practitioner: Annotated[WorkerId | None, Query(description="Only cases allocated to this worker.")] = None,
    team_name: Annotated[PlaceName | None, Query(description="Only cases of this team.")] = None,
    region: Annotated[PlaceName | None, Query(description="Only cases of this region.")] = None,
) -> Holding:
    return Holding(practitioner, team_name, region)


async def _wanted(
    now: Now,
    holding: Annotated[Holding, Depends(_holding)],
    status: Annotated[
        list[CheckStatus] | None, Query(description="Only these; all that need something done unless given.")
    ] = None,
    kind: Annotated[list[CheckKind] | None, Query(description="Only these; both unless given.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Wanted:
    as_of, after = cursors.decode_place(cursor, now)
    return Wanted(status or PRESSING, kind or list(CheckKind), holding, as_of, after, limit)


@router.get("/checks", responses=problems_of(NotPermitted))
async def list_checks(
    wanted: Annotated[Wanted, Depends(_wanted)],
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    oldest: Oldest,
    thresholds: ThresholdsDep,
    record: RecordDep,
) -> CheckList:
    """List the checks of the cases you can see, by practitioner, team and region: overdue ones first.

    A check is overdue when it has been due, or asked without an answer, for longer than it may be.
    """
    found, more = await operations.list_checks(
        session, wanted, caller=caller, now=now, oldest=oldest, thresholds=thresholds, record=record
    )
    last = found[-1].place if more else None
    ending = cursors.encode(wanted.as_of.isoformat(), last[0], last[1].isoformat(), last[2]) if last else None
    return CheckList(items=[_line(one) for one in found], next=ending)


def _line(one: operations.Listed) -> CheckLine:
    return check_line(one.crn, one.region, one.holders, one.standing)


@router.get(OF_CASE, responses=problems_of(NotFound, NotPermitted))
async def list_case_checks(case: VisibleCase, session: SessionDep, actor: ReaderDep) -> CaseCheckList:
    """Read how a person's two checks stand: whether due and why, asked of whom, chased when, and what came back."""
    return case_checks(*await operations.read_checks(session, case["crn"], actor))


@router.post(
    OF_CASE,
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(NotFound, NotPermitted, CaseClosed, CheckAlreadyAsked),
)
async def ask_check(
    case: VisibleCase, session: SessionDep, actor: ActorDep, body: CheckAsked, _repeat: Repeatable
) -> CheckShown:
    """Record that a check was asked for. The profile says so too, and so do the forms that ask.

    While one is unanswered, name it in `replaces` to ask somebody else instead.
    """
    return check_shown(await operations.ask_check(session, case["crn"], body, actor))


@router.get(f"{ONE}/chaser", responses=problems_of(NotFound, NotPermitted, CheckSettled))
async def read_chaser(check_id: uuid.UUID, case: VisibleCase, session: SessionDep) -> ChaserShown:
    """Draft a reminder for you to read and send: when it was asked and chased, nothing about the person.

    Nothing is sent. Once you have sent it, record the chase.
    """
    drafted = await operations.draft_chaser(session, case["crn"], check_id)
    return ChaserShown(check_id=check_id, to=drafted.to, subject=drafted.subject, text=drafted.text)


@router.post(f"{ONE}/chases", status_code=status.HTTP_201_CREATED, responses=CHANGED)
async def chase_check(
    check_id: uuid.UUID,
    case: VisibleCase,
    session: SessionDep,
    actor: ActorDep,
    body: CheckChased,
    _repeat: Repeatable,
) -> CheckShown:
    """Record that a check was chased, and how."""
    return check_shown(await operations.chase_check(session, case["crn"], check_id, body, actor))


@router.post(f"{ONE}/answer", responses=CHANGED)
async def answer_check(
    check_id: uuid.UUID,
    case: VisibleCase,
    session: SessionDep,
    actor: ActorDep,
    body: CheckAnswered,
    _repeat: Repeatable,
) -> CheckShown:
    """Record what came back, once: a code, and in words what is held. Later news is a check asked again."""
    return check_shown(await operations.answer_check(session, case["crn"], check_id, body, actor))
