"""The workers who use the service, and the team each belongs to."""

import datetime
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.db import Session
from service.store.visibility import NOT_BARRED

_FIND = text("SELECT id, name, team, region, active FROM worker WHERE id = :id")
_PUT = text(
    """
    INSERT INTO worker (id, name, team, region, active) VALUES (:id, :name, :team, :region, :active)
    ON CONFLICT (id) DO UPDATE
        SET name = excluded.name, team = excluded.team, region = excluded.region, active = excluded.active
    """
)
# A team sees its workers' cases: when a worker changes team, the cases they hold go along.
_TAKE_CASES_ALONG = text(
    """
    UPDATE allocation SET team = :team
    WHERE worker_id = :id AND ended_at IS NULL AND team IS DISTINCT FROM CAST(:team AS text)
    RETURNING crn
    """
)
_MAY_SEE = text(f"SELECT FROM case_record c WHERE c.crn = :crn AND {NOT_BARRED}")


async def find_worker(session: Session, worker_id: str) -> dict[str, Any] | None:
    """Return a worker, active or not; None when nobody has registered them."""
    connection = await session.connection()
    row = (await connection.execute(_FIND, {"id": worker_id})).mappings().first()
    return dict(row) if row is not None else None


async def put_worker(session: Session, worker_id: str, worker: Mapping[str, Any]) -> list[str]:
    """Create or replace a worker; return the CRNs of the cases that change team with them."""
    connection = await session.connection()
    await connection.execute(_PUT, {**worker, "id": worker_id})
    moved = await connection.execute(_TAKE_CASES_ALONG, {"id": worker_id, "team": worker["team"]})
    return sorted(set(moved.scalars()))


async def may_see_case(session: Session, crn: str, worker_id: str, now: datetime.datetime) -> bool:
    """Whether a worker is neither excluded from a case nor left out of its allow-list while it is restricted."""
    connection = await session.connection()
    return (await connection.execute(_MAY_SEE, {"crn": crn, "worker_id": worker_id, "now": now})).first() is not None
