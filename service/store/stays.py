"""Stays in approved premises: those a caller may see, one at a time or a list, and what is written of them."""

import datetime
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import TextClause, text

from service.access.callers import Caller, Role, ServiceRole
from service.db import Session
from service.domain.premises import Kind
from service.domain.stays import Status, Stay
from service.models.stays import OPEN
from service.store.reaches import CASES_IN_REACH
from service.store.visibility import placed_with, stay_openable_by, stay_visible_to

Row = dict[str, Any]
_STATE = """s.kind, s.status, s.expected_arrival_on, s.expected_departure_on, s.departure_set, s.arrived_on,
            s.resident_since, s.nights_before, s.recalled_on, s.re_release_on, s.ended_on, s.end_reason"""
# Whoever manages the case now: the community practitioner, while there is one.
_PRACTITIONER = """
    (SELECT jsonb_build_object('worker_id', a.worker_id, 'name', w.name)
     FROM allocation a LEFT JOIN worker w ON w.id = a.worker_id
     WHERE a.crn = s.crn AND a.ended_at IS NULL ORDER BY a.capacity LIMIT 1)
"""
SHOWN_COLUMNS = f"""
    s.id, s.crn, s.premises_id, p.name AS premises_name, {_STATE}, s.move_on_category, s.key_worker, s.revision,
    s.opened_at, c.family_name, c.given_names, {_PRACTITIONER} AS practitioner
"""
SHOWN_FROM = "FROM stay s JOIN case_record c ON c.crn = s.crn JOIN premises p ON p.id = s.premises_id"
_SHOWN = f"SELECT {SHOWN_COLUMNS} {SHOWN_FROM}"


async def _rows(session: Session, statement: TextClause, parameters: Mapping[str, Any]) -> list[Row]:
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(statement, parameters)).mappings()]


def as_stay(row: Mapping[str, Any]) -> Stay:
    """Return a stored stay as the decisions take it."""
    named = {name: row[name] for name in Stay.__dataclass_fields__}
    return Stay(**named | {"kind": Kind(row["kind"]), "status": Status(row["status"])})


async def find_stay(
    session: Session, stay_id: uuid.UUID, caller: Caller, now: datetime.datetime, *, for_change: bool = False
) -> Row | None:
    """Return a stay if this caller may see it, with its row locked where it is to be changed."""
    lock = "FOR UPDATE OF s" if for_change else ""
    statement = text(f"{_SHOWN} WHERE s.id = :id AND {stay_visible_to(caller)} {lock}")
    found = await _rows(session, statement, {**placed_with(caller, now), "id": stay_id})
    return found[0] if found else None


async def read_changed(session: Session, stay_id: uuid.UUID) -> Row:
    """Return a stay the caller has just changed, wherever it is now."""
    return (await _rows(session, text(f"{_SHOWN} WHERE s.id = :id"), {"id": stay_id}))[0]


async def find_person(session: Session, crn: str, caller: Caller, now: datetime.datetime) -> str | None:
    """Return the status of a case whose person this caller may expect somewhere; its row is kept from ending."""
    condition = stay_openable_by(caller)
    statement = text(f"SELECT c.status FROM case_record c WHERE c.crn = :crn AND {condition} FOR KEY SHARE OF c")  # noqa: S608
    found = await _rows(session, statement, {**placed_with(caller, now), "crn": crn})
    return found[0]["status"] if found else None


async def list_stays(
    session: Session,
    caller: Caller,
    now: datetime.datetime,
    *,
    narrowed: Mapping[str, str | None],
    before: tuple[str, str],
    limit: int,
) -> list[Row]:
    """Return open stays the caller may see, the newest first, one more than `limit` where there are more.

    `narrowed` to a premises' and a status, each None for all. The order never changes while a stay is open, so that
    nobody is missed between two pages.
    """
    reach = "s.premises_id = :premises" if caller.role is Role.PREMISES else f"s.crn IN ({CASES_IN_REACH})"
    statement = text(
        f"""
        {_SHOWN}
        WHERE s.{OPEN} AND {reach} AND {stay_visible_to(caller)}
          AND (CAST(:at AS text) IS NULL OR s.premises_id = :at)
          AND (CAST(:status AS text) IS NULL OR s.status = :status)
          AND (s.opened_at, s.id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid))
        ORDER BY s.opened_at DESC, s.id DESC LIMIT :limit
        """
    )
    page = {"before_at": before[0], "before_id": before[1], "limit": limit + 1}
    return await _rows(session, statement, {**placed_with(caller, now), **narrowed, **page})


async def stays_of_case(session: Session, crn: str, caller: Caller, now: datetime.datetime) -> list[Row]:
    """Return every stay of one person that the caller may see, the newest first."""
    statement = text(f"{_SHOWN} WHERE s.crn = :crn AND {stay_visible_to(caller)} ORDER BY s.opened_at DESC, s.id")
    return await _rows(session, statement, {**placed_with(caller, now), "crn": crn})


_STEPS = text(
    """
    SELECT act, from_status, to_status, premises_id, reason, note, details, actor, role, at
    FROM stay_step WHERE stay_id = :id ORDER BY revision
    """
)
_LOCK_OPEN = text(f"SELECT s.* FROM stay s WHERE s.crn = ANY(:crns) AND s.{OPEN} ORDER BY s.crn FOR UPDATE")  # noqa: S608
_NAMES = (*Stay.__dataclass_fields__, "premises_id", "move_on_category", "key_worker")
_INSERT = text(
    f"""
    INSERT INTO stay (id, crn, revision, opened_at, {", ".join(_NAMES)})
    VALUES (:id, :crn, 1, :now, {", ".join(f":{name}" for name in _NAMES)})
    ON CONFLICT (crn) WHERE {OPEN} DO NOTHING RETURNING id
    """  # noqa: S608
)
_SAVE = text(
    f"""
    UPDATE stay SET revision = revision + 1, ended_at = CASE WHEN CAST(:ended_on AS date) IS NOT NULL
        THEN COALESCE(ended_at, CAST(:now AS timestamptz)) END, {", ".join(f"{name} = :{name}" for name in _NAMES)}
    WHERE id = :id
    """  # noqa: S608
)
_STEP = text(
    """
    INSERT INTO stay_step (id, stay_id, crn, premises_id, act, from_status, to_status, reason, note, details, actor,
                           role, revision, at)
    SELECT gen_random_uuid(), s.id, s.crn, s.premises_id, :act, CAST(:from_status AS text), s.status,
           CAST(:reason AS text), CAST(:note AS text), CAST(:details AS jsonb), :actor, :role, s.revision, :now
    FROM stay s WHERE s.id = :id
    """
)
_MOVE = text("UPDATE stay SET crn = :survivor, revision = revision + 1 WHERE crn = :crn RETURNING id")


async def steps_of(session: Session, stay_id: uuid.UUID) -> list[Row]:
    """Return every change to a stay the caller has been shown, in order."""
    return await _rows(session, _STEPS, {"id": stay_id})


async def lock_open_stays(session: Session, *crns: str) -> dict[str, Row]:
    """Lock the open stays of locked cases, always in the same order, and return them by CRN."""
    return {row["crn"]: row for row in await _rows(session, _LOCK_OPEN, {"crns": list(crns)})}


def _written(row: Mapping[str, Any], stay: Stay) -> Row:
    beside = {name: row.get(name) for name in ("id", "crn", "premises_id", "move_on_category", "key_worker")}
    return {**beside, **asdict(stay)}


async def insert_stay(session: Session, row: Mapping[str, Any], stay: Stay, now: datetime.datetime) -> bool:
    """Keep a new stay (id, crn, premises_id, key_worker); False where the person has an open one."""
    return bool(await _rows(session, _INSERT, {**_written(row, stay), "now": now}))


async def save_stay(session: Session, row: Mapping[str, Any], stay: Stay, now: datetime.datetime) -> None:
    """Write a locked stay as it stands now."""
    connection = await session.connection()
    await connection.execute(_SAVE, {**_written(row, stay), "now": now})


async def append_step(
    session: Session,
    stay_id: uuid.UUID,
    step: Mapping[str, Any],
    *,
    by: tuple[str, Role | ServiceRole],
    now: datetime.datetime,
) -> None:
    """Keep one change (act, from_status, reason, note, details) to a stay that was just written."""
    details = json.dumps(step.get("details", {}), default=str)
    written = {"reason": None, "note": None, "from_status": None, **step, "details": details}
    connection = await session.connection()
    await connection.execute(_STEP, {**written, "id": stay_id, "actor": by[0], "role": str(by[1]), "now": now})


async def move_stays(session: Session, crn: str, survivor: str) -> list[uuid.UUID]:
    """Move every stay of a locked case to the surviving one, which has no open stay besides; return their ids."""
    connection = await session.connection()
    return list((await connection.execute(_MOVE, {"crn": crn, "survivor": survivor})).scalars())
