"""Everything waiting for one caller: queries, decisions, versions, checks, and deadlines that are near."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.access.callers import Caller, Role
from service.access.records import AccessRecord
from service.catalogue.definitions import AgeLimit
from service.db import Session
from service.domain.ages import OldestFresh
from service.domain.calendar import british_day
from service.domain.checks import CheckStatus, start_of
from service.domain.deadlines import Deadline
from service.domain.eligibility.thresholds import Thresholds
from service.domain.provider_changes import RAISED_TO_BE_ACKNOWLEDGED_WITHIN
from service.domain.work import (
    RANK,
    WHY,
    Kind,
    Patience,
    Waiting,
    checks_outstanding,
    checks_overdue,
    deadlines_without_draft,
    draft_waiting,
    due_soon,
    page_of,
)
from service.operations.check_standings import standings_in_reach
from service.operations.circumstances import find_circumstances
from service.operations.timelines import deadlines_of
from service.store import cases, hand_overs, risk_lowerings
from service.store import work as store


@dataclass(frozen=True, slots=True)
class Page:
    """What a caller asks for of the list: `limit` at most, after a place, as the list was when it was begun."""

    as_of: datetime.datetime
    after: tuple[int, datetime.datetime, str] | None
    limit: int


PATIENCE = Patience()
KINDS = {rank: kind for kind, rank in RANK.items()}


async def work_of(
    session: Session,
    *,
    caller: Caller,
    now: datetime.datetime,
    page: Page,
    oldest: OldestFresh,
    thresholds: Thresholds,
    record: AccessRecord,
) -> tuple[list[Waiting], bool]:
    """Return what waits for a caller after a place, the most urgent first, and whether there is more.

    The number of queries is the same however much waits. What is near or old is judged on every page by when the list
    was begun, what may be seen by the time it is `now`. `oldest` says which answers about checks are still fresh.
    """
    waiting = await _referrals(session, caller, now, page)
    if not caller.receives:
        waiting += await _cases(session, caller, now, page.as_of, oldest, thresholds)
        waiting += _openings(await cases.openings_to_see(session, caller, now))
        waiting += _late(await hand_overs.late_for(session, caller, now, british_day(page.as_of)))
    if caller.role is Role.MANAGER:
        waiting += _lowered(await risk_lowerings.waiting_for(session, caller, now))
    shown, more = page_of(waiting, page.after, page.limit)
    record.shows(one.crn for one in shown)
    return shown, more


async def _referrals(session: Session, caller: Caller, now: datetime.datetime, page: Page) -> list[Waiting]:
    looks_back = {
        "answered_since": page.as_of - PATIENCE.answers_shown_for,
        "unreceived_since": page.as_of - PATIENCE.unreceived_after,
        "unacknowledged_since": page.as_of - RAISED_TO_BE_ACKNOWLEDGED_WITHIN,
    }
    found = await store.referrals_waiting(session, caller, now, after=page.after, limit=page.limit, since=looks_back)
    return [
        Waiting(kind, str(row["id"]), row["crn"], row["since"], WHY[kind], str(row["id"]), row["pack"])
        for row in found
        for kind in [KINDS[row["rank"]]]
    ]


async def _cases(
    session: Session,
    caller: Caller,
    now: datetime.datetime,
    as_of: datetime.datetime,
    oldest: OldestFresh,
    thresholds: Thresholds,
) -> list[Waiting]:
    """Return what waits in each case the caller can see: checks, deadlines nobody has begun to meet, drafts to send."""
    standing = await standings_in_reach(session, caller, now, as_of=as_of, oldest=oldest, thresholds=thresholds)
    cases_in_reach = {case["crn"]: case for case in await store.open_cases_in_reach(session, caller, now)}
    people = await find_circumstances(session, sorted(cases_in_reach), caller, now)
    today = british_day(as_of)
    deadlines = {crn: deadlines_of(person, today, thresholds) for crn, person in people.items()}
    waiting = _to_send(await store.drafts_in_reach(session, caller, now), deadlines, today)
    for crn, due in deadlines.items():
        case = cases_in_reach[crn]
        waiting += deadlines_without_draft(crn, due, case["packs"], today, PATIENCE)
        _, found = standing.get(crn, ({}, []))
        waiting += checks_overdue(crn, found)
        if case["waiting_since"] is not None:
            overdue = [one.kind for one in found if one.status is CheckStatus.OVERDUE]
            waiting += checks_outstanding(crn, case["checks"], oldest[AgeLimit.CHECK], case["waiting_since"], overdue)
    return waiting


def _to_send(
    drafts: Iterable[Mapping[str, Any]], deadlines: Mapping[str, list[Deadline]], today: datetime.date
) -> list[Waiting]:
    return [
        draft_waiting(str(draft["id"]), draft["crn"], draft["pack"], draft["updated_at"], deadline)
        for draft in drafts
        if (deadline := due_soon(draft["pack"], deadlines.get(draft["crn"], []), today, PATIENCE)) is not None
    ]


def _late(found: Iterable[Mapping[str, Any]]) -> list[Waiting]:
    kind = Kind.HAND_OVER_LATE
    return [
        Waiting(kind, str(row["id"]), row["crn"], start_of(row["planned_on"]), WHY[kind], due_on=row["planned_on"])
        for row in found
    ]


def _lowered(found: Iterable[Mapping[str, Any]]) -> list[Waiting]:
    kind = Kind.LOWERED_RISK_TO_VIEW
    return [Waiting(kind, str(row["id"]), row["crn"], row["lowered_at"], WHY[kind]) for row in found]


def _openings(found: Iterable[Any]) -> list[Waiting]:
    waiting = []
    for opening in found:
        emergency = opening["kind"] == "break_glass"
        kind = Kind.CASE_OPENED_IN_EMERGENCY if emergency else Kind.CASE_OPENED
        waiting.append(Waiting(kind, str(opening["id"]), opening["crn"], opening["opened_at"], WHY[kind]))
    return waiting
