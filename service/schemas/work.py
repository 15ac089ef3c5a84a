"""A caller's work list as they are shown it."""

import datetime
import uuid

from pydantic import BaseModel, Field

from service.domain.work import Kind, Waiting


class WorkItem(BaseModel):
    """One thing that waits for the caller."""

    kind: Kind
    crn: str
    referral_id: uuid.UUID | None = Field(description="Null where it is about the case itself.")
    pack: str | None
    since: datetime.datetime
    due_on: datetime.date | None
    why: str


class WorkList(BaseModel):
    """Everything that waits for the caller, the most urgent first."""

    items: list[WorkItem]
    next: str | None


def work_item(waiting: Waiting) -> WorkItem:
    """Return something that waits as its reader is shown it."""
    return WorkItem(
        kind=waiting.kind,
        crn=waiting.crn,
        referral_id=uuid.UUID(waiting.referral_id) if waiting.referral_id else None,
        pack=waiting.pack,
        since=waiting.since,
        due_on=waiting.due_on,
        why=waiting.why,
    )
