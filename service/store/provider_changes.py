"""Reading the feed: how far it has come, its entries in order for one worker, and who acknowledged them."""

import datetime
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session
from service.store.sessions import for_driver, rows
from service.store.visibility import AT_WORK_FOR_PROVIDER, reach_of, referral_visible_to

Row = dict[str, Any]

_MARKS = text("SELECT organisation_id, last FROM feed_counter")
_ACKNOWLEDGED = "LEFT JOIN acknowledgement k ON k.entry_id = e.id"
_SHOWN = (
    "e.id, e.number, e.referral_id, e.crn, e.kind, e.items, e.raised, e.occurred_at, k.worker_id AS acknowledged_by, \
k.acknowledged_at"
)
_FOR_THEM = """
    ({entry}.only_for IS NULL OR :worker_id = ANY({entry}.only_for))
    AND ({entry}.not_for IS NULL OR :worker_id <> ALL({entry}.not_for))
"""
# How far the feed has come is read in the same instant as what is in it: what is committed later is served next time.
_PAGE = """
    SELECT mark.last, mark.forgotten, entry.* FROM (
        SELECT COALESCE(max(last), 0) AS last, COALESCE(max(forgotten), 0) AS forgotten
        FROM feed_counter WHERE organisation_id = :organisation
    ) AS mark LEFT JOIN LATERAL (
    SELECT {shown} FROM feed_entry e {acknowledged}
    JOIN referral r ON r.id = e.referral_id JOIN case_record c ON c.crn = r.crn
    WHERE e.organisation_id = :organisation AND e.number > CAST(:after AS bigint) AND e.number <= mark.last
      AND {for_them}
      AND (e.kind = 'removed' AND (CAST(:narrowed_to AS uuid) IS NULL OR e.referral_id = CAST(:narrowed_to AS uuid))
           AND CAST(:subcontractor AS text) IS NULL AND {at_work} OR {visible})
      AND NOT EXISTS (SELECT FROM feed_entry later
                      WHERE later.organisation_id = e.organisation_id AND later.referral_id = e.referral_id
                        AND (later.kind = 'removed' OR later.kind = 'added' AND e.kind <> 'removed')
                        AND later.number > e.number AND later.number <= mark.last AND {later_for_them})
    ORDER BY e.number LIMIT :limit
    ) AS entry ON TRUE ORDER BY entry.number
"""
_FIND = """
    SELECT e.id, e.referral_id, e.crn, k.worker_id AS acknowledged_by, k.acknowledged_at
    FROM feed_entry e JOIN referral r ON r.id = e.referral_id JOIN case_record c ON c.crn = r.crn {acknowledged}
    WHERE e.id = :id AND e.organisation_id = :organisation AND e.kind <> 'removed' AND {for_them} AND {visible}
"""
_ACKNOWLEDGE = text(
    """
    INSERT INTO acknowledgement (entry_id, crn, worker_id, acknowledged_at) VALUES (:id, :crn, :worker_id, :now)
    ON CONFLICT (entry_id) DO NOTHING
    """
)
_OF_PERSON = text(
    f"""
    SELECT {_SHOWN}, e.organisation_id AS organisation FROM feed_entry e {_ACKNOWLEDGED}
    WHERE e.crn = :crn AND e.kind = 'changed'
      AND (e.occurred_at, e.id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid))
    ORDER BY e.occurred_at DESC, e.id DESC LIMIT :limit
    """  # noqa: S608
)
_KEY = "SELECT secret FROM cursor_key WHERE id = 1"
_ADD_KEY = text(
    "INSERT INTO cursor_key (id, secret, created_at) VALUES (1, CAST(:secret AS jsonb), :now) ON CONFLICT DO NOTHING"
)


async def marks(session: Session) -> dict[str, int]:
    """Return how far each organisation's feed has come."""
    connection = await session.connection()
    return {row[0]: row[1] for row in await connection.execute(_MARKS)}


@dataclass(frozen=True, slots=True)
class Page:
    """How far an organisation's feed has come, up to where it has been forgotten, and entries that may be served."""

    last: int
    forgotten: int
    entries: list[Row]


async def page(session: Session, caller: Caller, after: int | None, limit: int, now: datetime.datetime) -> Page:
    """Return the entries after a number that this worker may be served, one more than `limit`; without one, none."""
    parameters = {"after": after, "limit": limit + 1, "worker_id": caller.worker, "now": now}
    found = await rows(session, _page(referral_visible_to(caller)), parameters | reach_of(caller, now), dict_row)
    return Page(found[0]["last"], found[0]["forgotten"], [row for row in found if row["id"] is not None])


@cache
def _page(visible: str) -> str:
    statement = _PAGE.format(
        shown=_SHOWN,
        acknowledged=_ACKNOWLEDGED,
        at_work=AT_WORK_FOR_PROVIDER,
        visible=visible,
        for_them=_FOR_THEM.format(entry="e"),
        later_for_them=_FOR_THEM.format(entry="later"),
    )
    return for_driver(statement)


async def find_entry(session: Session, entry_id: uuid.UUID, caller: Caller, now: datetime.datetime) -> Row | None:
    """Return an entry of the caller's organisation about a referral they may see; None otherwise."""
    named = {"acknowledged": _ACKNOWLEDGED, "visible": referral_visible_to(caller)}
    statement = text(_FIND.format(for_them=_FOR_THEM.format(entry="e"), **named))
    parameters = {"id": entry_id, "worker_id": caller.worker, "now": now, **reach_of(caller, now)}
    connection = await session.connection()
    row = (await connection.execute(statement, parameters)).mappings().first()
    return dict(row) if row is not None else None


async def acknowledge(session: Session, entry: Mapping[str, Any], worker: str, now: datetime.datetime) -> None:
    """Keep that a worker knows of a change, unless somebody said so before."""
    connection = await session.connection()
    await connection.execute(_ACKNOWLEDGE, {"id": entry["id"], "crn": entry["crn"], "worker_id": worker, "now": now})


async def changes_of_person(session: Session, crn: str, before: tuple[str, str], limit: int) -> list[Row]:
    """Return what providers were told about a person, newest first, with who acknowledged it."""
    connection = await session.connection()
    parameters = {"crn": crn, "before_at": before[0], "before_id": before[1], "limit": limit + 1}
    return [dict(row) for row in (await connection.execute(_OF_PERSON, parameters)).mappings()]


async def cursor_key(session: Session) -> dict[str, Any] | None:
    """Return the key that cursors are sealed with; None before the first."""
    found = await rows(session, _KEY, {})
    return found[0][0] if found else None


async def add_cursor_key(session: Session, secret: Mapping[str, Any], now: datetime.datetime) -> None:
    """Keep a key unless another process has kept one first."""
    connection = await session.connection()
    await connection.execute(_ADD_KEY, {"secret": json.dumps(secret), "now": now})
