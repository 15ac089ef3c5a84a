"""A referral: its draft, the immutable versions sent, every step it took, and the questions asked about it."""

import datetime
import uuid
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Identity, Index, text
from sqlmodel import Field

from service.models.naming import Json, Table

OPEN = "status IN ('draft', 'submitted', 'received', 'query', 'accepted', 'scheduled', 'started')"
# Sent again since the recipient last said that they have it.
NEWER_VERSION = "version > received_version AND received_version > 0"


class Referral(Table, table=True):
    """A pack for one person and one recipient. Shared answers are not here: a draft reads them from the profile."""

    __tablename__ = "referral"
    __table_args__ = (
        Index(
            "uq_referral_open",
            *("crn", "pack", "recipient_id", "service_category", "second_number"),
            unique=True,
            postgresql_where=text(OPEN),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_referral_recipient", "recipient_id", "status", "submitted_at", "id"),
        Index("ix_referral_waiting", "recipient_id", "status", "status_since", "id"),
        Index("ix_referral_newer_version", "recipient_id", "id", postgresql_where=text(NEWER_VERSION)),
        Index("ix_referral_idle_draft", "updated_at", postgresql_where=text("status = 'draft'")),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    crn: str = Field(foreign_key="case_record.crn", max_length=7, index=True)
    pack: str = Field(max_length=40)
    pack_version: str = Field(max_length=20)
    recipient_id: str | None = Field(default=None, foreign_key="recipient.id", max_length=60)
    service_category: str | None = Field(default=None, max_length=40)
    second_number: int = 0
    second_reason: str | None = Field(default=None, max_length=1000)
    went_on_because: str | None = Field(default=None, max_length=1000)
    status: str = Field(default="draft", max_length=20)
    status_reason: str | None = Field(default=None, max_length=60)
    status_since: datetime.datetime
    revision: int = 1
    own: dict[str, Any] = Field(sa_type=Json, default_factory=dict)
    variants: dict[str, Any] = Field(sa_type=Json, default_factory=dict)
    ticks: dict[str, Any] = Field(sa_type=Json, default_factory=dict)
    version: int = 0
    received_version: int = 0
    created_by: str = Field(max_length=120)
    created_at: datetime.datetime
    updated_by: str = Field(max_length=120)
    updated_at: datetime.datetime
    submitted_by: str | None = Field(default=None, max_length=120)
    submitted_at: datetime.datetime | None = None


class ReferralVersion(Table, table=True):
    """What was sent: never changed, never deleted (the service's login has no right to)."""

    __tablename__ = "referral_version"
    shown_in_repr: ClassVar[tuple[str, ...]] = ("referral_id", "number")

    referral_id: uuid.UUID = Field(foreign_key="referral.id", primary_key=True)
    number: int = Field(primary_key=True)
    crn: str = Field(max_length=7)
    content: dict[str, Any] = Field(sa_type=Json)
    digest: str = Field(max_length=64)
    differences: list[dict[str, Any]] = Field(sa_type=Json, default_factory=list)
    reason: str | None = Field(default=None, max_length=1000)
    profile_revision: int
    submitted_by: str = Field(max_length=120)
    submitted_at: datetime.datetime


class ReferralStep(Table, table=True):
    """One step of a referral's life: what was done, by whom, from which status to which, and the coded reason."""

    __tablename__ = "referral_step"
    __table_args__ = (Index("ix_referral_step_referral", "referral_id", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(),))
    referral_id: uuid.UUID = Field(foreign_key="referral.id")
    crn: str = Field(max_length=7)
    action: str = Field(max_length=40)
    from_status: str | None = Field(default=None, max_length=20)
    to_status: str = Field(max_length=20)
    reason: str | None = Field(default=None, max_length=60)
    note: str | None = Field(default=None, max_length=4000)
    details: dict[str, Any] = Field(sa_type=Json, default_factory=dict)
    actor: str = Field(max_length=120)
    role: str = Field(max_length=30)
    at: datetime.datetime


class ReferralQuery(Table, table=True):
    """A recipient's question about a referral, and its answer; it may point at the form's questions it is about."""

    __tablename__ = "referral_query"
    __table_args__ = (Index("ix_referral_query_referral", "referral_id", "asked_at"),)

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    referral_id: uuid.UUID = Field(foreign_key="referral.id")
    crn: str = Field(max_length=7)
    question: str = Field(max_length=4000)
    about: list[str] = Field(sa_type=Json, default_factory=list)
    asked_by: str = Field(max_length=120)
    asked_at: datetime.datetime
    answer: str | None = Field(default=None, max_length=4000)
    profile_revision: int | None = None
    answered_by: str | None = Field(default=None, max_length=120)
    answered_at: datetime.datetime | None = None
