"""Risk levels that were lowered where a manager is to look at it, and what the manager thought."""

import datetime
import uuid
from typing import Any

from sqlmodel import Field

from service.models.naming import Json, Table


class RiskLowering(Table, table=True):
    """One change of the profile that lowered risk levels without a current check, or near a release."""

    __tablename__ = "risk_lowering"

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    crn: str = Field(foreign_key="case_record.crn", max_length=7, index=True)
    levels: list[dict[str, Any]] = Field(sa_type=Json, default_factory=list)
    because: list[str] = Field(sa_type=Json, default_factory=list)
    profile_revision: int
    lowered_by: str = Field(max_length=120)
    lowered_at: datetime.datetime


class RiskLoweringView(Table, table=True):
    """A manager's view of a lowering, given once."""

    __tablename__ = "risk_lowering_view"

    lowering_id: uuid.UUID = Field(foreign_key="risk_lowering.id", primary_key=True)
    crn: str = Field(max_length=7)
    view: str = Field(max_length=20)
    note: str | None = Field(default=None, max_length=4000)
    given_by: str = Field(max_length=120)
    given_at: datetime.datetime
