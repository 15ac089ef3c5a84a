"""Checks asked of the police and of children's services: each asking, each chase and the answer, added and kept."""

import datetime
import uuid

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from service.models.naming import Table


class CheckRequest(Table, table=True):
    """A check that was asked of somebody. Asked again elsewhere, the new one names the one it stands in for."""

    __tablename__ = "check_request"
    __table_args__ = (
        CheckConstraint("kind IN ('domestic_abuse', 'child_safeguarding')", name="kind"),
        Index("ix_check_request_crn", "crn", "kind", "asked_at"),
        Index("uq_check_request_replaces", "replaces", unique=True, postgresql_where=text("replaces IS NOT NULL")),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    crn: str = Field(foreign_key="case_record.crn", max_length=7)
    kind: str = Field(max_length=30)
    asked_of: str = Field(max_length=120)
    asked_on: datetime.date
    replaces: uuid.UUID | None = Field(default=None, foreign_key="check_request.id")
    asked_by: str = Field(max_length=120)
    asked_at: datetime.datetime


class CheckChase(Table, table=True):
    """That somebody reminded them."""

    __tablename__ = "check_chase"

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    check_id: uuid.UUID = Field(foreign_key="check_request.id", index=True)
    crn: str = Field(max_length=7)
    chased_on: datetime.date
    how: str = Field(max_length=20)
    chased_by: str = Field(max_length=120)
    recorded_at: datetime.datetime


class CheckAnswer(Table, table=True):
    """What came back, once: a code, the words where there are any, and until when it may be relied on."""

    __tablename__ = "check_answer"

    check_id: uuid.UUID = Field(foreign_key="check_request.id", primary_key=True)
    crn: str = Field(max_length=7)
    answered_on: datetime.date
    result: str = Field(max_length=30)
    detail: str | None = Field(default=None, max_length=4000)
    valid_until: datetime.date
    recorded_by: str = Field(max_length=120)
    recorded_at: datetime.datetime
