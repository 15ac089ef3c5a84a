"""Everything waiting for one caller: queries, decisions, versions to receive, drafts with a deadline near."""

import datetime
from collections.abc import Iterable
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.domain.work import RANK, WHY, Kind, Patience, Waiting, draft_waiting, due_soon, page_of
from service.operations.circumstances import find_circumstances
from service.operations.timelines import deadlines_of
from service.store import cases
from service.store import work as store

Place = tuple[int, datetime.datetime, str]
PATIENCE = Patience()
KINDS = {rank: kind for kind, rank in RANK.items()}


async def work_of(
    session: AsyncSession,
    *,
    caller: Caller,
    now: datetime.datetime,
    after: Place | None,
    as_of: datetime.datetime,
    limit: int,
    record: AccessRecord,
) -> tuple[list[Waiting], bool]:
    """Return what waits for a caller after a place, the most urgent first, and whether there is more.

    The number of queries is the same however much waits. `as_of` is when the list was begun: what is near or old is
    judged by it on every page, what may be seen by the time it is `now`.
    """
    waiting = await _referrals(session, caller, now, after, as_of, limit)
    if not caller.receives:
        waiting += await _drafts(session, caller, now, as_of.date())
        waiting += _openings(await cases.openings_to_see(session, caller, now))
    shown, more = page_of(waiting, after, limit)
    record.shows(one.crn for one in shown)
    return shown, more


async def _referrals(
    session: AsyncSession,
    caller: Caller,
    now: datetime.datetime,
    after: Place | None,
    as_of: datetime.datetime,
    limit: int,
) -> list[Waiting]:
    looks_back = {
        "rejected_since": as_of - PATIENCE.rejections_shown_for,
        "unreceived_since": as_of - PATIENCE.unreceived_after,
    }
    found = await store.referrals_waiting(session, caller, now, after=after, limit=limit, since=looks_back)
    return [
        Waiting(kind, str(row["id"]), row["crn"], row["since"], WHY[kind], str(row["id"]), row["pack"])
        for row in found
        for kind in [KINDS[row["rank"]]]
    ]


async def _drafts(session: AsyncSession, caller: Caller, now: datetime.datetime, today: datetime.date) -> list[Waiting]:
    drafts = await store.drafts_in_reach(session, caller, now)
    people = await find_circumstances(session, sorted({draft["crn"] for draft in drafts}), caller, now)
    deadlines = {crn: deadlines_of(person, today) for crn, person in people.items()}
    return [
        draft_waiting(str(draft["id"]), draft["crn"], draft["pack"], draft["updated_at"], deadline)
        for draft in drafts
        if (deadline := due_soon(draft["pack"], deadlines.get(draft["crn"], []), today, PATIENCE)) is not None
    ]


def _openings(found: Iterable[Any]) -> list[Waiting]:
    waiting = []
    for opening in found:
        emergency = opening["kind"] == "break_glass"
        kind = Kind.CASE_OPENED_IN_EMERGENCY if emergency else Kind.CASE_OPENED
        waiting.append(Waiting(kind, str(opening["id"]), opening["crn"], opening["opened_at"], WHY[kind]))
    return waiting
