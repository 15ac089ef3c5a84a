"""A person's CAS3 bookings, and every change to one, kept for ever."""

import datetime
import uuid

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from service.models.naming import Table

# A CRN as a number, so that two ranges of one number each overlap where the person is the same: a constraint that
# compares text would need an extension.
PERSON = (
    "int4range(ascii(crn) * 1000000 + CAST(substr(crn, 2) AS integer), "
    "ascii(crn) * 1000000 + CAST(substr(crn, 2) AS integer), '[]')"
)
NIGHTS = "daterange(arrival_on, departure_on)"


class Booking(Table, table=True):
    """A booking as it stands now. One person sleeps in one place: no two of theirs hold the same night."""

    __tablename__ = "cas3_booking"
    __table_args__ = (
        CheckConstraint("status IN ('provisional', 'confirmed', 'arrived', 'departed', 'cancelled')", name="status"),
        CheckConstraint("departure_on >= arrival_on", name="days"),
        ExcludeConstraint(
            (text(PERSON), "&&"),
            (text(NIGHTS), "&&"),
            where=text("status <> 'cancelled'"),
            name="ex_cas3_booking_nights",
        ),
        Index("ix_cas3_booking_referral", "referral_id", "booked_at"),
        Index("ix_cas3_booking_crn", "crn"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    referral_id: uuid.UUID = Field(foreign_key="referral.id")
    crn: str = Field(foreign_key="case_record.crn", max_length=7)
    sentence: str = Field(max_length=20)
    place: str = Field(max_length=200)
    status: str = Field(max_length=20)
    arrival_on: datetime.date
    departure_on: datetime.date
    first_arrival_on: datetime.date
    first_departure_on: datetime.date
    end_reason: str | None = Field(default=None, max_length=60)
    overstay_authorised: bool | None = None
    overstay_reason: str | None = Field(default=None, max_length=1000)
    revision: int = 1
    booked_by: str = Field(max_length=120)
    booked_at: datetime.datetime
    updated_at: datetime.datetime


class BookingStep(Table, table=True):
    """One change to a booking: what was done, by whom, and the days it had then."""

    __tablename__ = "cas3_booking_step"
    __table_args__ = (Index("ix_cas3_booking_step_booking", "booking_id", "revision"),)

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    booking_id: uuid.UUID = Field(foreign_key="cas3_booking.id")
    referral_id: uuid.UUID = Field(foreign_key="referral.id")
    crn: str = Field(max_length=7)
    act: str = Field(max_length=20)
    from_status: str | None = Field(default=None, max_length=20)
    to_status: str = Field(max_length=20)
    arrival_on: datetime.date
    departure_on: datetime.date
    reason: str | None = Field(default=None, max_length=60)
    note: str | None = Field(default=None, max_length=4000)
    overstay_authorised: bool | None = None
    overstay_reason: str | None = Field(default=None, max_length=1000)
    revision: int
    actor: str = Field(max_length=120)
    role: str = Field(max_length=30)
    at: datetime.datetime
