"""What is shown of the work that practitioner and premises share, and what each sends."""

import datetime
import uuid
from typing import Any

from pydantic import BaseModel, Field, StrictBool

from service.domain.shared_work import Act, Side
from service.schemas.referrals import Input, Lack, QuestionShown
from service.schemas.texts import ByName, CatalogueName, Words


class PassedOn(Input):
    """To whom the referral, or one question of it, is passed: to the other side, or taken over by one's own."""

    to: Side
    question: CatalogueName | None = Field(default=None, description="One question; unset, the whole referral.")
    note: Words | None = None


class PassedShown(BaseModel):
    """Work that passed from one side to the other."""

    question: str | None
    side: Side
    act: Act
    note: str | None
    passed_by: str
    at: datetime.datetime


class HoldingShown(BaseModel):
    """Who has a referral now, which of its questions somebody else has, and how it came to that."""

    referral_id: uuid.UUID
    held_by: Side
    questions: dict[str, Side] = Field(description="The questions that are not with whoever has the referral.")
    passed: list[PassedShown]


class StayReferral(BaseModel):
    """A resident's referral for moving on: how far it is, and who has it."""

    id: uuid.UUID
    pack: str
    status: str
    status_since: datetime.datetime
    recipient: str | None
    recipient_name: str | None
    held_by: Side
    held_since: datetime.datetime


class StayReferrals(BaseModel):
    """A resident's referrals for moving on, the newest first."""

    items: list[StayReferral]
    next: str | None


class SharedQuestion(QuestionShown):
    """One question that the staff of the premises may see and answer, and who has it."""

    held_by: Side


class SharedQuestions(BaseModel):
    """A draft as the staff of the premises work on it: the questions they may know of, and what those still lack."""

    referral_id: uuid.UUID
    crn: str
    pack: str
    recipient: str | None
    held_by: Side
    questions: list[SharedQuestion]
    lacks: list[Lack]


class SharedAnswer(Input):
    """An answer to one question; null takes it back."""

    value: Any


class SharedAnswers(Input):
    """Answers and re-read ticks: all are saved, or none."""

    answers: ByName[SharedAnswer] = Field(default_factory=dict, max_length=200)
    read: ByName[StrictBool] = Field(default_factory=dict, max_length=200)
    recipient: CatalogueName | str | None = Field(default=None, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")


class SharedSending(BaseModel):
    """A referral was sent."""

    referral_id: uuid.UUID
    version: int
    status: str
    submitted_at: datetime.datetime
