"""Making two cases of one person into one: referrals, answers, screenings and limits go to the surviving CRN."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.db import Session
from service.domain.cases import AccessLists, lists_of_both
from service.domain.lifecycle import Status
from service.domain.person_events import (
    AffectedReferral,
    Consequence,
    Duplicate,
    EventKind,
    MergedAnswers,
    consequences,
    duplicates,
    merge_answers,
)
from service.domain.profiles import Amended
from service.operations import booking_events, stay_events
from service.operations import cases as case_operations
from service.store import allocations, events, profiles, workers
from service.store import person_events as store
from service.store.profiles import StoredProfile

Case = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did to referrals and answers."""

    made: list[Consequence]
    duplicates: list[Duplicate]
    answers: MergedAnswers


async def merge_cases(
    session: Session, case: Case, survivor: Case, *, caller: Caller, now: datetime.datetime, record: AccessRecord
) -> Merged:
    """Move everything on one locked case to another and close it; both are open and the caller holds them."""
    made, found = await _merge_referrals(session, case["crn"], survivor["crn"], caller=caller, now=now)
    answers = await _merge_answers(session, case["crn"], survivor["crn"], caller=caller, now=now, record=record)
    await stay_events.merge_stays(session, case["crn"], survivor["crn"], caller, now)
    await booking_events.merge_bookings(session, case["crn"], survivor["crn"], caller, now)
    await _merge_limits(session, case, survivor, by=caller.worker, now=now)
    await _merge_allocations(session, case["crn"], survivor["crn"], by=caller.worker, now=now)
    await store.close_case(session, case["crn"], "merged", survivor["crn"])
    return Merged(made, found, answers)


async def _merge_referrals(
    session: Session, crn: str, survivor: str, *, caller: Caller, now: datetime.datetime
) -> tuple[list[Consequence], list[Duplicate]]:
    locked = {one: await store.lock_open_referrals(session, one) for one in sorted((crn, survivor))}
    found = duplicates(locked[crn], locked[survivor])
    withdrawn = [Consequence(pair.withdrawn, Status.WITHDRAWN, "merged_duplicate") for pair in found]
    # First, so that no moment has two open referrals for one thing.
    await store.apply(session, withdrawn, by=caller.worker, now=now)
    moved = await store.move_referrals(session, crn, survivor, by=caller.worker, now=now)
    return withdrawn + consequences(EventKind.MERGE, _without(moved, withdrawn)), found


def _without(referrals: Sequence[AffectedReferral], made: Sequence[Consequence]) -> list[AffectedReferral]:
    gone = {one.referral.id for one in made}
    return [referral for referral in referrals if referral.id not in gone]


async def _merge_answers(
    session: Session, crn: str, survivor: str, *, caller: Caller, now: datetime.datetime, record: AccessRecord
) -> MergedAnswers:
    found = await store.lock_profiles(session, [crn, survivor])
    revision = found[survivor].revision + 1
    merged = merge_answers(found[survivor].answers, found[crn].answers, revision=revision, now=now)
    if merged.changed or merged.set_aside:
        profile = StoredProfile(survivor, revision, dict(merged.answers))
        await profiles.save_profile(session, profile, now)
        amended = Amended(profile.answers, merged.changed)
        await profiles.append_history(session, profile, amended, by=caller.worker, now=now)
        await store.set_aside(session, profile, merged.set_aside, by=caller.worker, now=now)
        data = {"items": sorted(merged.changed)}
        await events.append(session, survivor, "profile.changed", f"profile-revision-{revision}", data, now)
    record.changes(survivor, sorted({*merged.changed, *merged.set_aside}))
    return merged


async def _merge_limits(session: Session, case: Case, survivor: Case, *, by: str, now: datetime.datetime) -> None:
    staying, moving = [
        AccessLists(one["restricted"], **await allocations.read_lists(session, one["crn"])) for one in (survivor, case)
    ]
    both = lists_of_both(staying, moving)
    if both != staying:
        lists = {"allowed": both.allowed, "excluded": both.excluded}
        await allocations.replace_lists(session, survivor["crn"], lists, restricted=both.restricted, by=by, now=now)


async def _merge_allocations(session: Session, crn: str, survivor: str, *, by: str, now: datetime.datetime) -> None:
    """Where nobody manages the surviving case in a capacity, whoever managed the other one in it does."""
    taken = {row["capacity"] for row in await allocations.current_allocations(session, survivor)}
    for row in await allocations.current_allocations(session, crn):
        free = row["capacity"] not in taken
        if free and await workers.may_see_case(session, survivor, row["worker_id"], now):
            worker = {"id": row["worker_id"], "team": row["team"]}
            await case_operations.allocate(session, survivor, row["capacity"], worker, by=by, now=now)
