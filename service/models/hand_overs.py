"""Changes of practitioner: planned, held a meeting about, completed; and those that nobody planned."""

import datetime
import uuid
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from service.models.naming import Json, Table


class HandOver(Table, table=True):
    """One officer hands a case to another. At most one is planned for an officer's place in a case at a time."""

    __tablename__ = "hand_over"
    __table_args__ = (
        CheckConstraint("status IN ('planned', 'completed', 'cancelled', 'overtaken')", name="status"),
        Index("ix_hand_over_crn", "crn", "recorded_at"),
        Index("uq_hand_over_planned", "crn", "from_capacity", unique=True, postgresql_where=text("status = 'planned'")),
        Index("ix_hand_over_planned_from", "from_worker", "planned_on", postgresql_where=text("status = 'planned'")),
        Index("ix_hand_over_planned_to", "to_worker", "planned_on", postgresql_where=text("status = 'planned'")),
    )
    shown_in_repr: ClassVar[tuple[str, ...]] = ("status",)

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    crn: str = Field(foreign_key="case_record.crn", max_length=7)
    status: str = Field(max_length=20)
    from_worker: str = Field(max_length=120)
    from_capacity: str = Field(max_length=30)
    to_worker: str | None = Field(default=None, max_length=120)
    to_capacity: str = Field(max_length=30)
    first_planned_on: datetime.date | None = None
    planned_on: datetime.date | None = None
    meeting_held: bool | None = None
    meeting_held_on: datetime.date | None = None
    meeting_because: str | None = Field(default=None, max_length=1000)
    promised: list[str] = Field(sa_type=Json, default_factory=list)
    outstanding: list[dict[str, Any]] = Field(sa_type=Json, default_factory=list)
    ended_because: str | None = Field(default=None, max_length=1000)
    revision: int = 1
    recorded_by: str = Field(max_length=120)
    recorded_at: datetime.datetime
    ended_by: str | None = Field(default=None, max_length=120)
    ended_at: datetime.datetime | None = None
