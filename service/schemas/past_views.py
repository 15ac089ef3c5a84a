"""What a provider could see of a person at an instant, as a practitioner reads it."""

import datetime
import uuid

from pydantic import BaseModel, Field

from service.domain.past_views import NotKnown
from service.schemas.provided_referrals import LiveSummary, ProvidedSection


class PastReferral(BaseModel):
    """A referral as the organisation could read it then: what had been sent, and how things stood beside it."""

    referral_id: uuid.UUID
    contract: str
    part: str = Field(description="What the organisation was on the contract: prime or subcontractor.")
    status: str | None = Field(description="Null where no step on record says it.")
    version: int
    seen_by: list[str] = Field(description="Its workers who could see it.")
    disclosed: list[str] = Field(description="The items disclosed to it by decisions that stood.")
    sections: list[ProvidedSection]
    summary: LiveSummary


class PastView(BaseModel):
    """What an organisation could see of a person at an instant; empty where it could see nothing."""

    crn: str
    at: datetime.datetime
    organisation: str
    worker: str | None
    restricted: bool = Field(description="Whether access to the person was restricted.")
    referrals: list[PastReferral]
    not_known: list[NotKnown] = Field(
        description="What is not on record for that instant; today's stands in its place."
    )
