"""The record of access: who did or saw what, about whom; appended in the act's own transaction, never changed."""

import datetime
import uuid
from typing import Any

from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from service.models.naming import Json, Table


class AuditEntry(Table, table=True):
    """One act. It names people by CRN and items by name, and holds no answer's text. Partitioned by month."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_crns", "crns", postgresql_using="gin"),
        Index("ix_audit_entry_worker", "worker_id", "at"),
        Index("ix_audit_entry_at", "at", "id"),
        # Whom a refused or fruitless request asked for: such a row names nobody in `crns`.
        Index("ix_audit_entry_asked_for", text("((details -> 'asked_for'::text) ->> 'crn'::text)")),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    at: datetime.datetime = Field(primary_key=True)
    worker_id: str = Field(max_length=120)
    role: str = Field(max_length=30)
    client_id: str = Field(max_length=120)
    organisation: str | None = Field(default=None, max_length=60)
    action: str = Field(max_length=80)
    outcome: str = Field(max_length=20)
    crns: list[str] = Field(sa_type=ARRAY(Text), default_factory=list)
    referral_id: uuid.UUID | None = None
    items: list[str] = Field(sa_type=ARRAY(Text), default_factory=list)
    withheld: list[str] = Field(sa_type=ARRAY(Text), default_factory=list, sa_column_kwargs={"server_default": "{}"})
    purpose: str | None = Field(default=None, max_length=80)
    gateway: str | None = Field(default=None, max_length=120)
    details: dict[str, Any] = Field(sa_type=Json, default_factory=dict)
    trace_id: str = Field(max_length=64)
