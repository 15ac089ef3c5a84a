"""What callers send to and see of a case profile."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool
from pydantic_core import to_json

from service.catalogue.definitions import Item
from service.domain import cursors
from service.domain.ages import OldestFresh
from service.domain.eligibility.facts import IsoDate
from service.domain.profiles import is_stale
from service.schemas.texts import ByName, CatalogueName, Words


class AnswerChange(BaseModel):
    """What to say about one item: a value (null takes the answer back), that it is confirmed, or a mark upon it."""

    model_config = ConfigDict(extra="forbid")

    value: Any = Field(default=None, description="The answer. Null takes the present one back.")
    confirmed: StrictBool = Field(default=False, description="The present answer still holds: its age starts again.")
    as_of: IsoDate | None = Field(default=None, description="The day it was true. Today unless given.")
    source: CatalogueName | None = Field(default=None, description="Only a record system names a system.")
    do_not_ask_again: Words | None = Field(default=None, description="Why the person must not be asked this again.")


class ProfileChanges(BaseModel):
    """Changes to any number of items: all are saved, or none."""

    model_config = ConfigDict(extra="forbid")

    answers: ByName[AnswerChange] = Field(min_length=1, max_length=500)


class ConflictShown(BaseModel):
    """A record system's value that disagrees with a person's later answer."""

    value: Any
    source: str
    as_of: datetime.date
    recorded_at: datetime.datetime


class MarkShown(BaseModel):
    """Why a question must not be put to the person again."""

    reason: str
    recorded_by: str
    recorded_at: datetime.datetime


class AnswerShown(BaseModel):
    """One current answer and where it came from."""

    value: Any
    source: str
    as_of: datetime.date
    recorded_by: str
    recorded_at: datetime.datetime
    revision: int
    stale: bool
    confirmed_by: str | None = None
    conflict: ConflictShown | None = None
    do_not_ask_again: MarkShown | None = None


class ProfileShown(BaseModel):
    """A case profile. The ETag is its revision."""

    crn: str
    revision: int
    answers: dict[str, AnswerShown]

    @staticmethod
    def of(crn: str, revision: int, stored: Mapping[str, Any], items: Mapping[str, Item], oldest: OldestFresh) -> bytes:
        """Return the JSON of a profile, after marking each answer read for it stale or not.

        Answers are stored as they are shown, so they go to bytes in one step: this is the most frequent read.
        """
        answers = {name: answer for name, answer in stored.items() if name in items}
        for name, answer in answers.items():
            item = items[name]
            answer["stale"] = item.maximum_age is not None and is_stale(item, answer, oldest)
        return to_json({"crn": crn, "revision": revision, "answers": answers})


class ProfileAmended(BaseModel):
    """The profile's new revision and what became of each item sent."""

    crn: str
    revision: int
    changed: dict[str, str] = Field(
        description="By item: set, confirmed, conflict, retracted, marked, or older (kept in the history alone)."
    )


class HistoryEntry(BaseModel):
    """One change to one item."""

    item: str
    revision: int
    change: str
    value: Any
    source: str | None
    as_of: datetime.date | None
    conflict: ConflictShown | None
    recorded_by: str
    recorded_at: datetime.datetime

    @classmethod
    def of(cls, row: Any) -> "HistoryEntry":
        """Return one stored change as callers see it."""
        answer = row.answer or {}
        return cls(
            item=row.item,
            revision=row.revision,
            change=row.change,
            value=answer.get("value"),
            source=answer.get("source"),
            as_of=answer.get("as_of"),
            conflict=answer.get("conflict"),
            recorded_by=row.recorded_by,
            recorded_at=row.recorded_at,
        )


class HistoryPage(BaseModel):
    """Changes to a profile, the newest first."""

    items: list[HistoryEntry]
    next: str | None

    @classmethod
    def of(cls, rows: Sequence[Any], limit: int) -> "HistoryPage":
        """Return a page of stored changes; `rows` has one more than `limit` where there is a next page."""
        entries = [HistoryEntry.of(row) for row in rows[:limit]]
        return cls(items=entries, next=cursors.encode(rows[limit - 1].id) if len(rows) > limit else None)
