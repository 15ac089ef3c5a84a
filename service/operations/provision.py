"""A provider writes what it does for a person: appointments, who came, progress, and concerns to acknowledge."""

import uuid
from collections.abc import Mapping
from typing import Any

from service.conflicts import AppointmentSettled, ConcernAlreadyAcknowledged
from service.db import Session
from service.domain.provision import Came, Writing, faults_in_attendance, faults_in_start, require_open
from service.errors import FieldError, InvalidInput, NotFound
from service.operations import tellings
from service.operations.actors import Actor
from service.operations.locks import lock
from service.operations.provision_events import happened
from service.schemas.provision import AttendanceGiven, Booking
from service.store import provision as store

Referral = Mapping[str, Any]
Row = dict[str, Any]


async def book_appointment(session: Session, referral: Referral, body: Booking, actor: Actor) -> Row:
    """Book an appointment, in place of an earlier one if it names one; a past one with whether the person came.

    Raises InvalidInput, ProvisionNotOpen, AppointmentSettled.
    """
    locked = await lock(session, referral, actor)
    faults = faults_in_start(
        body.starts_at, sent_at=locked["submitted_at"], now=actor.now, has_attendance=body.attendance is not None
    )
    if body.attendance is not None:
        faults += faults_in_attendance(Came(body.attendance.attended, body.attendance.reason), "/attendance")
    replaced = body.replaces and await store.find_appointment(session, locked["id"], body.replaces)
    if body.replaces and not replaced:
        faults.append(FieldError("/replaces", "unknown-appointment", "The referral has no such appointment."))
    if faults:
        raise InvalidInput(errors=faults)
    require_open(Writing.APPOINTMENT, locked["status"])
    if replaced:
        _require_unsettled(replaced)
    row = {"id": uuid.uuid4(), **_of(locked), **body.model_dump(exclude={"attendance"})}
    await store.insert(session, "appointment", row, by=actor.caller.worker, now=actor.now)
    await happened(session, locked, "appointment_booked", actor, about=str(row["id"]), kind=str(body.kind))
    if body.attendance is not None:
        await _attend(session, locked, row["id"], body.attendance, actor)
    await _tell(session, locked, actor)
    return await _appointment(session, locked, row["id"])


async def record_attendance(
    session: Session, referral: Referral, appointment_id: uuid.UUID, body: AttendanceGiven, actor: Actor
) -> Row:
    """Record whether the person came to an appointment that has begun, after the referral's end too.

    Raises NotFound for an appointment that is not this referral's, InvalidInput, ProvisionNotOpen, AppointmentSettled.
    """
    locked = await lock(session, referral, actor)
    found = await _appointment(session, locked, appointment_id)
    faults = faults_in_attendance(Came(body.attended, body.reason))
    if found["starts_at"] > actor.now:
        faults.append(FieldError("/attended", "not-yet", "This appointment is still to come."))
    if faults:
        raise InvalidInput(errors=faults)
    require_open(Writing.ATTENDANCE, locked["status"])
    _require_unsettled(found)
    await _attend(session, locked, appointment_id, body, actor)
    await _tell(session, locked, actor)
    return await _appointment(session, locked, appointment_id)


def _require_unsettled(appointment: Mapping[str, Any]) -> None:
    if appointment["attended"] is not None or appointment["replaced_by"] is not None:
        raise AppointmentSettled


async def _attend(
    session: Session, referral: Referral, appointment_id: uuid.UUID, body: AttendanceGiven, actor: Actor
) -> None:
    row = {"id": appointment_id, **_of(referral), **body.model_dump()}
    await store.insert(session, "attendance", row, by=actor.caller.worker, now=actor.now)
    await happened(
        session, referral, "attendance_recorded", actor, about=str(appointment_id), attended=str(body.attended)
    )


async def _appointment(session: Session, referral: Referral, appointment_id: uuid.UUID) -> Row:
    found = await store.find_appointment(session, referral["id"], appointment_id)
    if found is None:
        raise NotFound
    return found


async def write_note(
    session: Session, referral: Referral, writing: Writing, text: str, actor: Actor, *, about: str | None = None
) -> Row:
    """Keep how it goes, or a concern, which then stands in the practitioner's work list. Raises ProvisionNotOpen."""
    locked = await lock(session, referral, actor)
    require_open(writing, locked["status"])
    row = {"id": uuid.uuid4(), **_of(locked), "kind": str(writing), "about": about, "text": text}
    await store.insert(session, "note", row, by=actor.caller.worker, now=actor.now)
    name = "concern_raised" if writing is Writing.CONCERN else "progress_reported"
    await happened(session, locked, name, actor, about=str(row["id"]))
    await _tell(session, locked, actor)
    return await read_note(session, locked, row["id"], writing)


async def read_note(session: Session, referral: Referral, note_id: uuid.UUID, writing: Writing) -> Row:
    """Return a note of a visible referral; NotFound for one of another's, whoever can see that."""
    found = await store.find_note(session, referral["id"], note_id, str(writing))
    if found is None:
        raise NotFound
    return found


async def acknowledge_concern(
    session: Session, referral: Referral, concern_id: uuid.UUID, note: str | None, actor: Actor
) -> Row:
    """Say by name that a concern has been read. Raises NotFound, ConcernAlreadyAcknowledged."""
    locked = await lock(session, referral, actor)
    found = await read_note(session, locked, concern_id, Writing.CONCERN)
    if found["acknowledged_at"] is not None:
        raise ConcernAlreadyAcknowledged
    row = {"id": concern_id, **_of(locked), "note": note}
    await store.insert(session, "acknowledgement", row, by=actor.caller.worker, now=actor.now)
    await happened(session, locked, "concern_acknowledged", actor, about=str(concern_id))
    await _tell(session, locked, actor)
    return await read_note(session, locked, concern_id, Writing.CONCERN)


async def _tell(session: Session, referral: Referral, actor: Actor) -> None:
    """Tell the organisations on the contract: what one of them writes, and what is acknowledged, all of them read."""
    await tellings.tell_of_referral(session, referral["id"], actor.now)


def _of(referral: Referral) -> Row:
    return {"referral_id": referral["id"], "crn": referral["crn"]}
