"""A person's case: its header, who it is allocated to, who opened it for a while, who must never see it."""

import datetime
import uuid
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from service.models.naming import Json, Table


class CaseRecord(Table, table=True):
    """One person's case, keyed by CRN. Names and date of birth are copies of the profile's, kept for searching."""

    __tablename__ = "case_record"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'closed')", name="status"),
        CheckConstraint("crn ~ '^[A-Z][0-9]{6}$'", name="crn"),
        Index("ix_case_record_search", "date_of_birth", "family_name"),
    )
    shown_in_repr: ClassVar[tuple[str, ...]] = ("status",)

    crn: str = Field(primary_key=True, max_length=7)
    noms_number: str | None = Field(default=None, max_length=7, index=True)
    family_name: str | None = Field(default=None, max_length=200)
    given_names: str | None = Field(default=None, max_length=200)
    date_of_birth: datetime.date | None = None
    region: str | None = Field(default=None, max_length=60)
    status: str = Field(default="open", max_length=20)
    closed_because: str | None = Field(default=None, max_length=40)
    merged_into: str | None = Field(default=None, max_length=7)
    restricted: bool = False
    opened_by: str = Field(max_length=120)
    opened_at: datetime.datetime


class Allocation(Table, table=True):
    """Who manages a case, in which capacity, from when until when."""

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("capacity IN ('prison_practitioner', 'community_practitioner')", name="capacity"),
        Index("ix_allocation_current_worker", "worker_id", "crn", postgresql_where=text("ended_at IS NULL")),
        Index("ix_allocation_current_team", "team", "crn", postgresql_where=text("ended_at IS NULL")),
        Index(
            "uq_allocation_current_capacity", "crn", "capacity", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    crn: str = Field(foreign_key="case_record.crn", max_length=7, index=True)
    worker_id: str = Field(max_length=120)
    team: str | None = Field(default=None, max_length=60)
    capacity: str = Field(max_length=30)
    allocated_by: str = Field(max_length=120)
    started_at: datetime.datetime
    ended_at: datetime.datetime | None = None


class CaseOpening(Table, table=True):
    """Somebody who is not allocated opened the case for a while, and said why; the case's practitioner can see it."""

    __tablename__ = "case_opening"
    __table_args__ = (
        CheckConstraint("kind IN ('reason', 'break_glass')", name="kind"),
        Index("ix_case_opening_worker", "worker_id", "crn", "expires_at"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    crn: str = Field(foreign_key="case_record.crn", max_length=7, index=True)
    worker_id: str = Field(max_length=120)
    kind: str = Field(max_length=20)
    reason: str = Field(max_length=1000)
    opened_at: datetime.datetime
    expires_at: datetime.datetime


class LimitedAccess(Table, table=True):
    """One name on a case's lists: `allowed` counts while the case is restricted, `excluded` always."""

    __tablename__ = "limited_access"
    __table_args__ = (CheckConstraint("kind IN ('allowed', 'excluded')", name="kind"),)
    shown_in_repr: ClassVar[tuple[str, ...]] = ("kind",)

    crn: str = Field(foreign_key="case_record.crn", primary_key=True, max_length=7)
    worker_id: str = Field(primary_key=True, max_length=120)
    kind: str = Field(primary_key=True, max_length=20)
    recorded_by: str = Field(max_length=120)
    recorded_at: datetime.datetime


class PersonEvent(Table, table=True):
    """Something that happened to the person and moved every open referral: a death, a recall, a transfer, a merge."""

    __tablename__ = "person_event"

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    crn: str = Field(foreign_key="case_record.crn", max_length=7, index=True)
    kind: str = Field(max_length=40)
    happened_on: datetime.date
    details: dict[str, object] = Field(sa_type=Json, default_factory=dict)
    recorded_by: str = Field(max_length=120)
    recorded_at: datetime.datetime
