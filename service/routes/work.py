"""The work list over HTTP."""

from fastapi import APIRouter

from service.domain import cursors
from service.errors import NotPermitted
from service.operations import work
from service.routes.dependencies import CallerDep, Cursor, Limit, Now, Oldest, RecordDep, SessionDep, ThresholdsDep
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.work import WorkList, work_item

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/work", tags=["work list"])


@router.get("", responses=problems_of(NotPermitted))
async def read_work(
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    oldest: Oldest,
    thresholds: ThresholdsDep,
    record: RecordDep,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> WorkList:
    """Read everything that waits for you, the most urgent first.

    For practitioners and managers: concerns of providers, raised risk that no provider acknowledged in a day, questions
    to answer, proposals to decide, dates that moved since they were sent, hand-overs and checks that are overdue,
    deadlines with a draft and without, outstanding checks, drafts that came with a case, what recipients decided,
    versions and referrals not received yet, and who opened their cases; for managers also risk levels that were lowered
    and wait for their view. For recipients: what to receive and what to decide.
    """
    as_of, after = cursors.decode_place(cursor, now)
    waiting, more = await work.work_of(
        session,
        caller=caller,
        now=now,
        page=work.Page(as_of, after, limit),
        oldest=oldest,
        thresholds=thresholds,
        record=record,
    )
    last = waiting[-1].place if more else None
    ending = cursors.encode(as_of.isoformat(), last[0], last[1].isoformat(), last[2]) if last else None
    return WorkList(items=[work_item(one) for one in waiting], next=ending)
