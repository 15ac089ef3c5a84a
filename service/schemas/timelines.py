"""A person's timeline as callers are shown it."""

import datetime

from pydantic import BaseModel, Field

from service.domain.deadlines import Deadline
from service.domain.eligibility.cases import AccommodationStatus, NextStep


class Timeline(BaseModel):
    """What should be done by when for one person, worked back from the dates on record."""

    crn: str
    today: datetime.date
    release_on: datetime.date | None = Field(description="As recorded. Null while it is not known.")
    items: list[Deadline] = Field(description="The earliest due first; those without a date last.")
    next_steps: list[NextStep] = Field(description="What can be done now, then what can be done from a day on.")
    accommodation_status: AccommodationStatus | None = Field(description="Whether a home is missing or at risk.")
