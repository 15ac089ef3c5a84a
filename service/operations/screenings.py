"""Recording a MAPPA screening: a decision of its own, whether or not a referral follows."""

import datetime
from collections.abc import Mapping
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.domain.screenings import faults_in_screening
from service.errors import CaseClosed, InvalidInput
from service.schemas.screenings import Screening
from service.store import events
from service.store import screenings as store


async def record_screening(
    session: AsyncSession,
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
        body.category, body.level, screened_on=body.screened_on, review_on=body.review_on, today=now.date()
    )
    if faults:
        raise InvalidInput(errors=faults)
    if case["status"] != "open":
        raise CaseClosed
    screening = await store.insert_screening(
        session, {"crn": case["crn"], **body.model_dump()}, by=caller.worker, now=now
    )
    # MAPPA detail goes to few: the event says only that there is a screening.
    await events.append(session, case["crn"], "screening.recorded", str(screening["id"]), {}, now)
    record.changes(case["crn"], screening=str(screening["id"]))
    return screening
