"""The end-of-service report as a provider writes it, and as both sides read it."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from service.domain.end_of_service_reports import Result
from service.schemas.referrals import Input
from service.schemas.texts import ByName, LongWords


class OutcomeGiven(Input):
    """How far an outcome was reached, and what there is to say of it."""

    result: Result
    text: LongWords


class ReportGiven(Input):
    """The report: one entry for each outcome that stands, by its name."""

    outcomes: ByName[OutcomeGiven] = Field(max_length=100)
    further: LongWords | None = Field(default=None, description="What else the practitioner should know.")


class OutcomeShown(BaseModel):
    """What was said of one outcome."""

    outcome: str
    result: Result
    text: str


class ReportShown(BaseModel):
    """The end-of-service report as it was written; it stays so."""

    referral_id: uuid.UUID
    version: int = Field(description="The version of the referral that stood when it was written.")
    outcomes: list[OutcomeShown]
    further: str | None
    written_by: str
    written_at: datetime.datetime

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "ReportShown":
        """Return a stored report."""
        return cls.model_validate(row)
