"""A case's page, as one reader sees it."""

import datetime

from service.access.callers import Caller
from service.db import Session
from service.domain.calendar import british_day, months_before
from service.domain.cases import MONTHS_OF_PRACTITIONERS
from service.errors import NotFound
from service.schemas.cases import CaseShown, links_of
from service.store import cases as store


async def read_case(session: Session, crn: str, *, caller: Caller, now: datetime.datetime) -> CaseShown:
    """Return a visible case's page; NotFound where it has gone out of sight meanwhile."""
    header = await store.find_case(session, crn, caller, now)
    if header is None:
        raise NotFound
    if header["merged_into"] is not None:
        # That the surviving case exists is known only to those who may see it, or could with a reason.
        surviving = await store.find_standing(session, header["merged_into"], caller, now)
        header = header | {"merged_into": surviving["crn"] if surviving else None}
    since = datetime.datetime.combine(months_before(british_day(now), MONTHS_OF_PRACTITIONERS), now.timetz())
    page = await store.read_page(session, crn, since)
    return CaseShown.model_validate(header | page | {"links": links_of(crn)})
