"""Eligibility over HTTP: for a person on record, and "what if" for facts supplied."""

from fastapi import APIRouter

from service.domain.calendar import british_day
from service.domain.eligibility.facts import SuppliedFacts
from service.errors import NotFound, NotPermitted
from service.operations import eligibility as operations
from service.routes.dependencies import CallerDep, Now, RecordDep, SessionDep, ThresholdsDep, VisibleCase
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.eligibility import Eligibility

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["eligibility and timing"])


@router.get("/cases/{crn}/eligibility", responses=problems_of(NotFound, NotPermitted))
async def read_eligibility(
    case: VisibleCase, session: SessionDep, caller: CallerDep, now: Now, record: RecordDep, thresholds: ThresholdsDep
) -> Eligibility:
    """Read where the person stands with each service today, from their profile, referrals and MAPPA screenings.

    It is advice: a referral can be made although somebody is not eligible, with a reason that is kept.
    """
    return await operations.eligibility_of(
        session, case["crn"], caller=caller, now=now, record=record, thresholds=thresholds
    )


@router.post("/eligibility", responses=problems_of(NotPermitted))
async def assess_eligibility(body: SuppliedFacts, now: Now, thresholds: ThresholdsDep) -> Eligibility:
    """Ask "what if": answer for the facts sent, every one of them optional. Nothing is kept and nobody is looked up."""
    return operations.eligibility_for(body, british_day(now), thresholds)
