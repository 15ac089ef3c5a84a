"""Recording what happened to a person, over HTTP."""

from fastapi import APIRouter, status

from service.conflicts import CaseClosed, PersonEventRecorded, WorkerMayNotSeeCase
from service.errors import InvalidInput, NotFound, NotPermitted
from service.operations import person_events as operations
from service.routes.dependencies import CallerDep, Now, RecordDep, Repeatable, SessionDep, VisibleCase
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.person_events import PersonEventReported, PersonEventShown

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/cases/{crn}/events", tags=["cases"])
REFUSALS = problems_of(NotFound, NotPermitted, InvalidInput, CaseClosed, PersonEventRecorded, WorkerMayNotSeeCase)


@router.post("", status_code=status.HTTP_201_CREATED, responses=REFUSALS)
async def record_person_event(
    case: VisibleCase,
    body: PersonEventReported,
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    record: RecordDep,
    repeat: Repeatable,
) -> PersonEventShown:
    """Record a death, a recall, a transfer or a merge, and see what it did to each referral.

    A death withdraws every open referral and closes the case. A standard recall withdraws them too, save MAPPA's, which
    stays open, marked; a fixed-term recall leaves them waiting, marked. A transfer hands the case to a practitioner of
    another region. A merge moves everything to the surviving CRN and closes this case: of two open referrals for one
    thing, the one further on its way is kept. A transfer or merge is for those who hold the case.
    """
    return await operations.record_person_event(session, case["crn"], body, caller=caller, now=now, record=record)
