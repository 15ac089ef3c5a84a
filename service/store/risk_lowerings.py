"""Risk levels lowered, and managers' views of it: added, never changed."""

import datetime
import json
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session
from service.store.reaches import CASES_IN_REACH
from service.store.visibility import case_visible_to

_INSERT = text(
    """
    INSERT INTO risk_lowering (id, crn, levels, because, profile_revision, lowered_by, lowered_at)
    VALUES (:id, :crn, CAST(:levels AS jsonb), CAST(:because AS jsonb), :revision, :by, :now)
    """
)
_VIEW = text(
    """
    INSERT INTO risk_lowering_view (lowering_id, crn, view, note, given_by, given_at)
    VALUES (:id, :crn, :view, :note, :by, :now) ON CONFLICT (lowering_id) DO NOTHING RETURNING lowering_id
    """
)
_LOWERINGS = """
    SELECT w.id, w.crn, w.levels, w.because, w.lowered_by, w.lowered_at, v.view, v.note, v.given_by, v.given_at
    FROM risk_lowering w LEFT JOIN risk_lowering_view v ON v.lowering_id = w.id
"""
_FIND = text(f"{_LOWERINGS} WHERE w.id = :id AND w.crn = :crn")
_PAGE = text(
    f"""
    {_LOWERINGS} WHERE w.crn = :crn
      AND (w.lowered_at, w.id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid))
    ORDER BY w.lowered_at DESC, w.id DESC LIMIT :limit
    """
)


async def insert_lowering(
    session: Session, lowering: Mapping[str, Any], *, by: str, now: datetime.datetime
) -> uuid.UUID:
    """Keep that levels were lowered (`crn`, `levels`, `because`, `revision`) and return the record's id."""
    made = uuid.uuid4()
    written = {name: json.dumps(lowering[name], default=str) for name in ("levels", "because")}
    connection = await session.connection()
    await connection.execute(_INSERT, {**lowering, **written, "id": made, "by": by, "now": now})
    return made


async def insert_view(session: Session, view: Mapping[str, Any], *, by: str, now: datetime.datetime) -> bool:
    """Keep a manager's view; False where one has been given, after waiting for whoever is giving one."""
    connection = await session.connection()
    return (await connection.execute(_VIEW, {**view, "by": by, "now": now})).first() is not None


async def find_lowering(session: Session, crn: str, lowering_id: uuid.UUID) -> dict[str, Any] | None:
    """Return a lowering of a person the caller has been shown, with the view of it; None where it is not theirs."""
    connection = await session.connection()
    row = (await connection.execute(_FIND, {"crn": crn, "id": lowering_id})).mappings().first()
    return dict(row) if row is not None else None


async def lowerings_page(session: Session, crn: str, before: tuple[str, str], limit: int) -> list[dict[str, Any]]:
    """Return the lowerings of a person the caller has been shown, the latest first; one more where there are more."""
    parameters = {"crn": crn, "before_at": before[0], "before_id": before[1], "limit": limit + 1}
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_PAGE, parameters)).mappings()]


async def waiting_for(session: Session, caller: Caller, now: datetime.datetime) -> list[dict[str, Any]]:
    """Return the lowerings in the cases a manager can see that wait for a view which they may give."""
    statement = text(
        f"""
        SELECT w.id, w.crn, w.lowered_at FROM ({CASES_IN_REACH}) AS reach
        JOIN case_record c ON c.crn = reach.crn JOIN risk_lowering w ON w.crn = c.crn
        WHERE c.status = 'open' AND w.lowered_by <> :worker_id AND {case_visible_to(caller)}
          AND NOT EXISTS (SELECT FROM risk_lowering_view v WHERE v.lowering_id = w.id)
        ORDER BY w.id
        """  # noqa: S608
    )
    connection = await session.connection()
    found = await connection.execute(statement, {"worker_id": caller.worker, "now": now})
    return [dict(row) for row in found.mappings()]
