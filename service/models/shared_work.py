"""Who has the work on a move-on referral, and who had it before: a row each time it passes."""

import datetime
import uuid

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index
from sqlmodel import Field

from service.models.naming import Table


class PassedWork(Table, table=True):
    """A referral, or one of its questions, passed to the practitioner or to the staff of the premises."""

    __tablename__ = "passed_work"
    __table_args__ = (
        CheckConstraint("side IN ('practitioner', 'premises')", name="side"),
        CheckConstraint("act IN ('given', 'taken_over', 'handed_back')", name="act"),
        Index("ix_passed_work_referral", "referral_id", "id"),
    )

    # In this order, whatever the clocks of two processes say.
    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(),))
    referral_id: uuid.UUID = Field(foreign_key="referral.id")
    crn: str = Field(max_length=7, index=True)
    question: str | None = Field(default=None, max_length=80)
    side: str = Field(max_length=20)
    act: str = Field(max_length=20)
    note: str | None = Field(default=None, max_length=1000)
    passed_by: str = Field(max_length=120)
    at: datetime.datetime
