"""What callers send to and see of referrals."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from service.domain.checks import CheckKind, CheckStatus
from service.schemas.texts import ByName, CatalogueName, Code, PackVersion, ShortWords, Words


class Input(BaseModel):
    """What a caller sends: nothing but the fields named."""

    model_config = ConfigDict(extra="forbid")


class WantedReferral(Input):
    """One referral to make. The recipient may be named later, but before it is sent."""

    pack: CatalogueName
    recipient: Code | None = None
    service_category: str | None = Field(
        default=None, pattern="^[a-z]{3}$", description="Tells commissioned referrals apart, like acc."
    )
    second_reason: Words | None = Field(default=None, description="Why another one, while such a referral is open.")
    went_on_because: Words | None = Field(default=None, description="Why to refer although the person is not eligible.")


class WantedReferrals(Input):
    """Any set of referrals, made together or not at all."""

    packs: list[WantedReferral] = Field(min_length=1, max_length=20)


class Lack(BaseModel):
    """Something that stands between a draft and its being sent, pointing at its question."""

    pointer: str
    code: str
    detail: str


class WarningShown(BaseModel):
    """Something the sender can go on past with a recorded reason."""

    code: str
    detail: str
    item: str | None = Field(description="What to answer in the profile, where that would settle it.")


class CheckState(BaseModel):
    """How one of the two checks stands; `GET /v1/cases/{crn}/checks` says why, and since when."""

    kind: CheckKind
    status: CheckStatus
    due_on: datetime.date | None


class ReferralSummary(BaseModel):
    """A referral in a list."""

    id: uuid.UUID
    crn: str
    pack: str
    pack_version: str
    recipient: str | None
    recipient_name: str | None
    service_category: str | None
    second_number: int
    status: str
    status_reason: str | None
    status_since: datetime.datetime
    revision: int
    version: int
    received_version: int
    created_at: datetime.datetime
    submitted_at: datetime.datetime | None


class DraftMade(ReferralSummary):
    """A new draft, populated: how much of it is answered already, and what it still lacks."""

    asked: int
    answered: int
    lacks: list[Lack]


class DraftsMade(BaseModel):
    """The drafts made, in the order they were asked for."""

    items: list[DraftMade]


class ReferralList(BaseModel):
    """Referrals, and where the next page starts."""

    items: list[ReferralSummary]
    next: str | None


class Provenance(BaseModel):
    """Where an answer came from."""

    source: str
    as_of: datetime.date
    recorded_by: str
    recorded_at: datetime.datetime


class WordingShown(BaseModel):
    """A run of words kept, removed or added."""

    change: str
    text: str


class NarrativeShown(BaseModel):
    """How a narrative stands in this referral: reworded or not, re-read or not, and word by word what differs."""

    master: Any
    reworded: bool
    redacted_because: str | None
    difference_from_master: list[WordingShown]
    read: bool
    changed_since_read: list[WordingShown] | None


class QuestionShown(BaseModel):
    """One question of a referral, its answer and what it still lacks."""

    id: str
    item: str | None
    kind: str
    label: str
    help: str
    value_schema: dict[str, Any] = Field(serialization_alias="schema")
    asked: bool | None
    required: bool | None
    reuse: str
    value: Any
    provenance: Provenance | None
    narrative: NarrativeShown | None
    max_length: int | None
    reasons: list[str]


class SectionShown(BaseModel):
    """A heading of the form and its questions."""

    id: str
    label: str
    questions: list[QuestionShown]


class Difference(BaseModel):
    """What one question said before and says now; null where it said nothing."""

    question: str
    label: str
    before: Any
    after: Any


class BarredShown(BaseModel):
    """A person or body that must not receive the referral, and why."""

    name: str
    reason: str


class DraftShown(ReferralSummary):
    """A draft as it stands over the profile. Null for `asked` or `required` means not yet known."""

    newer_pack_version: str | None
    sections: list[SectionShown]
    lacks: list[Lack]
    warnings: list[WarningShown]
    checks: list[CheckState]
    first_possible_on: datetime.date | None
    must_not_receive: list[BarredShown] = Field(
        description="Who must not receive it, as the sender alone is shown: no form says so unless it asks."
    )


class SentShown(ReferralSummary):
    """A referral as it was sent; for its sender, with what has changed in the profile since."""

    content: dict[str, Any]
    digest: str
    differences_from_previous: list[Difference]
    amendment_reason: str | None
    changed_since_sent: list[Difference] | None


class OwnAnswerChange(Input):
    """An answer to one of the form's own questions; null takes it back."""

    value: Any


class RewordingChange(Input):
    """A narrative's words for this referral, or why they are kept from its recipient."""

    text: Any = None
    redacted_because: Words | None = None


class MustNotReceive(Input):
    """A person or body that must not receive a referral or be told of it, by the name this service knows them by."""

    name: ShortWords
    reason: Words


class DraftChanges(Input):
    """Changes to a draft: all are saved, or none."""

    recipient: Code | None = None
    went_on_because: Words | None = None
    answers: ByName[OwnAnswerChange] = Field(default_factory=dict, max_length=500)
    variants: ByName[RewordingChange | None] = Field(default_factory=dict, max_length=500)
    read: ByName[StrictBool] = Field(default_factory=dict, max_length=500)
    must_not_receive: list[MustNotReceive] | None = Field(
        default=None,
        max_length=100,
        description="Who must not receive this referral; it is neither sent nor shown to them. Null takes it back.",
    )


class Submission(Input):
    """Send the referral as it now stands. Each warning needs a reason to go on."""

    reasons: ByName[Words] = Field(default_factory=dict, max_length=20)


class Amendment(DraftChanges):
    """A new version of what was sent: why, any changes to the referral's own parts, and reasons to go on."""

    reason: Words
    reasons: ByName[Words] = Field(default_factory=dict, max_length=20)


class PackMove(Input):
    """The pack version to move a draft to; the newest unless named."""

    version: PackVersion | None = None


class PackChange(BaseModel):
    """One change a version of a pack makes to one question."""

    question: str
    change: str
    before: str
    after: str


class PackMoved(BaseModel):
    """A draft moved to another version of its pack: what that version changed, and the answers it could not hold."""

    referral: DraftShown
    changes: list[PackChange]
    answers_dropped: list[str]


class VersionShown(BaseModel):
    """One immutable version of a referral."""

    number: int
    content: dict[str, Any]
    digest: str
    differences: list[Difference]
    reason: str | None
    submitted_by: str
    submitted_at: datetime.datetime

    @classmethod
    def of(cls, version: Mapping[str, Any]) -> "VersionShown":
        """Return a stored version as callers see it."""
        return cls.model_validate({name: version[name] for name in cls.model_fields})
