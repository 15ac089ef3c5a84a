"""A MAPPA screening: a decision of its own, whether or not a referral follows."""

import datetime
import uuid

from sqlmodel import Field

from service.models.naming import Table


class MappaScreening(Table, table=True):
    """Which category and level somebody set, why, and when. No category (None) is a decision too."""

    __tablename__ = "mappa_screening"

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    crn: str = Field(foreign_key="case_record.crn", max_length=7, index=True)
    category: str | None = Field(default=None, max_length=1)
    level: str | None = Field(default=None, max_length=1)
    reason: str = Field(max_length=4000)
    screened_on: datetime.date
    review_on: datetime.date | None = None
    recorded_by: str = Field(max_length=120)
    recorded_at: datetime.datetime
