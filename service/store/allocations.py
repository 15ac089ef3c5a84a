"""The rows that decide who sees a case: allocations, openings for a while, and the limited-access lists."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.db import Session
from service.store import standings

_CURRENT = text(
    "SELECT id, crn, capacity, worker_id, team, allocated_by, started_at FROM allocation "
    "WHERE crn = :crn AND ended_at IS NULL ORDER BY capacity"
)
_END = text("UPDATE allocation SET ended_at = :now WHERE id = :id")
_START = text(
    """
    INSERT INTO allocation (id, crn, worker_id, team, capacity, allocated_by, started_at)
    VALUES (:id, :crn, :worker_id, :team, :capacity, :by, :now)
    """
)


async def current_allocations(session: Session, crn: str) -> list[dict[str, Any]]:
    """Return who manages a case now: at most one a capacity."""
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_CURRENT, {"crn": crn})).mappings()]


async def end_allocation(session: Session, allocation_id: uuid.UUID, now: datetime.datetime) -> None:
    """End an allocation."""
    connection = await session.connection()
    await connection.execute(_END, {"id": allocation_id, "now": now})


async def start_allocation(
    session: Session, allocation: Mapping[str, Any], *, by: str, now: datetime.datetime
) -> uuid.UUID:
    """Start an allocation (crn, worker_id, team, capacity) and return its id; the capacity must be free."""
    started = uuid.uuid4()
    connection = await session.connection()
    await connection.execute(_START, {**allocation, "id": started, "by": by, "now": now})
    return started


_OPEN = text(
    """
    INSERT INTO case_opening (id, crn, worker_id, kind, reason, opened_at, expires_at)
    VALUES (:id, :crn, :worker_id, :kind, :reason, :opened_at, :expires_at)
    """
)


async def insert_opening(session: Session, opening: Mapping[str, Any]) -> None:
    """Let a worker see a case until a time, for a recorded reason."""
    connection = await session.connection()
    await connection.execute(_OPEN, opening)


_LISTS = text("SELECT worker_id, kind FROM limited_access WHERE crn = :crn ORDER BY kind, worker_id")
_RESTRICT = text("UPDATE case_record SET restricted = :restricted WHERE crn = :crn")
_EMPTY = text("DELETE FROM limited_access WHERE crn = :crn")
_LIST = text(
    """
    INSERT INTO limited_access (crn, worker_id, kind, recorded_by, recorded_at)
    SELECT :crn, listed, :kind, :by, :now FROM unnest(CAST(:workers AS text[])) AS listed
    """
)


async def read_lists(session: Session, crn: str) -> dict[str, frozenset[str]]:
    """Return a case's limited-access lists, by kind (`allowed`, `excluded`)."""
    connection = await session.connection()
    rows = (await connection.execute(_LISTS, {"crn": crn})).all()
    return {kind: frozenset(row.worker_id for row in rows if row.kind == kind) for kind in ("allowed", "excluded")}


async def replace_lists(
    session: Session,
    crn: str,
    lists: Mapping[str, frozenset[str]],
    *,
    restricted: bool,
    by: str,
    now: datetime.datetime,
) -> None:
    """Replace a case's limited-access lists and its restriction."""
    connection = await session.connection()
    await connection.execute(_RESTRICT, {"crn": crn, "restricted": restricted})
    await connection.execute(_EMPTY, {"crn": crn})
    for kind, workers in lists.items():
        await connection.execute(_LIST, {"crn": crn, "kind": kind, "workers": sorted(workers), "by": by, "now": now})
    held = {"restricted": restricted, "excluded": sorted(lists["excluded"])}
    await standings.append(session, "case", crn, held, by=by, now=now)
