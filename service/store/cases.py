"""Cases: the headers a caller may see, their caseload, and what stands on a case's page."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause, text

from service.access.callers import Caller
from service.db import Session
from service.models.referrals import OPEN
from service.store.visibility import case_held_by, case_openable_by, case_visible_to

HEADER = "c.crn, c.noms_number, c.family_name, c.given_names, c.date_of_birth, c.region, c.status, c.closed_because, \
c.merged_into, c.restricted, c.opened_at"
# How long whoever manages a case is told of an opening by somebody else.
OPENINGS_TOLD_FOR = datetime.timedelta(days=14)
MOST_OPENINGS = 200

_Row = dict[str, Any]


def _named(caller: Caller, now: datetime.datetime, **more: Any) -> dict[str, Any]:
    return {"worker_id": caller.worker, "now": now, **more}


async def _rows(session: Session, statement: TextClause, parameters: Mapping[str, Any]) -> list[_Row]:
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(statement, parameters)).mappings()]


async def find_case(session: Session, crn: str, caller: Caller, now: datetime.datetime) -> _Row | None:
    """Return a case's header if this caller may see it; None whether it is absent or hidden."""
    statement = text(f"SELECT {HEADER} FROM case_record c WHERE c.crn = :crn AND {case_visible_to(caller)}")  # noqa: S608
    found = await _rows(session, statement, _named(caller, now, crn=crn))
    return found[0] if found else None


async def lock_cases(session: Session, crns: Sequence[str], caller: Caller, now: datetime.datetime) -> dict[str, _Row]:
    """Lock those of these cases that the caller may see, always in the same order; each says whether it is `held`."""
    statement = text(
        f"SELECT {HEADER}, {case_held_by(caller)} AS held FROM case_record c "  # noqa: S608
        f"WHERE c.crn = ANY(:crns) AND {case_visible_to(caller)} ORDER BY c.crn FOR UPDATE OF c"
    )
    found = await _rows(session, statement, _named(caller, now, crns=list(crns)))
    return {row["crn"]: row for row in found}


_HOLD = text("SELECT status FROM case_record WHERE crn = :crn FOR KEY SHARE")


async def hold_case(session: Session, crn: str) -> str | None:
    """Return the status of a case the caller has been shown, and keep it from ending before this transaction does.

    A death or a merge locks the case for itself and waits; other work on the case goes on. Taken before any other
    lock on the case's rows, as they do.
    """
    connection = await session.connection()
    status: str | None = (await connection.execute(_HOLD, {"crn": crn})).scalar_one_or_none()
    return status


async def find_standing(session: Session, crn: str, caller: Caller, now: datetime.datetime) -> _Row | None:
    """Return how a case stands to a caller (`visible`, `held`, `openable`); None where it is none of these."""
    statement = text(
        f"""
        SELECT * FROM (
            SELECT c.crn, c.status, {case_visible_to(caller)} AS visible, {case_held_by(caller)} AS held,
                   {case_openable_by(caller)} AS openable
            FROM case_record c WHERE c.crn = :crn) AS standing
        WHERE visible OR openable
        """  # noqa: S608
    )
    rows = await _rows(session, statement, _named(caller, now, crn=crn))
    return rows[0] if rows else None


async def is_hidden(session: Session, crn: str, caller: Caller, now: datetime.datetime) -> bool:
    """Whether there is a case that this caller neither sees nor could open."""
    statement = text(
        "SELECT FROM case_record c WHERE c.crn = :crn "
        f"AND NOT ({case_visible_to(caller)} OR {case_openable_by(caller)})"
    )
    return bool(await _rows(session, statement, _named(caller, now, crn=crn)))


_INSERT = text(
    """
    INSERT INTO case_record (crn, noms_number, region, status, restricted, opened_by, opened_at)
    VALUES (:crn, :noms_number, :region, 'open', FALSE, :by, :now) ON CONFLICT (crn) DO NOTHING RETURNING crn
    """
)
_INSERT_PROFILE = text("INSERT INTO profile (crn, revision, answers, updated_at) VALUES (:crn, 0, '{}', :now)")


async def insert_case(session: Session, case: Mapping[str, Any], *, by: str, now: datetime.datetime) -> bool:
    """Insert a case with an empty profile; False where its CRN is taken, after waiting for whoever is taking it."""
    connection = await session.connection()
    inserted = await connection.execute(_INSERT, {**case, "by": by, "now": now})
    if inserted.first() is None:
        return False
    await connection.execute(_INSERT_PROFILE, {"crn": case["crn"], "now": now})
    return True


_OPEN_REFERRALS = f"(SELECT count(*) FROM referral r WHERE r.crn = c.crn AND r.{OPEN})"  # noqa: S608
_MINE = "a.worker_id = :worker_id"
_TEAMS = f"({_MINE} OR a.team = (SELECT w.team FROM worker w WHERE w.id = :worker_id AND w.active))"  # noqa: S608
_AFTER = "(CAST(:after AS uuid) IS NULL OR a.crn > (SELECT past.crn FROM allocation past WHERE past.id = :after))"


async def caseload(
    session: Session,
    caller: Caller,
    now: datetime.datetime,
    *,
    team: bool,
    after: uuid.UUID | None,
    limit: int,
) -> list[_Row]:
    """Return the open cases allocated to the caller (or to their `team`) by CRN, one more than `limit` if there are.

    `after` is the `allocation_id` of the last case already shown.
    """
    statement = text(
        f"""
        SELECT {HEADER}, CAST(mine.id AS text) AS allocation_id, {_OPEN_REFERRALS} AS open_referrals
        FROM (SELECT DISTINCT ON (a.crn) a.crn, a.id FROM allocation a
              WHERE a.ended_at IS NULL AND {_TEAMS if team else _MINE} AND {_AFTER} ORDER BY a.crn, a.id) AS mine
        JOIN case_record c ON c.crn = mine.crn
        WHERE c.status = 'open' AND {case_visible_to(caller)}
        ORDER BY c.crn LIMIT :limit
        """  # noqa: S608
    )
    return await _rows(session, statement, _named(caller, now, after=after, limit=limit + 1))


_ALLOCATIONS = text(
    """
    SELECT a.id, a.capacity, a.worker_id, w.name AS worker_name, a.team, a.allocated_by, a.started_at
    FROM allocation a LEFT JOIN worker w ON w.id = a.worker_id
    WHERE a.crn = :crn AND a.ended_at IS NULL ORDER BY a.capacity
    """
)
_OPENING_COLUMNS = "o.id, o.crn, o.worker_id, w.name AS worker_name, o.kind, o.reason, o.opened_at, o.expires_at"
_OPENINGS = text(
    f"""
    SELECT {_OPENING_COLUMNS} FROM case_opening o LEFT JOIN worker w ON w.id = o.worker_id
    WHERE o.crn = :crn AND o.opened_at > :since ORDER BY o.opened_at DESC, o.id LIMIT {MOST_OPENINGS}
    """  # noqa: S608
)
_PRACTITIONERS = text(
    """
    SELECT count(DISTINCT worker_id) AS practitioners FROM allocation
    WHERE crn = :crn AND (ended_at IS NULL OR ended_at > :since)
    """
)
_REFERRALS = text(
    f"""
    SELECT r.id, r.pack, x.name AS recipient_name, r.status, r.status_reason, r.status_since
    FROM referral r LEFT JOIN recipient x ON x.id = r.recipient_id
    WHERE r.crn = :crn AND r.{OPEN} ORDER BY r.created_at, r.id
    """  # noqa: S608
)
_EVENTS = text(
    """
    SELECT id, kind, happened_on, details, recorded_by, recorded_at FROM person_event
    WHERE crn = :crn ORDER BY happened_on DESC, recorded_at DESC, id
    """
)


async def read_page(session: Session, crn: str, since: datetime.datetime) -> dict[str, Any]:
    """Return what stands on a visible case's page below its header; openings and practitioners `since` an instant."""
    named = {"crn": crn}
    dated = {"crn": crn, "since": since}
    practitioners = await _rows(session, _PRACTITIONERS, dated)
    return {
        "allocations": await _rows(session, _ALLOCATIONS, named),
        "openings": await _rows(session, _OPENINGS, dated),
        "practitioners_in_last_12_months": practitioners[0]["practitioners"],
        "open_referrals": await _rows(session, _REFERRALS, named),
        "events": await _rows(session, _EVENTS, named),
    }


async def openings_to_see(session: Session, caller: Caller, now: datetime.datetime) -> list[_Row]:
    """Return the openings by others that this caller should know of, the newest first, for two weeks after each.

    A case's own practitioners are told of every opening; their team and its manager of those that broke the glass.
    """
    statement = text(
        f"""
        SELECT {_OPENING_COLUMNS}
        FROM case_opening o JOIN case_record c ON c.crn = o.crn LEFT JOIN worker w ON w.id = o.worker_id
        WHERE o.crn IN (SELECT a.crn FROM allocation a WHERE a.ended_at IS NULL AND {_TEAMS})
          AND o.opened_at > :told_since AND o.worker_id <> :worker_id AND {case_held_by(caller)}
          AND (o.kind = 'break_glass'
               OR EXISTS (SELECT FROM allocation own
                          WHERE own.crn = c.crn AND own.ended_at IS NULL AND own.worker_id = :worker_id))
        ORDER BY o.opened_at DESC, o.id LIMIT {MOST_OPENINGS}
        """  # noqa: S608
    )
    return await _rows(session, statement, _named(caller, now, told_since=now - OPENINGS_TOLD_FOR))
