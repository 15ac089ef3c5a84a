"""What staff of approved premises and practitioners record of a stay, one act at a time."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.access.callers import Caller, Role
from service.catalogue.reasons import Reason, reasons
from service.conflicts import CaseClosed, StayAlreadyOpen, WorkerMayNotSeeCase
from service.db import Session
from service.domain import stay_faults as faults
from service.domain import stays as domain
from service.domain.calendar import british_day
from service.domain.lifecycle import faults_in_reason
from service.domain.premises import Kind
from service.domain.stays import Act, Status, Stay
from service.errors import FieldError, InvalidInput, NotFound
from service.operations.actors import Actor
from service.operations.decisions import require_revision
from service.schemas.stays import (
    PACK,
    Arrival,
    Departure,
    Ending,
    Expectation,
    Extension,
    KeyWorker,
    Rescheduling,
    Transfer,
)
from service.store import cases, events, premises, workers
from service.store import stays as store

Row = dict[str, Any]
ARRIVALS_MISSED = "Did not arrive"  # the group of cancellation reasons that say so


@dataclass(frozen=True, slots=True)
class Change:
    """What an act makes of a stay, why, and what else of the row it sets."""

    act: Act
    stay: Stay
    reason: str | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)


async def expect_arrival(session: Session, body: Expectation, actor: Actor) -> Row:
    """Open a stay for somebody expected at premises.

    Raises NotFound for a person the caller may not place, InvalidInput, CaseClosed, StayAlreadyOpen and
    WorkerMayNotSeeCase for a key worker from whom the case is kept.
    """
    status = await store.find_person(session, body.crn, actor.caller, actor.now)
    if status is None:
        raise NotFound
    where, wrong = await _premises(session, body.premises)
    if actor.caller.role is Role.PREMISES and body.premises != actor.caller.premises:
        wrong = [FieldError("/premises", "not-yours", "Staff of premises expect people at their own.")]
    wrong += faults.faults_in_expectation(body.expected_arrival_on, _today(actor), long_ago=_may_be_long_ago(actor))
    if wrong:
        raise InvalidInput(errors=wrong)
    if status != "open":
        raise CaseClosed
    if body.key_worker is not None:
        await _require_may_see(session, body.crn, body.key_worker, actor)
    stay = domain.expect(Kind(where["kind"]), body.expected_arrival_on)
    row = {"id": uuid.uuid4(), "crn": body.crn, "premises_id": body.premises, "key_worker": body.key_worker}
    if not await store.insert_stay(session, row, stay, actor.now):
        raise StayAlreadyOpen
    details = {"expected_arrival_on": body.expected_arrival_on, "key_worker": body.key_worker}
    return await _record(session, row, Change(Act.EXPECTATION, stay, note=body.note, details=details), None, actor)


async def reschedule_arrival(session: Session, shown: Mapping[str, Any], body: Rescheduling, actor: Actor) -> Row:
    """Expect somebody on another day, with a reason; the act is refused as every act below is."""
    row, stay = await hold(session, shown, actor)
    on = body.expected_arrival_on
    wrong = faults.faults_in_rescheduling(stay, on, _today(actor), long_ago=_may_be_long_ago(actor))
    # Of somebody who has come, or will not come, the day says nothing: what is wrong is the act.
    refuse(wrong if stay.status is Status.EXPECTED else [], Act.RESCHEDULING, row, actor)
    details = {"expected_arrival_on": on, "before": stay.expected_arrival_on}
    change = Change(Act.RESCHEDULING, domain.reschedule(stay, on), note=body.reason, details=details)
    return await take(session, row, change, actor)


async def record_arrival(session: Session, shown: Mapping[str, Any], body: Arrival, actor: Actor) -> Row:
    """Record that somebody came, for the first time or back from a recall.

    As every act below: raises InvalidInput for what cannot be, TransitionNotAllowed, RevisionStale.
    """
    row, stay = await hold(session, shown, actor)
    refuse(
        faults.faults_in_arrival(stay, body.arrived_on, _today(actor), long_ago=_may_be_long_ago(actor)),
        *(Act.ARRIVAL, row, actor),
    )
    details = {"arrived_on": body.arrived_on}
    change = Change(Act.ARRIVAL, domain.arrive(stay, body.arrived_on), note=body.note, details=details)
    return await take(session, row, change, actor)


async def extend_stay(session: Session, shown: Mapping[str, Any], body: Extension, actor: Actor) -> Row:
    """Change the day of leaving, with a reason."""
    row, stay = await hold(session, shown, actor)
    until = body.expected_departure_on
    refuse(faults.faults_in_extension(stay, until, _today(actor)), Act.EXTENSION, row, actor)
    details = {"expected_departure_on": until, "before": stay.expected_departure_on}
    change = Change(Act.EXTENSION, domain.extend(stay, until), note=body.reason, details=details)
    return await take(session, row, change, actor)


async def transfer_stay(session: Session, shown: Mapping[str, Any], body: Transfer, actor: Actor) -> Row:
    """Let a stay go on in other premises, whose staff see it from now on, and the others' no more."""
    row, stay = await hold(session, shown, actor)
    where, wrong = await _premises(session, body.premises)
    if body.premises == row["premises_id"]:
        wrong = [FieldError("/premises", "unchanged", "The person is placed there already.")]
    long_ago = _may_be_long_ago(actor)
    wrong += faults.faults_in_move(stay, body.moved_on, _today(actor), field="moved_on", long_ago=long_ago)
    refuse(wrong, Act.TRANSFER, row, actor)
    moved = domain.transfer(stay, Kind(where["kind"]), body.moved_on)
    details = {"moved_on": body.moved_on, "from_premises": row["premises_id"]}
    # A key worker is of the premises' own staff.
    columns = {"premises_id": body.premises, "key_worker": None}
    change = Change(Act.TRANSFER, moved, reason=str(body.reason), note=body.note, details=details, columns=columns)
    return await take(session, row, change, actor)


async def record_departure(session: Session, shown: Mapping[str, Any], body: Departure, actor: Actor) -> Row:
    """Record that somebody left for good, and where they went where that is asked."""
    row, stay = await hold(session, shown, actor)
    offered = reasons().packs[PACK].offered("outcome")
    long_ago = _may_be_long_ago(actor)
    wrong = faults.faults_in_move(stay, body.departed_on, _today(actor), field="departed_on", long_ago=long_ago)
    wrong += faults_in_reason(body.reason, body.note, offered, stay.status)
    wrong += faults.faults_in_move_on(body.reason, body.move_on_category)
    refuse(wrong, Act.DEPARTURE, row, actor)
    category = str(body.move_on_category) if body.move_on_category else None
    change = Change(
        *(Act.DEPARTURE, domain.end(stay, Status.DEPARTED, body.departed_on, body.reason), body.reason, body.note),
        details={"departed_on": body.departed_on, "move_on_category": category},
        columns={"move_on_category": category},
    )
    return await take(session, row, change, actor)


async def record_non_arrival(session: Session, shown: Mapping[str, Any], body: Ending, actor: Actor) -> Row:
    """Record that somebody did not come on the day they were expected, or since."""
    row, stay = await hold(session, shown, actor)
    wrong = faults_in_reason(body.reason, body.note, _cancellations(missed=True), stay.status)
    wrong = wrong or faults.faults_in_non_arrival(stay, _today(actor))
    refuse(wrong, Act.NON_ARRIVAL, row, actor)
    ended = domain.end(stay, Status.NOT_ARRIVED, _today(actor), body.reason)
    return await take(session, row, Change(Act.NON_ARRIVAL, ended, body.reason, body.note), actor)


async def cancel_stay(session: Session, shown: Mapping[str, Any], body: Ending, actor: Actor) -> Row:
    """Cancel the stay of somebody who is still to come."""
    row, stay = await hold(session, shown, actor)
    wrong = faults_in_reason(body.reason, body.note, _cancellations(missed=False), stay.status)
    refuse(wrong, Act.CANCELLATION, row, actor)
    ended = domain.end(stay, Status.CANCELLED, _today(actor), body.reason)
    return await take(session, row, Change(Act.CANCELLATION, ended, body.reason, body.note), actor)


async def name_key_worker(session: Session, shown: Mapping[str, Any], body: KeyWorker, actor: Actor) -> Row:
    """Say who of the premises' staff works with the person; WorkerMayNotSeeCase for one from whom the case is kept."""
    row, stay = await hold(session, shown, actor)
    refuse([], Act.KEY_WORKER, row, actor)
    await _require_may_see(session, row["crn"], body.worker_id, actor)
    named = {"key_worker": body.worker_id}
    return await take(session, row, Change(Act.KEY_WORKER, stay, details=named, columns=named), actor)


def _today(actor: Actor) -> domain.Day:
    return british_day(actor.now)


def _may_be_long_ago(actor: Actor) -> bool:
    return actor.caller.role is Role.MANAGER


def _cancellations(*, missed: bool) -> dict[str, Reason]:
    offered = reasons().packs[PACK].offered("cancellation")
    return {code: one for code, one in offered.items() if (one.group == ARRIVALS_MISSED) is missed}


async def _premises(session: Session, premises_id: str) -> tuple[Row, list[FieldError]]:
    found = await premises.find_premises(session, premises_id)
    if found is None:
        return {}, [FieldError("/premises", "unknown-premises", "There are no such approved premises.")]
    return found, []


async def _require_may_see(session: Session, crn: str, worker_id: str, actor: Actor) -> None:
    if not await workers.may_see_case(session, crn, worker_id, actor.now):
        raise WorkerMayNotSeeCase


async def hold(session: Session, shown: Mapping[str, Any], actor: Actor) -> tuple[Row, Stay]:
    """Lock a stay the caller was shown, after its case, as a death does; NotFound where it went out of their sight."""
    await cases.hold_case(session, shown["crn"])
    locked = await store.find_stay(session, shown["id"], actor.caller, actor.now, for_change=True)
    if locked is None:
        raise NotFound
    return locked, store.as_stay(locked)


def refuse(wrong: list[FieldError], act: Act, row: Row, actor: Actor) -> None:
    """Refuse an act for what is wrong with what was sent, for the stay's status, or for a revision gone by."""
    if wrong:
        raise InvalidInput(errors=wrong)
    domain.require_allowed(act, Status(row["status"]))
    require_revision(row, actor)


async def take(session: Session, row: Row, change: Change, actor: Actor) -> Row:
    """Write an act on a held stay that was found allowed, and return the stay as it now stands."""
    await store.save_stay(session, {**row, **change.columns}, change.stay, actor.now)
    return await _record(session, row, change, row["status"], actor)


async def _record(
    session: Session, row: Mapping[str, Any], change: Change, from_status: str | None, actor: Actor
) -> Row:
    await write_step(session, row, change, from_status, actor.caller, actor.now)
    actor.record.changes(row["crn"], stay=str(row["id"]), act=str(change.act), status=str(change.stay.status))
    return await store.read_changed(session, row["id"])


async def write_step(
    session: Session,
    row: Mapping[str, Any],
    change: Change,
    from_status: str | None,
    caller: Caller,
    now: datetime.datetime,
) -> None:
    """Write the step and the event of a change: ids, codes and days, and no place in the event."""
    step = {"act": str(change.act), "from_status": from_status, "reason": change.reason, "note": change.note}
    by = (caller.worker, caller.role)
    await store.append_step(session, row["id"], {**step, "details": change.details}, by=by, now=now)
    thin = {"status": str(change.stay.status), "reason": change.reason}
    await events.append(session, row["crn"], f"stay.{change.act}", str(row["id"]), thin, now)
