"""CAS3 bookings: those of a referral or of a person, and every step each of them took."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause, text

from service.db import Session

Row = dict[str, Any]
_COLUMNS = """b.id, b.referral_id, b.crn, b.sentence, b.place, b.status, b.arrival_on, b.departure_on,
b.first_arrival_on, b.first_departure_on, b.end_reason, b.overstay_authorised, b.overstay_reason, b.revision,
b.booked_by, b.booked_at, b.updated_at"""
_BOOKINGS = f"SELECT {_COLUMNS} FROM cas3_booking b"  # noqa: S608
_FIND = text(f"{_BOOKINGS} WHERE b.id = :id AND b.referral_id = :referral_id")
_OF_REFERRAL = text(f"{_BOOKINGS} WHERE b.referral_id = :referral_id ORDER BY b.arrival_on, b.booked_at, b.id")
_OF_PERSON = text(f"{_BOOKINGS} WHERE b.crn = :crn ORDER BY b.arrival_on, b.booked_at, b.id")
_LOCK_OF_PERSON = text(f"{_BOOKINGS} WHERE b.crn = ANY(:crns) ORDER BY b.id FOR UPDATE")
_CLASHING = text(
    f"""
    {_BOOKINGS} WHERE b.crn = :crn AND b.id <> :id AND b.status <> 'cancelled'
      AND daterange(b.arrival_on, b.departure_on) && daterange(:arrival_on, :departure_on)
    ORDER BY b.arrival_on LIMIT 1
    """
)
_INSERT = text(
    """
    INSERT INTO cas3_booking (id, referral_id, crn, sentence, place, status, arrival_on, departure_on, first_arrival_on,
                              first_departure_on, end_reason, overstay_authorised, overstay_reason, revision, booked_by,
                              booked_at, updated_at)
    VALUES (:id, :referral_id, :crn, :sentence, :place, :status, :arrival_on, :departure_on, :arrival_on,
            :departure_on, NULL, :overstay_authorised, :overstay_reason, 1, :by, :now, :now)
    """
)
_SAVE = text(
    """
    UPDATE cas3_booking SET crn = :crn, status = :status, arrival_on = :arrival_on, departure_on = :departure_on,
           end_reason = :end_reason, overstay_authorised = :overstay_authorised, overstay_reason = :overstay_reason,
           revision = revision + 1, updated_at = :now
    WHERE id = :id RETURNING revision
    """
)
_STEP = text(
    """
    INSERT INTO cas3_booking_step (id, booking_id, referral_id, crn, act, from_status, to_status, arrival_on,
                                   departure_on, reason, note, overstay_authorised, overstay_reason, revision, actor,
                                   role, at)
    VALUES (:step_id, :id, :referral_id, :crn, :act, :from_status, :status, :arrival_on, :departure_on, :end_reason,
            :note, :overstay_authorised, :overstay_reason, :revision, :by, :role, :now)
    """
)
_STEPS = text(
    """
    SELECT act, from_status, to_status, arrival_on, departure_on, reason, note, overstay_authorised, overstay_reason,
           revision, actor, at
    FROM cas3_booking_step WHERE booking_id = :id ORDER BY revision, at
    """
)
# The sentence of what was sent: the number of its event in the record system.
_SENTENCE = text(
    """
    SELECT jsonb_path_query_first(
        v.content, '$.sections[*].questions[*] ? (@.id == "index_offence").value.event_number') #>> '{}'
    FROM referral_version v WHERE v.referral_id = :id ORDER BY v.number DESC LIMIT 1
    """
)


async def find_booking(session: Session, referral_id: uuid.UUID, booking_id: uuid.UUID) -> Row | None:
    """Return a booking of a referral the caller has been shown; None where it is not one of that referral's."""
    found = await _rows(session, _FIND, id=booking_id, referral_id=referral_id)
    return found[0] if found else None


async def bookings_of_referral(session: Session, referral_id: uuid.UUID) -> list[Row]:
    """Return the bookings of a referral the caller has been shown, by their first night."""
    return await _rows(session, _OF_REFERRAL, referral_id=referral_id)


async def bookings_of_person(session: Session, crn: str) -> list[Row]:
    """Return every booking of a person, by its first night: to count, or to show to those who may see the case."""
    return await _rows(session, _OF_PERSON, crn=crn)


async def lock_bookings(session: Session, crns: Sequence[str]) -> list[Row]:
    """Lock every booking of one person, of the cases that are theirs."""
    return await _rows(session, _LOCK_OF_PERSON, crns=list(crns))


async def clashing(session: Session, booking: Mapping[str, Any]) -> Row | None:
    """Return a booking of the same person that holds one of the same nights."""
    named = {name: booking[name] for name in ("crn", "id", "arrival_on", "departure_on")}
    found = await _rows(session, _CLASHING, **named)
    return found[0] if found else None


async def sentence_sent(session: Session, referral_id: uuid.UUID) -> str | None:
    """Return the number of the sentence that a sent referral rests on; None where it does not say."""
    connection = await session.connection()
    sentence: str | None = (await connection.execute(_SENTENCE, {"id": referral_id})).scalar_one_or_none()
    return sentence


async def insert(session: Session, booking: Mapping[str, Any], *, by: str, now: datetime.datetime) -> None:
    """Keep a new booking; IntegrityError where the person has a bed for one of its nights already."""
    connection = await session.connection()
    async with connection.begin_nested():
        await connection.execute(_INSERT, {**booking, "by": by, "now": now})


async def save(session: Session, booking: Mapping[str, Any], now: datetime.datetime) -> int:
    """Write a booking as it stands now and return its revision; IntegrityError as `insert` raises it."""
    connection = await session.connection()
    async with connection.begin_nested():
        return int((await connection.execute(_SAVE, {**booking, "now": now})).scalar_one())


async def append_step(session: Session, step: Mapping[str, Any], *, by: str, role: str, now: datetime.datetime) -> None:
    """Keep what was done to a booking, with the days it has now."""
    connection = await session.connection()
    await connection.execute(_STEP, {**step, "step_id": uuid.uuid4(), "by": by, "role": role, "now": now})


async def steps_of(session: Session, booking_id: uuid.UUID) -> list[Row]:
    """Return what was done to a booking the caller has been shown, the oldest first."""
    return await _rows(session, _STEPS, id=booking_id)


async def _rows(session: Session, statement: TextClause, **parameters: Any) -> list[Row]:
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(statement, parameters)).mappings()]
