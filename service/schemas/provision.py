"""What a provider sends about its work with a person, and what both sides see of it."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from service.domain.provision import About, Absence, Attended, How, Kind
from service.schemas.referrals import Input
from service.schemas.texts import Instant, LongWords, Whole, Words


class AttendanceGiven(Input):
    """Whether the person came; an absence says why."""

    attended: Attended
    reason: Absence | None = None
    note: LongWords | None = None


class Booking(Input):
    """An appointment: from the sending of the referral until six months ahead, or past, and then with who came."""

    kind: Kind
    how: How
    starts_at: Instant
    minutes: Annotated[int, Field(strict=True, ge=5, le=600), Whole]
    place: Words | None = Field(default=None, description="Shown to both sides of the referral and to nobody else.")
    replaces: uuid.UUID | None = Field(default=None, description="The appointment this one stands in for.")
    attendance: AttendanceGiven | None = None


class ProgressGiven(Input):
    """How it goes."""

    text: LongWords


class ConcernGiven(Input):
    """A concern, and whose safety it is about."""

    about: About
    text: LongWords


class Acknowledgement(Input):
    """What follows from a concern, where there is something to say."""

    note: LongWords | None = None


class AttendanceShown(BaseModel):
    """Whether the person came, as it was recorded."""

    attended: Attended
    reason: Absence | None
    note: str | None
    recorded_by: str
    recorded_at: datetime.datetime


class AppointmentShown(BaseModel):
    """An appointment; booked again, it names the one in its place."""

    id: uuid.UUID
    referral_id: uuid.UUID
    kind: Kind
    how: How
    starts_at: datetime.datetime
    minutes: int
    place: str | None
    replaces: uuid.UUID | None
    replaced_by: uuid.UUID | None
    booked_by: str
    booked_at: datetime.datetime
    attendance: AttendanceShown | None


class ProgressShown(BaseModel):
    """How it went, as it was written."""

    id: uuid.UUID
    referral_id: uuid.UUID
    text: str
    written_by: str
    written_at: datetime.datetime


class ConcernShown(ProgressShown):
    """A concern, and who has acknowledged it."""

    about: About
    acknowledged_by: str | None
    acknowledged_at: datetime.datetime | None
    acknowledgement: str | None


class Provision(BaseModel):
    """All that a provider has written about its work on one referral, the latest first."""

    appointments: list[AppointmentShown]
    progress: list[ProgressShown]
    concerns: list[ConcernShown]


def appointment_shown(row: Mapping[str, Any]) -> AppointmentShown:
    """Return a stored appointment with its attendance, if that has been recorded."""
    attendance = AttendanceShown.model_validate(row) if row["attended"] is not None else None
    return AppointmentShown.model_validate({**row, "attendance": attendance})


def provision(appointments: Sequence[Mapping[str, Any]], notes: Sequence[Mapping[str, Any]]) -> Provision:
    """Return what a provider has written, sorted by what it is."""
    return Provision(
        appointments=[appointment_shown(row) for row in appointments],
        progress=[ProgressShown.model_validate(note) for note in notes if note["kind"] == "progress"],
        concerns=[ConcernShown.model_validate(note) for note in notes if note["kind"] == "concern"],
    )
