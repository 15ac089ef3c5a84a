"""One more thing disclosed to one provider for one referral: what its author sends, and what stays on the record."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from service.domain import cursors
from service.domain.disclosure import Gateway
from service.domain.eligibility.facts import IsoDate
from service.schemas.texts import CatalogueName, Code, Words


class DisclosureWanted(BaseModel):
    """A decision to disclose an item to an organisation on the referral's contract, until the end of a day."""

    model_config = ConfigDict(extra="forbid")

    organisation: Code
    item: CatalogueName
    gateway: Gateway
    reason: Words
    expires_on: IsoDate


class DisclosureShown(BaseModel):
    """A decision to disclose, with its author, its ground, its end, and who withdrew it."""

    id: uuid.UUID
    referral_id: uuid.UUID
    organisation: str
    item: str
    gateway: Gateway
    reason: str
    decided_by: str
    decided_at: datetime.datetime
    expires_at: datetime.datetime
    withdrawn_by: str | None
    withdrawn_at: datetime.datetime | None


class DisclosureList(BaseModel):
    """The decisions about a referral, the newest first, and where the next page starts."""

    items: list[DisclosureShown]
    next: str | None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], limit: int) -> "DisclosureList":
        """Return a page of rows; `rows` has one more than `limit` where there is a next page."""
        items = [DisclosureShown.model_validate(row) for row in rows[:limit]]
        more = cursors.encode(items[-1].decided_at.isoformat(), str(items[-1].id)) if len(rows) > limit else None
        return cls(items=items, next=more)
