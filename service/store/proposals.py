"""What providers propose to change about referrals, and what practitioners decided: added, never changed."""

import datetime
import json
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.db import Session

_PROPOSALS = """
    SELECT p.id, p.referral_id, p.about, p.category, p.stood, p.proposed, p.instead_of, p.reason, p.proposed_by,
           p.proposed_at, d.decision, d.reason AS decision_reason, d.decided_by, d.decided_at,
           d.version AS decided_version
    FROM proposal p LEFT JOIN proposal_decision d ON d.proposal_id = p.id
    WHERE p.referral_id = :referral_id
"""
_LIST = text(f"{_PROPOSALS} ORDER BY p.proposed_at DESC, p.id")
_FIND = text(f"{_PROPOSALS} AND p.id = :id")
_PROPOSE = text(
    """
    INSERT INTO proposal (id, referral_id, crn, version, about, category, stood, proposed, instead_of, reason,
                          proposed_by, proposed_at)
    VALUES (:id, :referral_id, :crn, :version, :about, :category, CAST(:stood AS jsonb), :proposed, :instead_of,
            :reason, :by, :now)
    """
)
_DECIDE = text(
    """
    INSERT INTO proposal_decision (proposal_id, referral_id, crn, version, decision, reason, decided_by, decided_at)
    VALUES (:id, :referral_id, :crn, :version, :decision, :reason, :by, :now)
    """
)


async def proposals_of(session: Session, referral_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the proposals about a referral the caller has been shown, with their decisions, the latest first."""
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_LIST, {"referral_id": referral_id})).mappings()]


async def find_proposal(session: Session, referral_id: uuid.UUID, proposal_id: uuid.UUID) -> dict[str, Any] | None:
    """Return a proposal about a referral the caller has been shown; None where it is not about that one."""
    connection = await session.connection()
    found = await connection.execute(_FIND, {"referral_id": referral_id, "id": proposal_id})
    row = found.mappings().first()
    return dict(row) if row is not None else None


async def insert_proposal(session: Session, proposal: Mapping[str, Any], *, by: str, now: datetime.datetime) -> None:
    """Keep a proposal; the referral's row is locked."""
    connection = await session.connection()
    await connection.execute(_PROPOSE, {**proposal, "stood": json.dumps(proposal["stood"]), "by": by, "now": now})


async def insert_decision(session: Session, decision: Mapping[str, Any], *, by: str, now: datetime.datetime) -> None:
    """Keep what was decided about a proposal; the referral's row is locked."""
    connection = await session.connection()
    await connection.execute(_DECIDE, {**decision, "by": by, "now": now})
