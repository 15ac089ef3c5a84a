"""What an auditor asks of the record of access, and the rows they are shown."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from service.domain import cursors
from service.schemas.texts import (
    CaseNumber,
    Code,
    Instant,
    LeftOut,
    Whole,
    WorkerId,
)

_EITHER: JsonDict = {"anyOf": [{"required": ["crn"]}, {"required": ["worker_id"]}, {"required": ["from"]}]}
OperationName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,79}$")]
TraceId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class EntriesWanted(BaseModel):
    """Which entries: about a person, by a worker, or from an instant on; each further thing named narrows them."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_EITHER, validate_by_name=True)

    crn: LeftOut[CaseNumber] = None
    worker_id: LeftOut[WorkerId] = None
    referral_id: LeftOut[uuid.UUID] = Field(default=None, description="About it, or asked for it and refused.")
    organisation: LeftOut[Code] = Field(default=None, description="By this organisation's workers.")
    client_id: LeftOut[Code] = Field(default=None, description="Through this system.")
    action: LeftOut[OperationName] = Field(default=None, description="The operation, by its name in this description.")
    outcome: LeftOut[Literal["shown", "changed", "refused", "nothing_found"]] = None
    trace_id: LeftOut[TraceId] = Field(default=None, description="By the `Trace-Id` of its answer.")
    since: LeftOut[Instant] = Field(default=None, alias="from", description="The first instant.")
    until: LeftOut[Instant] = Field(default=None, alias="to", description="The instant before which to stop.")
    cursor: LeftOut[str] = Field(default=None, max_length=400, description="Where the page before this one ended.")
    limit: Annotated[int, Field(strict=True, ge=1, le=200, description="How many at most."), Whole] = 50

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if self.crn is None and self.worker_id is None and self.since is None:
            raise PydanticCustomError("broker_name_somebody", "Name a person by CRN, a worker, or a first instant.")
        return self


class EntryShown(BaseModel):
    """One act: who did or saw what, about whom, when."""

    id: uuid.UUID
    at: datetime.datetime
    worker_id: str
    role: str
    client_id: str
    organisation: str | None
    action: str
    outcome: str
    crns: list[str]
    referral_id: uuid.UUID | None
    items: list[str]
    withheld: list[str]
    purpose: str | None
    gateway: str | None
    details: dict[str, Any]
    trace_id: str


class EntryList(BaseModel):
    """Entries of the record of access, the newest first, and where the next page starts."""

    items: list[EntryShown]
    next: str | None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], limit: int) -> "EntryList":
        """Return a page of rows; `rows` has one more than `limit` where there is a next page."""
        entries = [EntryShown.model_validate(row) for row in rows[:limit]]
        more = cursors.encode(entries[-1].at.isoformat(), str(entries[-1].id)) if len(rows) > limit else None
        return cls(items=entries, next=more)


class AccessShown(BaseModel):
    """One act by which somebody saw or changed a person's record."""

    id: uuid.UUID
    at: datetime.datetime
    worker_id: str
    role: str
    organisation: str | None = Field(description="Whom they acted for, if it is not probation.")
    action: str = Field(description="The operation, by its name in this description.")
    outcome: str
    referral_id: uuid.UUID | None
    items: list[str] = Field(description="The items shown or changed, by name.")
    withheld: list[str] = Field(description="The items they were told are withheld, by name.")
    purpose: str | None
    gateway: str | None


class AccessList(BaseModel):
    """Who saw or changed a person's record, the newest first, and where the next page starts."""

    items: list[AccessShown]
    next: str | None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], limit: int) -> "AccessList":
        """Return a page of rows; `rows` has one more than `limit` where there is a next page."""
        shown = [AccessShown.model_validate(row) for row in rows[:limit]]
        more = cursors.encode(shown[-1].at.isoformat(), str(shown[-1].id)) if len(rows) > limit else None
        return cls(items=shown, next=more)
