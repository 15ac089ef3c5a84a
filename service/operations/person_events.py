"""Recording a death, a recall, a transfer or a merge: one act that moves every open referral, all of it or none."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.conflicts import CaseClosed, PersonEventRecorded
from service.db import Session
from service.domain import person_events as domain
from service.domain.calendar import british_day
from service.domain.person_events import (
    ACTION,
    RECALLS,
    Consequence,
    Duplicate,
    EventKind,
    Happening,
    Known,
    MergedAnswers,
)
from service.domain.profiles import Answers
from service.errors import (
    FieldError,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from service.operations import booking_events, merges, stay_events, tellings
from service.operations import cases as case_operations
from service.schemas.person_events import (
    AnswersMerged,
    DuplicateFound,
    PersonEventReported,
    PersonEventShown,
    ReferralMoved,
    Transfer,
)
from service.store import cases, events, steps
from service.store import person_events as store
from service.store.steps import Step

Case = Mapping[str, Any]
# These change who sees the person's case, so a look at it for a while is not enough.
ONLY_BY_HOLDERS = frozenset({EventKind.TRANSFER, EventKind.MERGE})


@dataclass(slots=True)
class Recorded:
    """An event and all that it did."""

    event: Happening
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    case_status: str = "open"
    made: list[Consequence] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    answers: MergedAnswers | None = None


async def record_person_event(
    session: Session,
    crn: str,
    reported: PersonEventReported,
    *,
    caller: Caller,
    now: datetime.datetime,
    record: AccessRecord,
) -> PersonEventShown:
    """Record what happened to a person and carry it out on every open referral.

    Raises NotPermitted for a transfer or merge by somebody who only opened the case for a while, InvalidInput for what
    cannot be, CaseClosed, and PersonEventRecorded for a recall already recorded on that day.
    """
    event = Happening(**_fields(reported))
    found = await _lock_cases(session, event, crn, caller, now)
    await _refuse_impossible(session, event, crn, found, now)
    recorded = Recorded(event)
    if event.kind is EventKind.MERGE:
        await _merge(
            session, recorded, found[crn], found[str(event.surviving_crn)], caller=caller, now=now, record=record
        )
    else:
        await _carry_out(session, recorded, crn, reported, caller=caller, now=now)
    await _keep(session, recorded, crn, reported, caller=caller, now=now)
    record.changes(crn, event=str(event.kind), referrals=[str(one.referral.id) for one in recorded.made])
    if event.kind is not EventKind.MERGE:
        moved = {one.referral.id for one in recorded.made if one.marked}
        await tellings.tell_of_person(session, crn, moved, now)
    return _shown(crn, recorded)


def _fields(reported: PersonEventReported) -> dict[str, Any]:
    return reported.model_dump(exclude={"worker_id"}) | {"kind": EventKind(reported.kind)}


async def _lock_cases(
    session: Session, event: Happening, crn: str, caller: Caller, now: datetime.datetime
) -> dict[str, dict[str, Any]]:
    wanted = [crn, *([event.surviving_crn] if event.surviving_crn else [])]
    found = await cases.lock_cases(session, wanted, caller, now)
    if crn not in found:
        raise NotFound
    if event.kind in ONLY_BY_HOLDERS and not all(case["held"] for case in found.values()):
        raise NotPermitted("Only those who hold the case may do this.")
    return found


async def _refuse_impossible(
    session: Session, event: Happening, crn: str, found: Mapping[str, Case], now: datetime.datetime
) -> None:
    case, earlier = found[crn], await store.earlier_events(session, crn)
    recalls = [day for kind, day in earlier if kind in RECALLS]
    known = Known(crn, british_day(now), case["date_of_birth"], case["region"], max(recalls, default=None))
    faults = domain.faults_in(event, known)
    if event.surviving_crn is not None and event.surviving_crn not in found:
        faults.append(FieldError("/surviving_crn", "unknown-case", "There is no such case that you can see."))
    if faults:
        raise InvalidInput(errors=faults)
    if any(one["status"] != "open" for one in found.values()):
        raise CaseClosed
    if event.kind in RECALLS and (event.kind, event.happened_on) in earlier:
        raise PersonEventRecorded


async def _carry_out(
    session: Session,
    recorded: Recorded,
    crn: str,
    reported: PersonEventReported,
    *,
    caller: Caller,
    now: datetime.datetime,
) -> None:
    open_referrals = await store.lock_open_referrals(session, crn)
    recorded.made = domain.consequences(recorded.event.kind, open_referrals)
    await store.apply(session, recorded.made, by=caller.worker, now=now)
    await stay_events.follow_event(session, crn, recorded.event, caller, now)
    await booking_events.follow_event(session, crn, recorded.event, caller, now)
    if isinstance(reported, Transfer):
        await _hand_over(session, crn, reported, by=caller.worker, now=now)
    if recorded.event.kind is EventKind.DEATH:
        await store.close_case(session, crn, "person_died")
        recorded.case_status = "closed"


async def _hand_over(session: Session, crn: str, transfer: Transfer, *, by: str, now: datetime.datetime) -> None:
    worker = await case_operations.worker_to_allocate(session, crn, transfer.worker_id, now)
    if worker["region"] not in (None, transfer.region):
        fault = FieldError("/worker_id", "other-region", "This worker works in another region.")
        raise InvalidInput(errors=[fault])
    await case_operations.allocate(session, crn, "community_practitioner", worker, by=by, now=now)
    await store.move_to_region(session, crn, transfer.region)


async def _merge(
    session: Session,
    recorded: Recorded,
    case: Case,
    survivor: Case,
    *,
    caller: Caller,
    now: datetime.datetime,
    record: AccessRecord,
) -> None:
    pair = sorted((case["crn"], survivor["crn"]))
    before = await tellings.seen_before_merge(session, await _answers_of(session, pair), now)
    merged = await merges.merge_cases(session, case, survivor, caller=caller, now=now, record=record)
    recorded.made, recorded.duplicates, recorded.answers = merged.made, merged.duplicates, merged.answers
    recorded.case_status = "closed"
    there = {"id": uuid.uuid4(), "crn": survivor["crn"], "kind": "merge"}
    there |= {"happened_on": recorded.event.happened_on, "details": {"merged_crn": case["crn"]}}
    await store.insert_event(session, there, by=caller.worker, now=now)
    answers = await _answers_of(session, [survivor["crn"]])
    after = await tellings.seen_now(session, "crn", survivor["crn"], now, answers)
    gone_over = {seen.one["referral_id"] for seen in before.seen if seen.one["crn"] == case["crn"]}
    withdrawn = {one.referral.id for one in merged.made if one.marked}
    await tellings.tell_of_difference(session, before, after, now, moved=gone_over | withdrawn)


async def _answers_of(session: Session, crns: Sequence[str]) -> dict[str, Answers]:
    """Return what is known of these people; referrals are locked before profiles, as everywhere."""
    for crn in crns:
        await store.lock_open_referrals(session, crn)
    profiles = await store.lock_profiles(session, crns)
    return {crn: one.answers for crn, one in profiles.items()}


async def _keep(
    session: Session,
    recorded: Recorded,
    crn: str,
    reported: PersonEventReported,
    *,
    caller: Caller,
    now: datetime.datetime,
) -> None:
    """Write the event, a step for each referral it touched, and what goes into the outbox."""
    # The surviving CRN stands in the case's header, where only those who may see that case are shown it.
    details = reported.model_dump(mode="json", exclude={"kind", "happened_on", "surviving_crn"}, exclude_none=True)
    event = {"id": recorded.id, "crn": crn, "kind": str(recorded.event.kind)}
    event |= {"happened_on": recorded.event.happened_on, "details": details}
    await store.insert_event(session, event, by=caller.worker, now=now)
    where = recorded.event.surviving_crn or crn
    await steps.append(session, _steps(recorded, where), caller, now)
    for one in recorded.made:
        data = {"reason": one.reason, "from": one.referral.status, "to": one.to_status}
        await events.append(session, where, f"referral.{ACTION}", str(one.referral.id), data, now)
    await events.append(session, crn, f"person.{recorded.event.kind}", str(recorded.id), {}, now)


def _steps(recorded: Recorded, crn: str) -> list[Step]:
    about = {"event": str(recorded.id)}
    kept = {pair.withdrawn.id: {"kept": str(pair.kept.id)} for pair in recorded.duplicates}
    return [
        Step(
            *(one.referral.id, crn, ACTION, one.referral.status, one.to_status, one.reason),
            details=about | kept.get(one.referral.id, {}),
        )
        for one in recorded.made
    ]


def _shown(crn: str, recorded: Recorded) -> PersonEventShown:
    return PersonEventShown(
        id=recorded.id,
        crn=crn,
        kind=recorded.event.kind,
        happened_on=recorded.event.happened_on,
        case_status=recorded.case_status,
        surviving_crn=recorded.event.surviving_crn,
        referrals=[_moved(one) for one in recorded.made],
        duplicates=[DuplicateFound(withdrawn=pair.withdrawn.id, kept=pair.kept.id) for pair in recorded.duplicates],
        answers=_answers(recorded.answers) if recorded.answers else None,
    )


def _moved(one: Consequence) -> ReferralMoved:
    return ReferralMoved(
        referral_id=one.referral.id,
        pack=one.referral.pack,
        from_status=one.referral.status,
        to_status=one.to_status,
        reason=one.reason,
    )


def _answers(merged: MergedAnswers) -> AnswersMerged:
    return AnswersMerged(
        taken_over=sorted(item for item, change in merged.changed.items() if change == "merged"),
        conflicting=sorted(item for item, change in merged.changed.items() if change == "conflict"),
        set_aside=sorted(merged.set_aside),
    )
