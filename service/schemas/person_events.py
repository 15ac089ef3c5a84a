"""What callers report of a person, and what became of the referrals that were open."""

import datetime
import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.domain.eligibility.facts import IsoDate
from service.schemas.texts import CaseNumber, PlaceName, WorkerId


class Reported(BaseModel):
    """Something that happened to the person, today or earlier."""

    model_config = ConfigDict(extra="forbid")

    happened_on: IsoDate = Field(description="The day it happened, not after today.")


class Death(Reported):
    """The person died: every open referral is withdrawn and the case closes."""

    kind: Literal["death"]


class FixedTermRecall(Reported):
    """The person was recalled for a fixed term: open referrals wait, marked."""

    kind: Literal["recall_fixed_term"]
    re_release_on: IsoDate | None = Field(default=None, description="When they are released again, if known.")


class StandardRecall(Reported):
    """The person was recalled: open referrals are withdrawn, save MAPPA's, which stays open, marked."""

    kind: Literal["recall_standard"]


class Transfer(Reported):
    """The person moves to another region, whose practitioner takes the case and its referrals over."""

    kind: Literal["transfer"]
    region: PlaceName
    worker_id: WorkerId


class Merge(Reported):
    """The person has two CRNs: what is on this case moves to the surviving one, and this one closes."""

    kind: Literal["merge"]
    surviving_crn: CaseNumber


PersonEventReported = Annotated[
    Death | FixedTermRecall | StandardRecall | Transfer | Merge, Field(discriminator="kind")
]


class ReferralMoved(BaseModel):
    """What the event did to one referral: every open one, and with a merge those that have ended too."""

    referral_id: uuid.UUID
    pack: str
    from_status: str
    to_status: str
    reason: str


class DuplicateFound(BaseModel):
    """Two open referrals for the same thing, of which the merge kept one."""

    withdrawn: uuid.UUID
    kept: uuid.UUID


class AnswersMerged(BaseModel):
    """What became of the merged case's answers, by item; those set aside stay in the surviving profile's history."""

    taken_over: list[str]
    conflicting: list[str]
    set_aside: list[str]


class PersonEventShown(BaseModel):
    """The event as recorded, and all that it did."""

    id: uuid.UUID
    crn: str
    kind: str
    happened_on: datetime.date
    case_status: str
    surviving_crn: str | None
    referrals: list[ReferralMoved]
    duplicates: list[DuplicateFound]
    answers: AnswersMerged | None
