"""The shared case profile: the current answers in one row a case, and every answer there ever was beside it."""

import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Identity, Index
from sqlmodel import Field

from service.models.naming import Json, Table


class Profile(Table, table=True):
    """The current answers, item by item, with their provenance (`service.domain.profiles.Answer`)."""

    __tablename__ = "profile"
    shown_in_repr: ClassVar[tuple[str, ...]] = ("revision",)

    crn: str = Field(foreign_key="case_record.crn", primary_key=True, max_length=7)
    revision: int = 0
    answers: dict[str, Any] = Field(sa_type=Json, default_factory=dict)
    updated_at: datetime.datetime


class ProfileHistory(Table, table=True):
    """One change to one item, for ever: what became of it and the answer as it then stood."""

    __tablename__ = "profile_history"
    __table_args__ = (Index("ix_profile_history_item", "crn", "item", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(),))
    crn: str = Field(foreign_key="case_record.crn", max_length=7)
    item: str = Field(max_length=80)
    revision: int
    change: str = Field(max_length=20)
    answer: dict[str, Any] | None = Field(sa_type=Json, default=None)
    recorded_by: str = Field(max_length=120)
    recorded_at: datetime.datetime
