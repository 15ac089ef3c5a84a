"""A change as a provider is told of it, and as its practitioner sees what became of it."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from service.domain import cursors

Kind = Literal["added", "changed", "referral", "removed"]


class ChangeData(BaseModel):
    """What changed: of which referral, which items are shown differently now, and whether the risk rose."""

    referral_id: uuid.UUID
    kind: Kind
    items: list[str]
    risk_raised: bool
    acknowledged_by: str | None
    acknowledged_at: datetime.datetime | None


class ChangeEntry(BaseModel):
    """An entry, in the form of Standard Webhooks: its id, its type, its time, and its data."""

    id: uuid.UUID
    type: str
    timestamp: datetime.datetime
    data: ChangeData


class ChangeList(BaseModel):
    """Changes in order, and the cursor to go on with: it is there even where nothing has changed yet."""

    items: list[ChangeEntry]
    next: str | None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], following: str) -> "ChangeList":
        """Return a page of entries as they are served, made at once: entry by entry takes longer."""
        return cls.model_validate({"items": [_entry(row) for row in rows], "next": following})


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry's fields; of a referral gone out of sight only its id is said."""
    gone = row["kind"] == "removed"
    told = {name: row[name] for name in ("referral_id", "kind", "acknowledged_by", "acknowledged_at")}
    data = {**told, "items": [] if gone else row["items"], "risk_raised": row["raised"]}
    return {"id": row["id"], "type": f"provision.{row['kind']}", "timestamp": row["occurred_at"], "data": data}


class AcknowledgementShown(BaseModel):
    """Who said first that they know of a change, and when."""

    change_id: uuid.UUID
    acknowledged_by: str | None
    acknowledged_at: datetime.datetime | None


class TellingShown(BaseModel):
    """What a provider was told of a person's risk and safeguarding, and who there acknowledged it."""

    id: uuid.UUID
    referral_id: uuid.UUID
    organisation: str
    items: list[str]
    risk_raised: bool
    told_at: datetime.datetime
    acknowledged_by: str | None
    acknowledged_at: datetime.datetime | None


class TellingList(BaseModel):
    """What a person's providers were told, the newest first, and where the next page starts."""

    items: list[TellingShown]
    next: str | None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], limit: int) -> "TellingList":
        """Return a page of rows; `rows` has one more than `limit` where there is a next page."""
        items = [
            TellingShown(risk_raised=row["raised"], told_at=row["occurred_at"], **_named(row)) for row in rows[:limit]
        ]
        more = cursors.encode(items[-1].told_at.isoformat(), str(items[-1].id)) if len(rows) > limit else None
        return cls(items=items, next=more)


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("id", "referral_id", "organisation", "items", "acknowledged_by", "acknowledged_at")
    return {name: row[name] for name in names}
