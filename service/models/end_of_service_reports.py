"""What a provider says at the end of its work about each outcome the referral asked for: said once."""

import datetime
import uuid

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from service.models.naming import Table


class EndOfServiceReport(Table, table=True):
    """The one report on a referral."""

    __tablename__ = "end_of_service_report"
    shown_in_repr = ("referral_id",)

    referral_id: uuid.UUID = Field(foreign_key="referral.id", primary_key=True)
    crn: str = Field(max_length=7)
    version: int
    further: str | None = Field(default=None, max_length=4000)
    written_by: str = Field(max_length=120)
    written_at: datetime.datetime


class EndOfServiceOutcome(Table, table=True):
    """How far one desired outcome was reached, and what there is to say of it."""

    __tablename__ = "end_of_service_outcome"
    __table_args__ = (CheckConstraint("result IN ('met', 'partly_met', 'not_met')", name="result"),)
    shown_in_repr = ("referral_id", "outcome")

    referral_id: uuid.UUID = Field(foreign_key="end_of_service_report.referral_id", primary_key=True)
    outcome: str = Field(primary_key=True, max_length=80)
    crn: str = Field(max_length=7)
    result: str = Field(max_length=20)
    text: str = Field(max_length=4000)
