"""What callers send and see of a recipient's questions about a referral, and of their answers."""

import datetime
import uuid
from typing import Any

from pydantic import BaseModel, Field

from service.domain.eligibility.facts import IsoDate
from service.schemas.referrals import Input
from service.schemas.texts import ByName, CatalogueName, LongWords


class QueryAsked(Input):
    """What a recipient needs to know, and which of the form's questions it is about."""

    question: LongWords
    about: list[CatalogueName] = Field(default_factory=list, max_length=50, description="Question ids of the pack.")


class AnswerGiven(Input):
    """A new value for one item of the profile, which the answer has brought to light."""

    value: Any = Field(description="The item's value. Null takes the present one back.")
    as_of: IsoDate | None = Field(default=None, description="The day it was true. Today unless given.")


class QueryAnswered(Input):
    """The sender's answer, and what it changes in the profile: all of it is saved, or nothing."""

    answer: LongWords
    answers: ByName[AnswerGiven] = Field(default_factory=dict, max_length=100)


class QueryShown(BaseModel):
    """A recipient's question about a referral and its answer, if it has one."""

    id: uuid.UUID
    referral_id: uuid.UUID
    question: str
    about: list[str]
    asked_by: str
    asked_at: datetime.datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime.datetime | None


class QueryList(BaseModel):
    """The questions about a referral, the newest first."""

    items: list[QueryShown]
    next: str | None
