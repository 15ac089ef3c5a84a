"""What a provider proposes to change about a referral, and what its practitioner decided: neither is ever changed."""

import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from service.models.naming import Json, Table


class Proposal(Table, table=True):
    """Another complexity level or desired outcome, with why, and with what stood when it was proposed."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("about IN ('complexity', 'outcome')", name="about"),
        Index("ix_proposal_referral", "referral_id", "proposed_at"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    referral_id: uuid.UUID = Field(foreign_key="referral.id")
    crn: str = Field(max_length=7)
    version: int
    about: str = Field(max_length=20)
    category: str = Field(max_length=3)
    stood: list[Any] = Field(sa_type=Json, default_factory=list)
    proposed: str = Field(max_length=80)
    instead_of: str | None = Field(default=None, max_length=80)
    reason: str = Field(max_length=4000)
    proposed_by: str = Field(max_length=120)
    proposed_at: datetime.datetime


class ProposalDecision(Table, table=True):
    """That a practitioner agreed, or kept what stood, and why; said once."""

    __tablename__ = "proposal_decision"
    __table_args__ = (CheckConstraint("decision IN ('agreed', 'kept')", name="decision"),)
    shown_in_repr = ("proposal_id",)

    proposal_id: uuid.UUID = Field(foreign_key="proposal.id", primary_key=True)
    referral_id: uuid.UUID = Field(foreign_key="referral.id", index=True)
    crn: str = Field(max_length=7)
    version: int
    decision: str = Field(max_length=10)
    reason: str = Field(max_length=4000)
    decided_by: str = Field(max_length=120)
    decided_at: datetime.datetime
