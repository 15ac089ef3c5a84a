"""MAPPA screenings: added, never changed."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session
from service.store.visibility import case_visible_to

_COLUMNS = "s.id, s.crn, s.category, s.level, s.reason, s.screened_on, s.review_on, s.recorded_by, s.recorded_at"
_INSERT = text(
    """
    INSERT INTO mappa_screening (id, crn, category, level, reason, screened_on, review_on, recorded_by, recorded_at)
    VALUES (:id, :crn, :category, :level, :reason, :screened_on, :review_on, :by, :now)
    """
)


async def insert_screening(
    session: Session, screening: Mapping[str, Any], *, by: str, now: datetime.datetime
) -> dict[str, Any]:
    """Add a screening of a visible case and return it as stored."""
    stored = {"id": uuid.uuid4(), **screening}
    connection = await session.connection()
    await connection.execute(_INSERT, {**stored, "by": by, "now": now})
    return {**stored, "recorded_by": by, "recorded_at": now}


# Read for an acceptance, by somebody who sees the referral and not the case: so nothing of it is shown to them.
_CATEGORY = text(
    """
    SELECT jsonb_strip_nulls(jsonb_build_object('mappa_category', p.answers -> 'mappa_category')) AS answers,
        (SELECT jsonb_build_object('category', s.category, 'level', s.level, 'screened_on', s.screened_on)
         FROM mappa_screening s WHERE s.crn = r.crn
         ORDER BY s.screened_on DESC, s.recorded_at DESC, s.id DESC LIMIT 1) AS screening,
        (SELECT question ->> 'value' FROM referral_version v,
             jsonb_path_query(v.content, '$.sections[*].questions[*] ? (@.id == "mappa_category")') AS question
         WHERE v.referral_id = r.id AND v.number = :version LIMIT 1) AS sent
    FROM referral r JOIN profile p ON p.crn = r.crn WHERE r.id = :id
    """
)


async def category_standing(session: Session, referral_id: uuid.UUID, version: int) -> dict[str, Any]:
    """Return what says which category a locked referral's person is in: answer, latest screening, what was sent."""
    connection = await session.connection()
    found = await connection.execute(_CATEGORY, {"id": referral_id, "version": version})
    return dict(found.mappings().one())


async def screenings_page(
    session: Session,
    crn: str,
    caller: Caller,
    now: datetime.datetime,
    *,
    before: tuple[str, str, str],
    limit: int,
) -> list[dict[str, Any]]:
    """Return a case's screenings before one of them (its day, instant and id), the latest first.

    One more than `limit` where there are more; none of a case the caller cannot see.
    """
    statement = text(
        f"""
        SELECT {_COLUMNS} FROM mappa_screening s JOIN case_record c ON c.crn = s.crn
        WHERE s.crn = :crn AND {case_visible_to(caller)}
          AND (s.screened_on, s.recorded_at, s.id)
              < (CAST(:day AS date), CAST(:instant AS timestamptz), CAST(:id AS uuid))
        ORDER BY s.screened_on DESC, s.recorded_at DESC, s.id DESC LIMIT :limit
        """  # noqa: S608
    )
    day, instant, row = before
    parameters = {"crn": crn, "worker_id": caller.worker, "now": now, "limit": limit + 1}
    connection = await session.connection()
    found = await connection.execute(statement, {**parameters, "day": day, "instant": instant, "id": row})
    return [dict(screening) for screening in found.mappings()]
