"""Where a person stands with each service, from the facts on record or from facts supplied."""

import datetime

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.db import Session
from service.domain.calendar import british_day
from service.domain.eligibility.assessments import assess
from service.domain.eligibility.facts import SuppliedFacts
from service.domain.eligibility.lines import Status
from service.domain.eligibility.thresholds import Thresholds
from service.domain.known_facts import facts_of
from service.domain.readiness import Caution
from service.operations.actors import Actor
from service.operations.circumstances import find_circumstances, read_circumstances
from service.schemas.eligibility import Eligibility


async def eligibility_of(
    session: Session,
    crn: str,
    *,
    caller: Caller,
    now: datetime.datetime,
    record: AccessRecord,
    thresholds: Thresholds,
) -> Eligibility:
    """Answer for a real, visible person today."""
    person = await read_circumstances(session, crn, caller=caller, now=now, record=record)
    return Eligibility(**assess(facts_of(person), british_day(now), thresholds))


def eligibility_for(facts: SuppliedFacts, today: datetime.date, thresholds: Thresholds) -> Eligibility:
    """Answer for facts a caller supplies, on the day they name; nobody's record is read and nothing is kept."""
    return Eligibility(**assess(facts, facts.on or today, thresholds))


async def going_on_past(session: Session, crn: str, pack: str, actor: Actor) -> list[Caution]:
    """Return what sending a pack for this person would go on past: that they are not eligible for it, and why.

    Advice, not a lock (design §6): the sender may go on with a recorded reason.
    """
    found = await find_circumstances(session, [crn], actor.caller, actor.now)
    line = assess(facts_of(found[crn]), british_day(actor.now), actor.thresholds).get(pack) if crn in found else None
    if line is None or line.status is not Status.NOT_ELIGIBLE:
        return []
    reasons = ", ".join(str(reason).replace("_", " ") for reason in line.reasons)
    return [Caution("not_eligible", f"The person is not eligible ({reasons}).")]
