"""What providers write about their work with people: appointments, who came, progress and concerns."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.db import Session

_APPOINTMENTS = """
    SELECT a.id, a.referral_id, a.kind, a.how, a.starts_at, a.minutes, a.place, a.replaces, a.booked_by, a.booked_at,
           n.id AS replaced_by, t.attended, t.reason, t.note, t.recorded_by, t.recorded_at
    FROM provision_appointment a
    LEFT JOIN provision_appointment n ON n.replaces = a.id
    LEFT JOIN provision_attendance t ON t.appointment_id = a.id
"""
_NOTES = """
    SELECT n.id, n.referral_id, n.kind, n.about, n.text, n.written_by, n.written_at,
           k.acknowledged_by, k.acknowledged_at, k.note AS acknowledgement
    FROM provision_note n LEFT JOIN concern_acknowledgement k ON k.concern_id = n.id
"""
_FIND_APPOINTMENT = text(f"{_APPOINTMENTS} WHERE a.id = :id AND a.referral_id = :referral_id")
_FIND_NOTE = text(f"{_NOTES} WHERE n.id = :id AND n.referral_id = :referral_id AND n.kind = :kind")
_LIST_APPOINTMENTS = text(f"{_APPOINTMENTS} WHERE a.referral_id = :referral_id ORDER BY a.starts_at DESC, a.id")
_LIST_NOTES = text(f"{_NOTES} WHERE n.referral_id = :referral_id ORDER BY n.written_at DESC, n.id")
_BOOK = text(
    """
    INSERT INTO provision_appointment (id, referral_id, crn, kind, how, starts_at, minutes, place, replaces, booked_by,
                                       booked_at)
    VALUES (:id, :referral_id, :crn, :kind, :how, :starts_at, :minutes, :place, :replaces, :by, :now)
    """
)
_ATTEND = text(
    """
    INSERT INTO provision_attendance (appointment_id, referral_id, crn, attended, reason, note, recorded_by,
                                      recorded_at)
    VALUES (:id, :referral_id, :crn, :attended, :reason, :note, :by, :now)
    """
)
_WRITE = text(
    """
    INSERT INTO provision_note (id, referral_id, crn, kind, about, text, written_by, written_at)
    VALUES (:id, :referral_id, :crn, :kind, :about, :text, :by, :now)
    """
)
_ACKNOWLEDGE = text(
    """
    INSERT INTO concern_acknowledgement (concern_id, referral_id, crn, note, acknowledged_by, acknowledged_at)
    VALUES (:id, :referral_id, :crn, :note, :by, :now)
    """
)
_INSERTS = {"appointment": _BOOK, "attendance": _ATTEND, "note": _WRITE, "acknowledgement": _ACKNOWLEDGE}


async def insert(session: Session, what: str, row: Mapping[str, Any], *, by: str, now: datetime.datetime) -> None:
    """Keep an appointment, an attendance, a note or an acknowledgement; the referral's row is locked."""
    connection = await session.connection()
    await connection.execute(_INSERTS[what], {**row, "by": by, "now": now})


async def find_appointment(
    session: Session, referral_id: uuid.UUID, appointment_id: uuid.UUID
) -> dict[str, Any] | None:
    """Return an appointment of a referral the caller has been shown; None where it is not one of that referral's."""
    connection = await session.connection()
    found = await connection.execute(_FIND_APPOINTMENT, {"referral_id": referral_id, "id": appointment_id})
    row = found.mappings().first()
    return dict(row) if row is not None else None


async def find_note(session: Session, referral_id: uuid.UUID, note_id: uuid.UUID, kind: str) -> dict[str, Any] | None:
    """Return a note of a kind about a referral the caller was shown; None where it is not one of that referral's."""
    connection = await session.connection()
    found = await connection.execute(_FIND_NOTE, {"referral_id": referral_id, "id": note_id, "kind": kind})
    row = found.mappings().first()
    return dict(row) if row is not None else None


async def provision_of(session: Session, referral_id: uuid.UUID) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the appointments and the notes of a referral the caller has been shown, the latest first."""
    connection, parameters = await session.connection(), {"referral_id": referral_id}
    appointments = (await connection.execute(_LIST_APPOINTMENTS, parameters)).mappings()
    notes = (await connection.execute(_LIST_NOTES, parameters)).mappings()
    return [dict(row) for row in appointments], [dict(row) for row in notes]
