"""The provider's workers whom a practitioner names for a referral of a person with restricted access."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from service.domain import cursors


class NamedWorkerShown(BaseModel):
    """A provider's worker named for a referral, by whom and until when; it matters while access is restricted."""

    worker_id: str
    organisation: str | None = Field(description="Whom they are at work for now, under the referral's contract.")
    named_by: str
    named_at: datetime.datetime
    withdrawn_by: str | None
    withdrawn_at: datetime.datetime | None


class NamedWorkerList(BaseModel):
    """Everybody who was named for a referral, withdrawn or not, the newest first, and where the next page starts."""

    items: list[NamedWorkerShown]
    next: str | None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], limit: int) -> "NamedWorkerList":
        """Return a page of rows; `rows` has one more than `limit` where there is a next page."""
        items = [NamedWorkerShown.model_validate(row) for row in rows[:limit]]
        last = rows[:limit][-1] if len(rows) > limit else None
        return cls(items=items, next=cursors.encode(last["named_at"].isoformat(), str(last["id"])) if last else None)
