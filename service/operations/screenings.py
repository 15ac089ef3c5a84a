"""Recording a MAPPA screening: a decision of its own, whether or not a referral follows."""

import datetime
from collections.abc import Mapping
from typing import Any

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.catalogue.reasons import reasons
from service.conflicts import CaseClosed
from service.db import Session
from service.domain.calendar import british_day
from service.domain.circumstances import Circumstances
from service.domain.known_facts import category_of, mappa_of
from service.domain.screenings import LEVEL_ACCEPTED, faults_in_screening
from service.errors import InvalidInput
from service.operations.actors import Doer
from service.operations.circumstances import screening_fact
from service.schemas.screenings import Screening
from service.store import events
from service.store import screenings as store

MAPPA = "mappa"


async def record_screening(
    session: Session,
    case: Mapping[str, Any],
    body: Screening,
    *,
    caller: Caller,
    now: datetime.datetime,
    record: AccessRecord,
) -> dict[str, Any]:
    """Add a screening to a visible case and return it. The profile keeps what the record system holds.

    Raises InvalidInput for a level the category cannot have or a day that cannot be, CaseClosed.
    """
    faults = faults_in_screening(
        body.category, body.level, screened_on=body.screened_on, review_on=body.review_on, today=british_day(now)
    )
    if faults:
        raise InvalidInput(errors=faults)
    if case["status"] != "open":
        raise CaseClosed
    return await _add(session, {"crn": case["crn"], **body.model_dump()}, caller=caller, now=now, record=record)


async def screen_accepted(
    session: Session, referral: Mapping[str, Any], reason: str | None, note: str | None, doer: Doer
) -> None:
    """Add the screening that accepting a MAPPA referral amounts to: its level, and the category as it was.

    The category is the one in force, else the one that was sent. Where nobody ever gave one there is nothing to screen:
    a level is set only for somebody in a category.
    """
    level = LEVEL_ACCEPTED.get(reason or "") if referral["pack"] == MAPPA else None
    if level is None:
        return
    standing = await store.category_standing(session, referral["id"], referral["version"])
    person = Circumstances(standing["answers"], screening=screening_fact(standing["screening"]))
    category = mappa_of(person).category or category_of(standing["sent"])
    today = british_day(doer.now)
    if category is None or faults_in_screening(category, level, screened_on=today, review_on=None, today=today):
        return
    words = note or reasons().label(MAPPA, "acceptance", reason)
    screening = {"crn": referral["crn"], "category": category, "level": level, "reason": words}
    screening |= {"screened_on": today, "review_on": None}
    await _add(session, screening, caller=doer.caller, now=doer.now, record=doer.record)


async def _add(
    session: Session,
    screening: Mapping[str, Any],
    *,
    caller: Caller,
    now: datetime.datetime,
    record: AccessRecord,
) -> dict[str, Any]:
    added = await store.insert_screening(session, screening, by=caller.worker, now=now)
    # MAPPA detail goes to few: the event says only that there is a screening.
    await events.append(session, added["crn"], "screening.recorded", str(added["id"]), {}, now)
    record.changes(added["crn"], screening=str(added["id"]))
    return added
