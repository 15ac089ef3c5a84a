"""One timeline of deadlines a person, from the dates and referrals on record."""

import datetime

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.db import Session
from service.domain.calendar import british_day
from service.domain.circumstances import Circumstances
from service.domain.deadlines import Deadline
from service.domain.eligibility.assessments import assess
from service.domain.eligibility.cases import accommodation_status, next_steps
from service.domain.eligibility.thresholds import Thresholds
from service.domain.known_facts import facts_of, key_dates_of, next_homes_of
from service.domain.timelines import timeline
from service.operations.circumstances import read_circumstances
from service.schemas.timelines import Timeline


async def timeline_of(
    session: Session,
    crn: str,
    *,
    caller: Caller,
    now: datetime.datetime,
    record: AccessRecord,
    thresholds: Thresholds,
) -> Timeline:
    """Return a visible person's timeline as it stands today; it moves when a date moves."""
    person = await read_circumstances(session, crn, caller=caller, now=now, record=record)
    facts, today = facts_of(person), british_day(now)
    home = facts.current_accommodation
    return Timeline(
        crn=crn,
        today=today,
        release_on=person.release_on,
        items=deadlines_of(person, today, thresholds),
        next_steps=next_steps(assess(facts, today, thresholds)),
        accommodation_status=accommodation_status(home.kind if home else None, next_homes_of(person)),
    )


def deadlines_of(person: Circumstances, today: datetime.date, thresholds: Thresholds) -> list[Deadline]:
    """Return every deadline of one person."""
    return timeline(key_dates_of(person), facts_of(person), thresholds, today)
