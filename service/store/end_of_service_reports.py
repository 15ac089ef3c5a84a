"""End-of-service reports: one a referral, added and never changed."""

import datetime
import json
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.db import Session

_FIND = text(
    """
    SELECT r.referral_id, r.version, r.further, r.written_by, r.written_at,
           COALESCE((SELECT jsonb_agg(jsonb_build_object('outcome', o.outcome, 'result', o.result, 'text', o.text)
                                      ORDER BY o.outcome)
                     FROM end_of_service_outcome o WHERE o.referral_id = r.referral_id), '[]') AS outcomes
    FROM end_of_service_report r WHERE r.referral_id = :referral_id
    """
)
_INSERT = text(
    """
    WITH written AS (
        INSERT INTO end_of_service_report (referral_id, crn, version, further, written_by, written_at)
        VALUES (:referral_id, :crn, :version, :further, :by, :now) RETURNING referral_id, crn)
    INSERT INTO end_of_service_outcome (referral_id, crn, outcome, result, text)
    SELECT w.referral_id, w.crn, o.outcome, o.result, o.text
    FROM written w, jsonb_to_recordset(CAST(:outcomes AS jsonb)) AS o (outcome text, result text, text text)
    """
)


async def find_report(session: Session, referral_id: uuid.UUID) -> dict[str, Any] | None:
    """Return the report on a referral the caller has been shown; None before it is written."""
    connection = await session.connection()
    row = (await connection.execute(_FIND, {"referral_id": referral_id})).mappings().first()
    return dict(row) if row is not None else None


async def insert_report(session: Session, report: Mapping[str, Any], *, by: str, now: datetime.datetime) -> None:
    """Keep a report with all its entries; the referral's row is locked."""
    connection = await session.connection()
    await connection.execute(_INSERT, {**report, "outcomes": json.dumps(report["outcomes"]), "by": by, "now": now})
