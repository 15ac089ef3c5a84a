"""A person's stays in approved premises, and every change to one, kept for ever."""

import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from service.models.naming import Json, Table

OPEN = "status IN ('expected', 'in_residence', 'suspended')"


class Stay(Table, table=True):
    """A stay as it stands now. It goes on through a transfer; a person has one open stay at most."""

    __tablename__ = "stay"
    __table_args__ = (
        CheckConstraint(
            "status IN ('expected', 'in_residence', 'suspended', 'departed', 'not_arrived', 'cancelled')", name="status"
        ),
        CheckConstraint("(status = 'in_residence') = (resident_since IS NOT NULL)", name="residence"),
        CheckConstraint(f"({OPEN}) = (ended_on IS NULL)", name="ending"),
        CheckConstraint("nights_before >= 0", name="nights"),
        Index("uq_stay_open", "crn", unique=True, postgresql_where=text(OPEN)),
        Index("ix_stay_premises_open", "premises_id", "opened_at", "id", postgresql_where=text(OPEN)),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    crn: str = Field(foreign_key="case_record.crn", max_length=7, index=True)
    premises_id: str = Field(foreign_key="premises.id", max_length=60)
    kind: str = Field(max_length=30)
    status: str = Field(max_length=20)
    expected_arrival_on: datetime.date
    expected_departure_on: datetime.date | None = None
    departure_set: bool = False
    arrived_on: datetime.date | None = None
    resident_since: datetime.date | None = None
    nights_before: int = 0
    recalled_on: datetime.date | None = None
    re_release_on: datetime.date | None = None
    ended_on: datetime.date | None = None
    end_reason: str | None = Field(default=None, max_length=60)
    move_on_category: str | None = Field(default=None, max_length=40)
    key_worker: str | None = Field(default=None, max_length=120)
    revision: int = 1
    opened_at: datetime.datetime
    ended_at: datetime.datetime | None = None


class StayStep(Table, table=True):
    """One change to a stay: what was done, by whom, when, why, and where the person was placed then."""

    __tablename__ = "stay_step"
    __table_args__ = (Index("ix_stay_step_stay", "stay_id", "at"),)

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    stay_id: uuid.UUID = Field(foreign_key="stay.id")
    crn: str = Field(max_length=7)
    premises_id: str = Field(max_length=60)
    act: str = Field(max_length=20)
    from_status: str | None = Field(default=None, max_length=20)
    to_status: str = Field(max_length=20)
    reason: str | None = Field(default=None, max_length=60)
    note: str | None = Field(default=None, max_length=1000)
    details: dict[str, Any] = Field(sa_type=Json, default_factory=dict)
    actor: str = Field(max_length=120)
    role: str = Field(max_length=30)
    revision: int
    at: datetime.datetime
