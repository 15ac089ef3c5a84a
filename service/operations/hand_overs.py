"""Planning, preparing and completing a hand-over from one officer to another: in one transaction, and nothing lost."""

import uuid
from collections.abc import Mapping
from typing import Any

from service.conflicts import (
    CaseClosed,
    HandOverIncomplete,
    HandOverNotPossible,
    HandOverSettled,
)
from service.db import Session
from service.domain import hand_overs as domain
from service.domain.calendar import british_day
from service.domain.checks import CheckStatus
from service.domain.hand_overs import HandOverStatus, Holder, Meeting, Work, WorkKind
from service.domain.work import deadlines_without_draft
from service.errors import (
    FieldError,
    InvalidInput,
    NotFound,
    NotPermitted,
    RevisionMissing,
    RevisionStale,
)
from service.operations import cases as case_operations
from service.operations import hand_over_records as records
from service.operations import revisions
from service.operations.actors import Actor
from service.operations.check_standings import standings_of_case
from service.operations.circumstances import find_circumstances
from service.operations.hand_over_records import Row
from service.operations.timelines import deadlines_of
from service.operations.work import PATIENCE
from service.schemas.hand_overs import HandOverChanged, HandOverPlanned, MeetingSaid
from service.store import allocations, events
from service.store import hand_overs as store

NOT_ASKED_YET = frozenset({CheckStatus.DUE, CheckStatus.OVERDUE, CheckStatus.EXPIRED})


async def read_hand_over(session: Session, crn: str, hand_over_id: uuid.UUID) -> Row:
    """Return a hand-over of a visible case; NotFound for one of another's."""
    found = await store.find_hand_over(session, crn, hand_over_id)
    if found is None:
        raise NotFound
    return found


async def plan_hand_over(session: Session, crn: str, body: HandOverPlanned, actor: Actor) -> Row:
    """Plan that the officer in a capacity hands the case over. Who takes it may be named later, but before it is done.

    Raises NotPermitted for somebody who only opened the case for a while, InvalidInput, CaseClosed,
    WorkerMayNotSeeCase, HandOverNotPossible where nobody has that capacity or one is planned already.
    """
    case = await _lock(session, crn, actor)
    present = await _present(session, crn, body.from_capacity)
    departing = present["worker_id"] if present else ""
    today = british_day(actor.now)
    if faults := domain.faults_in_plan(body.planned_on, departing, body.to_worker_id, today):
        raise InvalidInput(errors=faults)
    await _require_worker(session, crn, body.to_worker_id, actor)
    if case["status"] != "open":
        raise CaseClosed
    if present is None:
        raise HandOverNotPossible("Nobody manages the case in that capacity.")
    if planned := await store.planned_for(session, crn, body.from_capacity):
        raise HandOverNotPossible("A hand-over is planned already.", hand_over_id=str(planned["id"]))
    made = uuid.uuid4()
    row: Row = {"id": made, "crn": crn, "status": str(HandOverStatus.PLANNED), "from_worker": departing}
    row |= {"from_capacity": str(body.from_capacity), "to_worker": body.to_worker_id, "planned_on": body.planned_on}
    row |= {"to_capacity": str(body.to_capacity), "promised": list(body.promised), "outstanding": []}
    await store.insert_hand_over(
        session, row | {"ended_by": None, "ended_at": None}, by=actor.caller.worker, now=actor.now
    )
    await _happened(session, row, "planned", actor)
    return await read_hand_over(session, crn, made)


async def change_hand_over(
    session: Session, crn: str, hand_over_id: uuid.UUID, body: HandOverChanged, actor: Actor
) -> Row:
    """Change who takes over, when, what was promised or how the meeting went. The first day planned stays on record.

    Raises NotFound, NotPermitted, InvalidInput, WorkerMayNotSeeCase, HandOverSettled, RevisionMissing, RevisionStale.
    """
    await _lock(session, crn, actor)
    found, sent = await read_hand_over(session, crn, hand_over_id), body.model_fields_set
    changed = found | {"to_worker": body.to_worker_id} if "to_worker_id" in sent else dict(found)
    today = british_day(actor.now)
    planned_on = body.planned_on or max(found["planned_on"] or today, today)
    faults = domain.faults_in_plan(planned_on, found["from_worker"], changed["to_worker"], today)
    if body.meeting is not None:
        faults += domain.faults_in_meeting(_meeting(body.meeting), today)
    if faults:
        raise InvalidInput(errors=faults)
    if "to_worker_id" in sent:
        await _require_worker(session, crn, body.to_worker_id, actor)
    _require_planned(found)
    _require_revision(found, actor)
    changed |= {"planned_on": body.planned_on or found["planned_on"]}
    changed |= {"promised": list(body.promised)} if body.promised is not None else {}
    changed |= _meeting_columns(body.meeting) if body.meeting is not None else {}
    await store.save_hand_over(session, changed)
    await _happened(session, changed, "changed", actor)
    return await read_hand_over(session, crn, hand_over_id)


async def cancel_hand_over(session: Session, crn: str, hand_over_id: uuid.UUID, reason: str, actor: Actor) -> Row:
    """Call a planned hand-over off: the officer keeps the case. Raises NotFound, NotPermitted, HandOverSettled."""
    await _lock(session, crn, actor)
    found = await read_hand_over(session, crn, hand_over_id)
    _require_planned(found)
    ended = {"status": str(HandOverStatus.CANCELLED), "ended_because": reason}
    await _end(session, found | ended, actor)
    return await read_hand_over(session, crn, hand_over_id)


async def complete_hand_over(
    session: Session, crn: str, hand_over_id: uuid.UUID, meeting: MeetingSaid | None, actor: Actor
) -> Row:
    """Hand the case over: the new officer has it from now on, and everything that was under way is theirs or is named.

    Raises NotFound, NotPermitted, InvalidInput, CaseClosed, HandOverSettled, HandOverIncomplete with all that is
    missing, WorkerMayNotSeeCase, HandOverNotPossible where a third officer has the capacity.
    """
    case = await _lock(session, crn, actor)
    found = await read_hand_over(session, crn, hand_over_id)
    if meeting is not None and (faults := domain.faults_in_meeting(_meeting(meeting), british_day(actor.now))):
        raise InvalidInput(errors=faults)
    if case["status"] != "open":
        raise CaseClosed
    _require_planned(found)
    found |= _meeting_columns(meeting) if meeting is not None else {}
    if faults := domain.lacks(found["to_worker"], meeting_said=found["meeting_held"] is not None):
        raise HandOverIncomplete(errors=faults)
    worker = await case_operations.worker_to_allocate(session, crn, found["to_worker"], actor.now)
    # Before the case changes hands: it may be out of the caller's sight then.
    works, before = await works_of(session, crn, actor), await records.holders_of(session, crn)
    await _change_holder(session, found, worker, actor)
    after = domain.holders_after(await records.holders_of(session, crn), "", Holder(worker["id"], worker["name"]))
    outstanding = records.written(domain.handed_over(works, before, after))
    await _end(session, found | {"status": str(HandOverStatus.COMPLETED), "outstanding": outstanding}, actor)
    return await read_hand_over(session, crn, hand_over_id)


async def _change_holder(session: Session, found: Row, worker: Mapping[str, Any], actor: Actor) -> None:
    """Give the new officer the case in the capacity named, and end the other's in theirs."""
    crn, by, now = found["crn"], actor.caller.worker, actor.now
    taken = await _present(session, crn, found["to_capacity"])
    if taken is not None and taken["worker_id"] not in {found["from_worker"], worker["id"]}:
        raise HandOverNotPossible("Somebody else manages the case in the capacity it would go to.")
    if found["from_capacity"] != found["to_capacity"]:
        leaving = await _present(session, crn, found["from_capacity"])
        if leaving is not None:
            await allocations.end_allocation(session, leaving["id"], now)
    await case_operations.change_holder(session, crn, found["to_capacity"], worker, by=by, now=now)


async def works_of(session: Session, crn: str, actor: Actor, *, arriving: bool = False) -> list[Work]:
    """Return all that is under way or due in a case: also checks nobody has asked, and deadlines nobody meets.

    `arriving` also for an officer to whom the case is about to be handed over.
    """
    works = await records.work_in(session, crn)
    works += [
        Work(WorkKind.CHECK, f"{one.kind}", f"The {one.kind.label} is to be asked for.", one.since, one.due_on)
        for one in await standings_of_case(session, crn, actor, arriving=arriving)
        if one.status in NOT_ASKED_YET and (one.asked is None or one.asked.answered_on is not None)
    ]
    people = await find_circumstances(session, [crn], actor.caller, actor.now, arriving=arriving)
    today, packs = british_day(actor.now), {work.pack for work in works if work.pack}
    works += [
        Work(WorkKind.DEADLINE, one.id, one.why, one.since, one.due_on, None, one.pack)
        for person in people.values()
        for one in deadlines_without_draft(crn, deadlines_of(person, today, actor.thresholds), packs, today, PATIENCE)
    ]
    return works


async def _lock(session: Session, crn: str, actor: Actor) -> Mapping[str, Any]:
    case = await case_operations.lock_case(session, crn, actor.caller, actor.now)
    if not case["held"]:
        raise NotPermitted("Only those who hold the case may hand it over.")
    return case


async def _present(session: Session, crn: str, capacity: str) -> Row | None:
    present = await allocations.current_allocations(session, crn)
    return next((row for row in present if row["capacity"] == capacity), None)


async def _require_worker(session: Session, crn: str, worker_id: str | None, actor: Actor) -> None:
    if worker_id is None:
        return
    try:
        await case_operations.worker_to_allocate(session, crn, worker_id, actor.now)
    except InvalidInput:
        fault = FieldError("/to_worker_id", "unknown-worker", "There is no such worker.")
        raise InvalidInput(errors=[fault]) from None


def _require_planned(found: Row) -> None:
    if found["status"] != HandOverStatus.PLANNED:
        raise HandOverSettled(status_now=found["status"])


def _require_revision(found: Row, actor: Actor) -> None:
    if actor.if_match is None:
        raise RevisionMissing
    if not revisions.matches(actor.if_match, found["revision"]):
        raise RevisionStale(headers={"ETag": revisions.etag(found["revision"])}, revision=found["revision"])


def _meeting(said: MeetingSaid) -> Meeting:
    return Meeting(said.held, said.held_on, said.because)


def _meeting_columns(said: MeetingSaid) -> Row:
    return {"meeting_held": said.held, "meeting_held_on": said.held_on, "meeting_because": said.because}


async def _end(session: Session, hand_over: Row, actor: Actor) -> None:
    await records.end(session, hand_over | {"ended_by": actor.caller.worker, "ended_at": actor.now}, actor.now)
    actor.record.changes(hand_over["crn"], hand_over=str(hand_over["id"]), status=hand_over["status"])


async def _happened(session: Session, hand_over: Row, what: str, actor: Actor) -> None:
    await events.append(session, hand_over["crn"], f"hand_over.{what}", str(hand_over["id"]), {}, actor.now)
    actor.record.changes(hand_over["crn"], hand_over=str(hand_over["id"]))
