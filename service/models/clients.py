"""Systems that call for workers: who they are, which tokens ended early, what was used, who asked how often.

Every process of the service looks here, so that none of it depends on which of them a request comes to.
"""

import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from service.models.naming import Json, Table


class Client(Table, table=True):
    """A registered system: for whom it calls, with which public keys it proves that, and what it may ask for."""

    __tablename__ = "client"
    __table_args__ = (
        CheckConstraint("role IN ('provider', 'assessor', 'coordinator', 'record_system')", name="role"),
        CheckConstraint("role <> 'provider' OR organisation IS NOT NULL", name="organisation"),
    )

    id: str = Field(primary_key=True, max_length=60)
    name: str = Field(max_length=200)
    role: str = Field(max_length=20)
    organisation: str | None = Field(default=None, max_length=60)
    scopes: list[str] = Field(sa_type=Json, default_factory=list)
    keys: list[dict[str, Any]] = Field(sa_type=Json, default_factory=list)
    secret_digest: str | None = Field(default=None, max_length=64)
    worker: str | None = Field(default=None, max_length=120)
    active: bool = True
    # Tokens made before this do not count any more: set whenever a client is stopped.
    ends_before: datetime.datetime | None = None
    registered_at: datetime.datetime


class RevokedToken(Table, table=True):
    """A token that ended before its time. Its row goes when the token would have ended by itself."""

    __tablename__ = "revoked_token"
    __table_args__ = (Index("ix_revoked_token_until", "until"),)

    id: str = Field(primary_key=True, max_length=120)
    client_id: str = Field(max_length=120)
    revoked_at: datetime.datetime
    until: datetime.datetime


class SpentProof(Table, table=True):
    """Something signed that may be used once: a proof of possession, a client's assertion. Kept while it could be."""

    __tablename__ = "spent_proof"
    __table_args__ = (Index("ix_spent_proof_until", "until"),)

    id: str = Field(primary_key=True, max_length=64)
    until: datetime.datetime


class RequestCount(Table, table=True):
    """How often somebody asked in the present minute. Unlogged: after a crash the counting begins anew."""

    __tablename__ = "request_count"
    __table_args__: ClassVar[Any] = {"prefixes": ["UNLOGGED"]}

    kind: str = Field(primary_key=True, max_length=20)
    name: str = Field(primary_key=True, max_length=120)
    began_at: datetime.datetime
    requests: int
