"""The timeline over HTTP."""

from fastapi import APIRouter

from service.errors import NotFound, NotPermitted
from service.operations import timelines as operations
from service.routes.dependencies import CallerDep, Now, RecordDep, SessionDep, ThresholdsDep, VisibleCase
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.timelines import Timeline

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/cases/{crn}", tags=["eligibility and timing"])


@router.get("/timeline", responses=problems_of(NotFound, NotPermitted))
async def read_timeline(
    case: VisibleCase, session: SessionDep, caller: CallerDep, now: Now, record: RecordDep, thresholds: ThresholdsDep
) -> Timeline:
    """Read by when each referral should be made, worked back from the release date as it is recorded.

    Every deadline says which guidance it comes from; one whose date nobody knows yet says so.
    """
    return await operations.timeline_of(
        session, case["crn"], caller=caller, now=now, record=record, thresholds=thresholds
    )
