"""Commissioned providers: organisations, the contracts they hold or work under, and their registered workers.

Nothing here is overwritten: a place on a contract, and a worker's place in an organisation, begin and end, so that
what a provider could see at an earlier time can still be answered.
"""

import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from service.models.naming import Json, Table


class Organisation(Table, table=True):
    """A commissioned provider, as the directory shows it: nothing here is about a person or a secret address."""

    __tablename__ = "organisation"

    id: str = Field(primary_key=True, max_length=60)
    name: str = Field(max_length=200)
    description: str = Field(default="", max_length=2000)
    website: str | None = Field(default=None, max_length=300)
    email: str | None = Field(default=None, max_length=200)
    active: bool = True
    registered_at: datetime.datetime


class Contract(Table, table=True):
    """What a recipient of commissioned-service referrals is contracted for: where, for whom, from when until when.

    Its id is the recipient's. `areas` are regions or police areas, never both; `categories` its service categories.
    """

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint("area_kind IN ('region', 'police_area')", name="area_kind"),
        CheckConstraint("sex IN ('any', 'female', 'male')", name="sex"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        CheckConstraint("minimum_age <= maximum_age", name="ages"),
    )

    id: str = Field(foreign_key="recipient.id", primary_key=True, max_length=60)
    title: str = Field(max_length=200)
    description: str = Field(default="", max_length=2000)
    contract_type: str = Field(max_length=20)
    area_kind: str = Field(max_length=20)
    areas: list[str] = Field(sa_type=Json, default_factory=list)
    categories: list[str] = Field(sa_type=Json, default_factory=list)
    sex: str = Field(default="any", max_length=10)
    minimum_age: int = 18
    maximum_age: int = 150
    starts_on: datetime.date
    ends_on: datetime.date | None = None
    needs: dict[str, Any] = Field(sa_type=Json, default_factory=dict)


class ContractMember(Table, table=True):
    """An organisation's part in a contract, from one instant until another."""

    __tablename__ = "contract_member"
    __table_args__ = (
        CheckConstraint("part IN ('prime', 'subcontractor')", name="part"),
        Index(
            "uq_contract_member_current",
            *("contract_id", "organisation_id"),
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_contract_member_prime",
            "contract_id",
            unique=True,
            postgresql_where=text("part = 'prime' AND ended_at IS NULL"),
        ),
        Index("ix_contract_member_organisation", "organisation_id", "contract_id"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    contract_id: str = Field(foreign_key="contract.id", max_length=60)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=60)
    part: str = Field(max_length=20)
    started_at: datetime.datetime
    ended_at: datetime.datetime | None = None


class ProviderWorker(Table, table=True):
    """A worker an organisation has registered. Suspended, their row has ended; back again, they have another."""

    __tablename__ = "provider_worker"
    __table_args__ = (
        Index("uq_provider_worker_current", "worker_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_provider_worker_organisation", "organisation_id", "worker_id"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=60)
    worker_id: str = Field(max_length=120)
    name: str = Field(max_length=200)
    is_administrator: bool = False
    registered_by: str = Field(max_length=120)
    started_at: datetime.datetime
    ended_by: str | None = Field(default=None, max_length=120)
    ended_at: datetime.datetime | None = None


class ServiceSuspension(Table, table=True):
    """A provider's worker whom the service's administrator suspended: no organisation's administrator can undo it."""

    __tablename__ = "service_suspension"
    __table_args__ = (
        Index("uq_service_suspension_current", "worker_id", unique=True, postgresql_where=text("lifted_at IS NULL")),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    worker_id: str = Field(max_length=120)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=60)
    suspended_by: str = Field(max_length=120)
    suspended_at: datetime.datetime
    lifted_by: str | None = Field(default=None, max_length=120)
    lifted_at: datetime.datetime | None = None


class NamedWorker(Table, table=True):
    """A provider's worker whom the practitioner names for a referral of a person with restricted access."""

    __tablename__ = "named_worker"
    __table_args__ = (
        Index(
            "uq_named_worker_current",
            *("referral_id", "worker_id"),
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    referral_id: uuid.UUID = Field(foreign_key="referral.id")
    crn: str = Field(max_length=7)
    worker_id: str = Field(max_length=120)
    named_by: str = Field(max_length=120)
    named_at: datetime.datetime
    withdrawn_by: str | None = Field(default=None, max_length=120)
    withdrawn_at: datetime.datetime | None = None


class Disclosure(Table, table=True):
    """One more thing shown to one provider for one referral: a recorded decision, with its gateway and its end."""

    __tablename__ = "disclosure"
    __table_args__ = (Index("ix_disclosure_referral", "referral_id", "organisation_id"),)

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    referral_id: uuid.UUID = Field(foreign_key="referral.id")
    crn: str = Field(max_length=7, index=True)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=60)
    item: str = Field(max_length=80)
    gateway: str = Field(max_length=60)
    reason: str = Field(max_length=1000)
    decided_by: str = Field(max_length=120)
    decided_at: datetime.datetime
    expires_at: datetime.datetime
    withdrawn_by: str | None = Field(default=None, max_length=120)
    withdrawn_at: datetime.datetime | None = None
