"""What a commissioned provider writes while it works with a person: nothing of it is ever changed or deleted."""

import datetime
import uuid

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from service.models.naming import Table


class Appointment(Table, table=True):
    """A meeting a provider booked. Booked again, the new one names the one it stands in for, which stays."""

    __tablename__ = "provision_appointment"
    __table_args__ = (
        Index("ix_provision_appointment_referral", "referral_id", "starts_at"),
        Index(
            "uq_provision_appointment_replaces", "replaces", unique=True, postgresql_where=text("replaces IS NOT NULL")
        ),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    referral_id: uuid.UUID = Field(foreign_key="referral.id")
    crn: str = Field(max_length=7)
    kind: str = Field(max_length=30)
    how: str = Field(max_length=30)
    starts_at: datetime.datetime
    minutes: int
    place: str | None = Field(default=None, max_length=1000)
    replaces: uuid.UUID | None = Field(default=None, foreign_key="provision_appointment.id")
    booked_by: str = Field(max_length=120)
    booked_at: datetime.datetime


class Attendance(Table, table=True):
    """Whether the person came to an appointment, said once."""

    __tablename__ = "provision_attendance"

    appointment_id: uuid.UUID = Field(foreign_key="provision_appointment.id", primary_key=True)
    referral_id: uuid.UUID = Field(foreign_key="referral.id", index=True)
    crn: str = Field(max_length=7)
    attended: str = Field(max_length=10)
    reason: str | None = Field(default=None, max_length=20)
    note: str | None = Field(default=None, max_length=4000)
    recorded_by: str = Field(max_length=120)
    recorded_at: datetime.datetime


class Note(Table, table=True):
    """How it goes, or a concern, in a provider's own words."""

    __tablename__ = "provision_note"
    __table_args__ = (
        CheckConstraint("kind IN ('progress', 'concern')", name="kind"),
        Index("ix_provision_note_referral", "referral_id", "written_at"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    referral_id: uuid.UUID = Field(foreign_key="referral.id")
    crn: str = Field(max_length=7)
    kind: str = Field(max_length=10)
    about: str | None = Field(default=None, max_length=30)
    text: str = Field(max_length=4000)
    written_by: str = Field(max_length=120)
    written_at: datetime.datetime


class ConcernAcknowledgement(Table, table=True):
    """That a practitioner has read a concern, by name."""

    __tablename__ = "concern_acknowledgement"

    concern_id: uuid.UUID = Field(foreign_key="provision_note.id", primary_key=True)
    referral_id: uuid.UUID = Field(foreign_key="referral.id", index=True)
    crn: str = Field(max_length=7)
    note: str | None = Field(default=None, max_length=4000)
    acknowledged_by: str = Field(max_length=120)
    acknowledged_at: datetime.datetime
