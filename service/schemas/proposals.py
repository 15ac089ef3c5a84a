"""What a provider proposes to change about a referral, what its practitioner decides, and what both sides see of it."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from service.domain.proposals import About, Decision, Standing
from service.schemas.referrals import Input
from service.schemas.texts import CatalogueName, LongWords


class ProposalGiven(Input):
    """Another level of complexity for a category, or another outcome in it."""

    about: About
    category: str = Field(pattern="^[a-z]{3}$", description="The service category, like acc.")
    proposed: CatalogueName = Field(description="The level (low, medium or high), or the outcome.")
    instead_of: CatalogueName | None = Field(default=None, description="The outcome that it would stand in place of.")
    reason: LongWords


class DecisionGiven(Input):
    """Whether the practitioner agrees or keeps what stands, and why."""

    decision: Decision
    reason: LongWords


class DecisionShown(BaseModel):
    """What the practitioner decided."""

    decision: Decision
    reason: str
    decided_by: str
    decided_at: datetime.datetime


class ProposalShown(BaseModel):
    """A proposal with what stood when it was made, why, and what was decided; null until it is."""

    id: uuid.UUID
    referral_id: uuid.UUID
    about: About
    category: str
    stood: list[str]
    proposed: str
    instead_of: str | None
    reason: str
    proposed_by: str
    proposed_at: datetime.datetime
    decision: DecisionShown | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "ProposalShown":
        """Return a stored proposal with its decision, if there is one."""
        if row["decision"] is None:
            return cls.model_validate({**row, "decision": None})
        decision = DecisionShown(**{name: row[name] for name in ("decision", "decided_by", "decided_at")} | _why(row))
        return cls.model_validate({**row, "decision": decision})


def _why(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"reason": row["decision_reason"]}


class StandingShown(BaseModel):
    """What stands: as the newest version was sent, with what has been agreed since."""

    complexity: dict[str, str]
    outcomes: list[str]


class Proposals(BaseModel):
    """What stands, and every proposal to change it with what became of it, the latest first."""

    stands: StandingShown
    proposals: list[ProposalShown]

    @classmethod
    def of(cls, now: Standing, rows: Sequence[Mapping[str, Any]]) -> "Proposals":
        """Return what stands, and the proposals."""
        stands = StandingShown(complexity=dict(now.levels), outcomes=list(now.outcomes))
        return cls(stands=stands, proposals=[ProposalShown.of(row) for row in rows])
