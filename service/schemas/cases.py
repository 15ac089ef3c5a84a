"""What callers send about a case and see of it: its header, who manages it, who opened it, who may never see it."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from service.domain import cursors
from service.schemas.texts import CaseNumber, PlaceName, PrisonNumber, Words, WorkerId


class Capacity(StrEnum):
    """In which capacity somebody manages a case."""

    PRISON = "prison_practitioner"
    COMMUNITY = "community_practitioner"


class OpeningKind(StrEnum):
    """Why a case that is not the caller's is opened: with a reason (24 hours), or out of hours (12 hours)."""

    REASON = "reason"
    BREAK_GLASS = "break_glass"


class Input(BaseModel):
    """What a caller sends: nothing but the fields named."""

    model_config = ConfigDict(extra="forbid")


class CaseOpened(Input):
    """A case to open, and in which capacity the caller manages it (a record system manages none)."""

    crn: CaseNumber
    noms_number: PrisonNumber | None = None
    region: PlaceName | None = None
    capacity: Capacity | None = Field(default=None, description="community_practitioner unless given.")


class OpeningWanted(Input):
    """A case to open for a while, and why; the case's practitioner sees the reason."""

    kind: OpeningKind
    reason: Words


class AllocationWanted(Input):
    """Who is to manage the case from now on, in which capacity."""

    capacity: Capacity
    worker_id: WorkerId


WorkerList = Annotated[list[WorkerId], Field(max_length=1000)]


class AccessLimits(Input):
    """The record system's lists: `allowed` counts while the case is restricted, `excluded` always."""

    restricted: StrictBool
    allowed: WorkerList
    excluded: WorkerList


class CaseHeader(BaseModel):
    """Who the case is about and how it stands."""

    crn: str
    noms_number: str | None
    family_name: str | None
    given_names: str | None
    date_of_birth: datetime.date | None
    region: str | None
    status: str
    closed_because: str | None
    merged_into: str | None
    restricted: bool
    opened_at: datetime.datetime


class CaseLine(CaseHeader):
    """A case in a caseload."""

    open_referrals: int


class CaseList(BaseModel):
    """A caseload in the order of its CRNs, and where the next page starts."""

    items: list[CaseLine]
    next: str | None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], limit: int) -> "CaseList":
        """Return a page of rows; `rows` has one more than `limit` where there is a next page."""
        # A cursor stands in an address, so it names an allocation and never a CRN.
        more = cursors.encode(rows[limit - 1]["allocation_id"]) if len(rows) > limit else None
        return cls(items=[CaseLine.model_validate(dict(row)) for row in rows[:limit]], next=more)


class AllocationShown(BaseModel):
    """Who manages a case, in which capacity, since when."""

    id: uuid.UUID
    capacity: str
    worker_id: str
    worker_name: str | None
    team: str | None
    allocated_by: str
    started_at: datetime.datetime


class OpeningShown(BaseModel):
    """Somebody the case is not allocated to who opened it for a while, and why."""

    id: uuid.UUID
    worker_id: str
    worker_name: str | None
    kind: str
    reason: str
    opened_at: datetime.datetime
    expires_at: datetime.datetime


class OpenReferralShown(BaseModel):
    """An open referral of the case."""

    id: uuid.UUID
    pack: str
    recipient_name: str | None
    status: str
    status_reason: str | None
    status_since: datetime.datetime


class EventShown(BaseModel):
    """Something that happened to the person."""

    id: uuid.UUID
    kind: str
    happened_on: datetime.date
    details: dict[str, Any]
    recorded_by: str
    recorded_at: datetime.datetime


class CaseShown(CaseHeader):
    """A case: its header, who manages it, who opened it in the last 12 months and why, and what is under way."""

    allocations: list[AllocationShown]
    openings: list[OpeningShown]
    practitioners_in_last_12_months: int
    open_referrals: list[OpenReferralShown]
    events: list[EventShown]
    links: dict[str, str]


def links_of(crn: str) -> dict[str, str]:
    """Return where to go on from a case."""
    case = f"/v1/cases/{crn}"
    below = ("profile", "questions", "referrals", "eligibility", "timeline")
    return {"self": case} | {name: f"{case}/{name}" for name in below}


class LimitsShown(BaseModel):
    """The lists as they now stand."""

    crn: str
    restricted: bool
    allowed: list[str]
    excluded: list[str]
