"""What was passed between practitioner and premises, and the move-on referrals they share."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.db import Session
from service.domain.shared_work import SHARED_PACKS
from service.models.stays import OPEN

Row = dict[str, Any]
# Whether the premises have referral `r` as a whole: they were passed it last, and the person is theirs still.
WITH_PREMISES = f"""
    (COALESCE((SELECT w.side = 'premises' FROM passed_work w WHERE w.referral_id = r.id AND w.question IS NULL
               ORDER BY w.id DESC LIMIT 1), FALSE)
     AND EXISTS (SELECT FROM stay s WHERE s.crn = r.crn AND s.{OPEN}))
"""  # noqa: S608
_PASSED = text(
    "SELECT question, side, act, note, passed_by, at FROM passed_work WHERE referral_id = :referral_id ORDER BY id"
)
_ADD = text(
    """
    INSERT INTO passed_work (referral_id, crn, question, side, act, note, passed_by, at)
    VALUES (:referral_id, :crn, :question, :side, :act, :note, :by, :now)
    """
)
# Of a stay the caller was found to see. Who has each as a whole, and since when.
_OF_PERSON = text(
    """
    SELECT r.id, r.crn, r.pack, r.status, r.status_since, r.recipient_id AS recipient, x.name AS recipient_name,
           COALESCE(p.side, 'practitioner') AS held_by, COALESCE(p.at, r.created_at) AS held_since
    FROM referral r LEFT JOIN recipient x ON x.id = r.recipient_id
    LEFT JOIN LATERAL (SELECT side, at FROM passed_work w WHERE w.referral_id = r.id AND w.question IS NULL
                       ORDER BY w.id DESC LIMIT 1) p ON TRUE
    WHERE r.crn = :crn AND r.pack = ANY(:packs) ORDER BY r.created_at DESC, r.id
    """
)
_REGION = text(
    """
    SELECT p.region FROM stay s JOIN premises p ON p.id = s.premises_id
    WHERE s.crn = :crn AND s.premises_id = :premises AND s.status IN ('expected', 'in_residence', 'suspended')
    """
)


async def passed_of(session: Session, referral_id: uuid.UUID) -> list[Row]:
    """Return everything that was passed of a referral, in order of time."""
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_PASSED, {"referral_id": referral_id})).mappings()]


async def add(session: Session, passed: Mapping[str, Any], by: str, now: datetime.datetime) -> None:
    """Keep that something was passed."""
    connection = await session.connection()
    await connection.execute(_ADD, {**passed, "by": by, "now": now})


async def referrals_of(session: Session, crn: str) -> list[Row]:
    """Return a resident's referrals for moving on, the newest first, with who has each."""
    connection = await session.connection()
    found = await connection.execute(_OF_PERSON, {"crn": crn, "packs": list(SHARED_PACKS)})
    return [dict(row) for row in found.mappings()]


async def region_of(session: Session, crn: str, premises: str | None) -> str | None:
    """Return the region of the premises where a person lives or is expected; None where these are not theirs."""
    connection = await session.connection()
    row = (await connection.execute(_REGION, {"crn": crn, "premises": premises})).first()
    return None if row is None else row[0]
