"""The chain of seals on the record of access: added to, never changed. Requests never touch these tables."""

import datetime
import uuid
from typing import ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from service.models.naming import Table


class AuditSeal(Table, table=True):
    """One seal: a signature over the rows it holds and over the seal before it. Numbers have no gaps."""

    __tablename__ = "audit_seal"
    __table_args__ = (Index("ix_audit_seal_covers_until", "covers_until"), Index("ix_audit_seal_month", "month"))
    shown_in_repr: ClassVar[tuple[str, ...]] = ("number",)

    number: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    month: str = Field(max_length=7)
    covers_until: datetime.datetime
    hash: str = Field(max_length=64)
    signature: str


class AuditSealed(Table, table=True):
    """Which seal holds a row of the record, and what the row was when it was sealed. Partitioned as the record is."""

    __tablename__ = "audit_sealed"
    __table_args__ = (
        Index("ix_audit_sealed_seal", "seal", "position"),
        {"postgresql_partition_by": "RANGE (at)"},
    )
    shown_in_repr: ClassVar[tuple[str, ...]] = ("entry_id",)

    entry_id: uuid.UUID = Field(primary_key=True)
    at: datetime.datetime = Field(primary_key=True)
    seal: int = Field(sa_type=BigInteger)
    position: int
    row_hash: str = Field(max_length=64)


class AuditStub(Table, table=True):
    """What is left of a month of the record that was retired: how much it was, and which seals held it; signed."""

    __tablename__ = "audit_stub"
    shown_in_repr: ClassVar[tuple[str, ...]] = ("month",)

    month: str = Field(primary_key=True, max_length=7)
    signature: str
