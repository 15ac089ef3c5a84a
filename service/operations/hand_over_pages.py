"""A hand-over's one page, as its reader sees it."""

import datetime
import uuid

from service.db import Session
from service.domain.ages import oldest_fresh
from service.domain.calendar import british_day, months_before
from service.domain.cases import MONTHS_OF_PRACTITIONERS
from service.domain.hand_overs import HandOverStatus, Holder, holders_after, outstanding
from service.operations import hand_over_records as records
from service.operations.actors import Actor
from service.operations.hand_overs import read_hand_over, works_of
from service.schemas.hand_overs import HandOverPage, not_to_ask, page_shown
from service.store import hand_overs as store


async def read_page(session: Session, crn: str, hand_over_id: uuid.UUID, actor: Actor) -> HandOverPage:
    """Return the page of a hand-over whose case the caller sees, or is about to have. Raises NotFound.

    What is under way is shown with whose it is now; the officer who took the case over comes first.
    """
    found, today = await read_hand_over(session, crn, hand_over_id), british_day(actor.now)
    since = datetime.datetime.combine(months_before(today, MONTHS_OF_PRACTITIONERS), actor.now.timetz())
    person = await store.person_of(session, crn, since)
    holders = await records.holders_of(session, crn)
    arrived = [one for one in holders if one.worker_id == found["to_worker"]]
    if found["status"] == HandOverStatus.COMPLETED and arrived:
        holders = holders_after(holders, "", Holder(arrived[0].worker_id, arrived[0].name))
    works = outstanding(await works_of(session, crn, actor, arriving=True), holders)
    told = not_to_ask(person["answers"], actor.catalogue.items, oldest_fresh(actor.ages, today))
    actor.record.items.extend(one.item for one in told)
    return page_shown(found, person, works, told, today)
