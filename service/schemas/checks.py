"""What callers send about checks and see of them."""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from service.domain.check_requests import How
from service.domain.checks import WHY, Because, CheckKind, CheckStatus, Learned, Result, Standing
from service.domain.eligibility.facts import IsoDate
from service.schemas.referrals import Input
from service.schemas.texts import LongWords

# As long as the profile's item takes.
AskedOf = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class CheckAsked(Input):
    """A check that was asked for: of the police, or of children's services."""

    kind: CheckKind
    asked_of: AskedOf = Field(description="The office or desk, not a person's name.")
    asked_on: IsoDate | None = Field(default=None, description="Today unless given.")
    replaces: uuid.UUID | None = Field(default=None, description="The unanswered check this one is asked in place of.")


class CheckChased(Input):
    """That they were reminded."""

    how: How
    chased_on: IsoDate | None = Field(default=None, description="Today unless given.")


class CheckAnswered(Input):
    """What came back. Where information is held, `detail` says what: for practitioners and managers alone."""

    result: Result
    detail: LongWords | None = None
    answered_on: IsoDate | None = Field(default=None, description="Today unless given.")
    valid_until: IsoDate | None = Field(
        default=None, description="Until when it may be relied on: as long as checks are fresh for, or less."
    )


class ReasonShown(BaseModel):
    """Something that makes a check due."""

    because: Because
    item: str | None = Field(description="The profile's item that it was learned from; null for a referral.")
    since: datetime.datetime
    why: str


class ChaseShown(BaseModel):
    """One reminder."""

    chased_on: datetime.date
    how: How
    chased_by: str
    recorded_at: datetime.datetime


class AnswerShown(BaseModel):
    """What came back, as it was recorded."""

    answered_on: datetime.date
    result: Result
    detail: str | None
    valid_until: datetime.date
    recorded_by: str
    recorded_at: datetime.datetime


class CheckShown(BaseModel):
    """A check as it was asked, chased and answered."""

    id: uuid.UUID
    crn: str
    kind: CheckKind
    asked_of: str
    asked_on: datetime.date
    asked_by: str
    asked_at: datetime.datetime
    replaces: uuid.UUID | None
    replaced_by: uuid.UUID | None
    chases: list[ChaseShown]
    answer: AnswerShown | None


class CheckStanding(BaseModel):
    """How a check stands, without anything that came back: what may be said of it beside a referral."""

    kind: CheckKind
    status: CheckStatus
    since: datetime.datetime | None = Field(description="Since when it stands so.")
    due_on: datetime.date | None = Field(description="By when somebody should have asked, or been answered.")
    valid_until: datetime.date | None
    reasons: list[ReasonShown] = Field(description="What makes it due, or was learned since it was asked.")


class CaseCheck(CheckStanding):
    """One of the two checks of a person, with every time it was asked through this service, the latest first."""

    asked: list[CheckShown]


class CaseCheckList(BaseModel):
    """The two checks of a person."""

    items: list[CaseCheck]
    next: str | None


class HolderShown(BaseModel):
    """Who manages the case."""

    worker_id: str
    team: str | None
    capacity: str


class CheckLine(CheckStanding):
    """A check in a list across people. It says nothing of what came back."""

    crn: str
    region: str | None
    practitioners: list[HolderShown]
    latest_check: uuid.UUID | None = Field(description="Null where it was not asked through this service.")
    asked_of: str | None
    asked_on: datetime.date | None
    chased_on: datetime.date | None


class CheckList(BaseModel):
    """Checks across people, the most pressing first."""

    items: list[CheckLine]
    next: str | None


class ChaserShown(BaseModel):
    """Words to chase a check with, for somebody to read and send. The service sends nothing."""

    check_id: uuid.UUID
    to: str
    subject: str
    text: str


def standing_fields(standing: Standing) -> dict[str, Any]:
    """Return what every view of a check's standing shows."""
    return {
        "kind": standing.kind,
        "status": standing.status,
        "since": standing.since,
        "due_on": standing.due_on,
        "valid_until": standing.asked.valid_until if standing.asked else None,
        "reasons": [_reason(one) for one in standing.reasons],
    }


def _reason(learned: Learned) -> ReasonShown:
    return ReasonShown(because=learned.because, item=learned.item, since=learned.at, why=WHY[learned.because])


def check_shown(row: Mapping[str, Any]) -> CheckShown:
    """Return a stored check as practitioners see it."""
    return CheckShown.model_validate(row)


def case_checks(found: Iterable[Standing], asked: Sequence[Mapping[str, Any]]) -> CaseCheckList:
    """Return how both checks of a person stand, each with its records."""
    items = [
        CaseCheck(**standing_fields(one), asked=[check_shown(row) for row in asked if row["kind"] == one.kind])
        for one in found
    ]
    return CaseCheckList(items=items, next=None)


def check_line(crn: str, region: str | None, holders: Sequence[Mapping[str, Any]], standing: Standing) -> CheckLine:
    """Return a check as a list across people shows it."""
    asked = standing.asked
    return CheckLine(
        **standing_fields(standing),
        crn=crn,
        region=region,
        practitioners=[HolderShown.model_validate(one) for one in holders],
        latest_check=uuid.UUID(asked.id) if asked and asked.id else None,
        asked_of=asked.of if asked else None,
        asked_on=asked.on if asked else None,
        chased_on=asked.chased_on if asked else None,
    )
