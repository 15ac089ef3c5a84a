"""A housing team books a CAS3 bed for a person: each act on the booking moves its referral along with it."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import IntegrityError

from service.catalogue.reasons import reasons
from service.conflicts import (
    BedsOverlap,
    NotForThisPack,
    ReferralSuspended,
    TransitionNotAllowed,
)
from service.db import Session
from service.domain import booking_nights, bookings, lifecycle
from service.domain.booking_nights import Limits
from service.domain.bookings import Act, Booking, Day, Status
from service.domain.calendar import british_day
from service.domain.lifecycle import Action, Condition
from service.errors import (
    FieldError,
    InvalidInput,
    NotFound,
)
from service.operations import decisions
from service.operations.actors import Actor
from service.operations.booking_events import booking_of, row_with
from service.operations.locks import lock
from service.schemas.bookings import Arrival, BedBooked, Departure, Extension, Overstay
from service.store import bookings as store
from service.store import events
from service.store.sessions import broken_constraint

Referral = Mapping[str, Any]
Row = dict[str, Any]
OVERLAP = "ex_cas3_booking_nights"
# Where a referral stands while a bed is looked for, held or lived in.
BOOKABLE = (lifecycle.Status.ACCEPTED, lifecycle.Status.SCHEDULED, lifecycle.Status.STARTED)
LIVE = frozenset({Status.CONFIRMED, Status.ARRIVED})


@dataclass(frozen=True, slots=True)
class Change:
    """An act on a booking: its days, its coded reason, a note, the word on a longer stay."""

    act: Act
    arrival_on: Day | None = None
    departure_on: Day | None = None
    reason: str | None = None
    note: str | None = None
    overstay: Overstay | None = None
    faults: Callable[[Booking, Day], list[FieldError]] = lambda _booking, _today: []
    counted: bool = False


async def book_bed(session: Session, referral: Referral, body: BedBooked, limits: Limits, actor: Actor) -> Row:
    """Book a bed provisionally for a CAS3 referral that was accepted; return the booking.

    Raises NotForThisPack, InvalidInput, TransitionNotAllowed, ReferralSuspended, and BedsOverlap naming the booking the
    person has for one of the nights.
    """
    locked = await _lock(session, referral, actor)
    today = british_day(actor.now)
    sentence = body.sentence or await store.sentence_sent(session, locked["id"])
    booking = Booking(Status.PROVISIONAL, body.arrival_on, body.departure_on, sentence or "")
    faults = bookings.faults_in_booking(body.arrival_on, body.departure_on, today)
    if sentence is None:
        faults.append(FieldError("/sentence", "missing", "The referral does not say which sentence it rests on."))
    _require(faults or _faults_in_overstay(booking, body.overstay, today, limits))
    if locked["status"] not in BOOKABLE:
        allowed = [str(one) for one in lifecycle.allowed_from(locked["status"], sides=(actor.side,))]
        raise TransitionNotAllowed("No bed is booked for it now.", status_now=locked["status"], allowed=allowed)
    _require_not_suspended(locked)
    row = row_with(
        {"id": uuid.uuid4(), "referral_id": locked["id"], "crn": locked["crn"]}, _with(booking, body.overstay)
    )
    row |= {"sentence": sentence, "place": body.place, "note": body.note}
    await _hold(session, row, lambda: store.insert(session, row, by=actor.caller.worker, now=actor.now))
    await _happened(session, row | {"revision": 1}, Act.BOOKING, None, actor)
    return await read_booking(session, locked, row["id"])


async def confirm_booking(
    session: Session, referral: Referral, booking_id: uuid.UUID, note: str | None, limits: Limits, actor: Actor
) -> Row:
    """Confirm a provisional booking, once; the referral is then booked. Raises as `_change` does."""
    return await _change(session, referral, booking_id, Change(Act.CONFIRMATION, note=note), limits, actor)


async def record_arrival(
    session: Session, referral: Referral, booking_id: uuid.UUID, body: Arrival, limits: Limits, actor: Actor
) -> Row:
    """Record that the person came, or correct the day; the nights are tested either time. Raises as `_change` does."""
    change = Change(
        Act.ARRIVAL,
        arrival_on=body.arrived_on,
        departure_on=body.departure_on,
        note=body.note,
        overstay=body.overstay,
        counted=True,
        faults=lambda held, today: bookings.faults_in_arrival(
            body.arrived_on, body.departure_on or held.departure_on, today
        ),
    )
    return await _change(session, referral, booking_id, change, limits, actor)


async def extend_booking(
    session: Session, referral: Referral, booking_id: uuid.UUID, body: Extension, limits: Limits, actor: Actor
) -> Row:
    """Move the day of leaving, later or earlier. Raises as `_change` does."""
    change = Change(
        Act.EXTENSION,
        departure_on=body.departure_on,
        note=body.note,
        overstay=body.overstay,
        counted=True,
        faults=lambda held, today: bookings.faults_in_extension(held, body.departure_on, today),
    )
    return await _change(session, referral, booking_id, change, limits, actor)


async def record_departure(
    session: Session, referral: Referral, booking_id: uuid.UUID, body: Departure, limits: Limits, actor: Actor
) -> Row:
    """Record that the person left, or correct the day or the reason. Raises as `_change` does."""
    change = Change(
        Act.DEPARTURE,
        departure_on=body.departed_on,
        reason=body.reason,
        note=body.note,
        overstay=body.overstay,
        counted=True,
        faults=lambda held, today: bookings.faults_in_departure(held, body.departed_on, today),
    )
    return await _change(session, referral, booking_id, change, limits, actor)


async def cancel_booking(
    session: Session,
    referral: Referral,
    booking_id: uuid.UUID,
    given: tuple[str, str | None],
    limits: Limits,
    actor: Actor,
) -> Row:
    """Cancel what was booked (`given`: a coded reason and a note), or say that the person did not come."""
    reason, note = given
    return await _change(
        session, referral, booking_id, Change(Act.CANCELLATION, reason=reason, note=note), limits, actor
    )


async def read_booking(session: Session, referral: Referral, booking_id: uuid.UUID) -> Row:
    """Return a booking of a visible referral; NotFound for one of another's."""
    found = await store.find_booking(session, referral["id"], booking_id)
    if found is None:
        raise NotFound
    return found


async def _change(
    session: Session, referral: Referral, booking_id: uuid.UUID, change: Change, limits: Limits, actor: Actor
) -> Row:
    """Do one act to a booking, and what follows from it to its referral.

    Raises NotFound, InvalidInput, TransitionNotAllowed naming what may be done, ReferralSuspended for an arrival while
    a fixed-term recall holds the person, RevisionStale, and BedsOverlap.
    """
    locked = await _lock(session, referral, actor)
    before = await read_booking(session, locked, booking_id)
    held, today = booking_of(before), british_day(actor.now)
    _require([*change.faults(held, today), *_faults_in_reason(change, locked)])
    bookings.require_allowed(change.act, held.status)
    after = bookings.moved(held, change.act, arrival_on=change.arrival_on, departure_on=change.departure_on)
    if change.counted:
        _require(_faults_in_overstay(after, change.overstay, today, limits))
        after = _with(after, change.overstay)
    decisions.require_revision(before, actor)
    await _move_referral(session, locked, before, after, change, actor)
    row = row_with(before, replace(after, end_reason=change.reason or after.end_reason)) | {"note": change.note}
    await _hold(session, row, lambda: store.save(session, row, actor.now))
    await _happened(session, row | {"revision": before["revision"] + 1}, change.act, before["status"], actor)
    return await read_booking(session, locked, booking_id)


async def _lock(session: Session, referral: Referral, actor: Actor) -> dict[str, Any]:
    locked = await lock(session, referral, actor)
    if locked["pack"] != bookings.PACK:
        raise NotForThisPack
    return locked


def _require(faults: list[FieldError]) -> None:
    if faults:
        raise InvalidInput(errors=faults)


def _require_not_suspended(referral: Referral) -> None:
    if referral["status_reason"] == Condition.SUSPENDED:
        raise ReferralSuspended


def _faults_in_overstay(booking: Booking, overstay: Overstay | None, today: Day, limits: Limits) -> list[FieldError]:
    authorised = overstay.authorised if overstay else None
    return booking_nights.faults_in_overstay(booking, authorised, today, limits)


def _faults_in_reason(change: Change, referral: Referral) -> list[FieldError]:
    action = {Act.DEPARTURE: Action.OUTCOME, Act.CANCELLATION: Action.CANCELLATION}.get(change.act)
    if action is None:
        return []
    offered = reasons().packs[bookings.PACK].offered(action)
    return lifecycle.faults_in_reason(change.reason, change.note, offered, referral["status"])


def _with(booking: Booking, overstay: Overstay | None) -> Booking:
    """Return a booking with the word on its longer stay; one within the limit has none."""
    return replace(
        booking,
        overstay_authorised=overstay.authorised if overstay else None,
        overstay_reason=overstay.reason if overstay else None,
    )


async def _move_referral(
    session: Session, referral: dict[str, Any], before: Row, after: Booking, change: Change, actor: Actor
) -> None:
    """Move the referral to where its bookings have come: booked, begun, over, or accepted again."""
    rows = await store.bookings_of_referral(session, referral["id"])
    others = {Status(row["status"]) for row in rows if row["id"] != before["id"]}
    step = _step_of(referral, Status(before["status"]), after, change, others)
    if step is not None:
        transition = decisions.move(referral, step.action, actor)
        await decisions.take_step(session, referral, transition, step, actor)
    elif change.act is Act.ARRIVAL and before["status"] != Status.ARRIVED:
        _require_not_suspended(referral)


def _step_of(
    referral: Referral, before: Status, after: Booking, change: Change, others: set[Status]
) -> decisions.Act | None:
    """Return the act on the referral that an act on a booking is, or None where the referral stands there already."""
    status = lifecycle.Status(referral["status"])
    if change.act is Act.CONFIRMATION and status not in {lifecycle.Status.SCHEDULED, lifecycle.Status.STARTED}:
        return decisions.Act(Action.SCHEDULING, details={"scheduled_on": after.arrival_on.isoformat()})
    if change.act is Act.ARRIVAL and before is Status.CONFIRMED and status is not lifecycle.Status.STARTED:
        return decisions.Act(Action.START, details={"started_on": after.arrival_on.isoformat()})
    ends = change.act is Act.DEPARTURE and status is lifecycle.Status.STARTED
    if ends and not others & {Status.PROVISIONAL, *LIVE}:
        return decisions.Act(Action.OUTCOME, change.reason, change.note)
    if change.act is Act.CANCELLATION and status is lifecycle.Status.SCHEDULED and not others & LIVE:
        return decisions.Act(Action.CANCELLATION, change.reason, change.note)
    return None


async def _hold(session: Session, row: Row, write: Callable[[], Awaitable[Any]]) -> None:
    """Write a booking; BedsOverlap where the person has a bed for one of its nights already."""
    try:
        await write()
    except IntegrityError as failure:
        if broken_constraint(failure) != OVERLAP:
            raise
        clash = await store.clashing(session, row)
        days = {name: clash[name].isoformat() for name in ("arrival_on", "departure_on")} if clash else {}
        raise BedsOverlap(clashes_with=days) from None


async def _happened(session: Session, row: Row, act: Act, from_status: str | None, actor: Actor) -> None:
    """Write the step, the event and the record: ids and codes, never a place or a text."""
    step = {**row, "act": str(act), "from_status": from_status}
    await store.append_step(session, step, by=actor.caller.worker, role=str(actor.caller.role), now=actor.now)
    thin = {"about": str(row["id"]), "status": row["status"], "reason": row["end_reason"]}
    await events.append(session, row["crn"], f"booking.{act}", str(row["referral_id"]), thin, actor.now)
    actor.record.changes(row["crn"], booking=str(row["id"]), act=str(act))
