"""What changed for each provider, in an order without gaps or late arrivals, and who acknowledged it by name."""

import datetime
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from service.models.naming import Json, Table


class FeedCounter(Table, table=True):
    """One row an organisation: its lock orders the entries, so that none is numbered before one that commits later."""

    __tablename__ = "feed_counter"

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True, max_length=60)
    last: int = Field(sa_type=BigInteger)
    forgotten: int = Field(default=0, sa_type=BigInteger)


class FeedEntry(Table, table=True):
    """One change in what an organisation may see of one referral. It names items and holds no answer.

    It is for all the organisation's workers, or `only_for` some, and never for those of `not_for`: who a restricted
    person is kept from learns nothing of them, and who goes on seeing one is not told otherwise.
    """

    __tablename__ = "feed_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('added', 'changed', 'referral', 'removed')", name="kind"),
        Index("ix_feed_entry_referral", "referral_id", "occurred_at"),
        Index("ix_feed_entry_raised", "referral_id", "occurred_at", postgresql_where=text("raised")),
    )

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True, max_length=60)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    id: uuid.UUID = Field(default_factory=uuid.uuid4, unique=True)
    referral_id: uuid.UUID = Field(foreign_key="referral.id")
    crn: str = Field(max_length=7, index=True)
    kind: str = Field(max_length=20)
    items: list[Any] = Field(sa_type=Json, default_factory=list)
    raised: bool = False
    disclosure_id: uuid.UUID | None = None
    only_for: list[str] | None = Field(sa_type=ARRAY(Text), default=None)
    not_for: list[str] | None = Field(sa_type=ARRAY(Text), default=None)
    occurred_at: datetime.datetime = Field(index=True)


class ToldEnd(Table, table=True):
    """That something has ended by time alone, and whoever saw it until then was told: a disclosure, a closing time.

    `about` is the decision or the referral; `ended_at` when the one expired, or when the other came to its end, which
    it may do again.
    """

    __tablename__ = "told_end"
    shown_in_repr = ("about",)

    about: uuid.UUID = Field(primary_key=True)
    ended_at: datetime.datetime = Field(primary_key=True)
    told_at: datetime.datetime = Field(index=True)


class Acknowledgement(Table, table=True):
    """A worker of the provider said that they know of a change. The first to say so stays."""

    __tablename__ = "acknowledgement"
    shown_in_repr = ("entry_id",)

    entry_id: uuid.UUID = Field(primary_key=True)
    crn: str = Field(max_length=7, index=True)
    worker_id: str = Field(max_length=120)
    acknowledged_at: datetime.datetime


class CursorKey(Table, table=True):
    """The key that seals a provider's place in its feed, so that a cursor does not tell how much has passed."""

    __tablename__ = "cursor_key"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    secret: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime.datetime
