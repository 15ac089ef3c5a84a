"""What callers send and see of MAPPA screenings."""

import datetime
import uuid
from typing import Literal

from pydantic import BaseModel, Field

from service.domain.eligibility.facts import IsoDate, MappaCategory, MappaLevel
from service.schemas.referrals import Input
from service.schemas.texts import LongWords


class Screening(Input):
    """The category and level somebody set, and why. No category is a decision too, so it is said and not left out."""

    category: MappaCategory | None
    level: MappaLevel | None = None
    reason: LongWords
    screened_on: IsoDate
    review_on: IsoDate | None = None


class ScreeningShown(BaseModel):
    """A screening as it was recorded; it never changes."""

    id: uuid.UUID
    crn: str
    category: Literal["1", "2", "3", "4"] | None
    level: Literal["1", "2", "3"] | None
    reason: str
    screened_on: datetime.date
    review_on: datetime.date | None
    recorded_by: str
    recorded_at: datetime.datetime


class ScreeningList(BaseModel):
    """A person's screenings, the latest first: the first is the one in force."""

    items: list[ScreeningShown]
    next: str | None = Field(description="Where the next page starts.")
