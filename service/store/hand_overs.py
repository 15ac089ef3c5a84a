"""Hand-overs, and the work that is under way in a case for its officers."""

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session
from service.domain.hand_overs import WorkKind
from service.domain.lifecycle import AMENDABLE, IN_HAND
from service.store.reaches import CASES_IN_REACH
from service.store.shared_work import WITH_PREMISES
from service.store.visibility import case_not_kept_from, case_visible_to

_Row = dict[str, Any]
_COLUMNS = (
    "h.id, h.crn, h.status, h.from_worker, h.from_capacity, h.to_worker, h.to_capacity, h.first_planned_on, "
    "h.planned_on, h.meeting_held, h.meeting_held_on, h.meeting_because, h.promised, h.outstanding, h.ended_because, "
    "h.revision, h.recorded_by, h.recorded_at, h.ended_by, h.ended_at"
)
_SELECT = f"SELECT {_COLUMNS} FROM hand_over h"  # noqa: S608
_FIND = text(f"{_SELECT} WHERE h.crn = :crn AND h.id = :id")
_PLANNED = text(f"{_SELECT} WHERE h.crn = :crn AND h.from_capacity = :capacity AND h.status = 'planned'")
_PAGE = text(
    f"""
    {_SELECT} WHERE h.crn = :crn
      AND (h.recorded_at, h.id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid))
    ORDER BY h.recorded_at DESC, h.id DESC LIMIT :limit
    """
)
_INSERT = text(
    """
    INSERT INTO hand_over (id, crn, status, from_worker, from_capacity, to_worker, to_capacity, first_planned_on,
                           planned_on, promised, outstanding, revision, recorded_by, recorded_at, ended_by, ended_at)
    VALUES (:id, :crn, :status, :from_worker, :from_capacity, :to_worker, :to_capacity, :planned_on, :planned_on,
            CAST(:promised AS jsonb), CAST(:outstanding AS jsonb), 1, :by, :now, :ended_by, :ended_at)
    """
)
_SAVE = text(
    """
    UPDATE hand_over
    SET status = :status, to_worker = :to_worker, planned_on = :planned_on, meeting_held = :meeting_held,
        meeting_held_on = :meeting_held_on, meeting_because = :meeting_because, promised = CAST(:promised AS jsonb),
        outstanding = CAST(:outstanding AS jsonb), ended_because = :ended_because, ended_by = :ended_by,
        ended_at = :ended_at, revision = revision + 1
    WHERE id = :id
    """
)


async def insert_hand_over(session: Session, hand_over: Mapping[str, Any], *, by: str, now: datetime.datetime) -> None:
    """Keep a hand-over, planned or already done; the case is locked."""
    connection = await session.connection()
    await connection.execute(_INSERT, {**hand_over, **_json(hand_over), "by": by, "now": now})


async def save_hand_over(session: Session, hand_over: Mapping[str, Any]) -> None:
    """Write what changed about a hand-over of a locked case, as its next revision."""
    connection = await session.connection()
    await connection.execute(_SAVE, {**hand_over, **_json(hand_over)})


def _json(hand_over: Mapping[str, Any]) -> dict[str, str]:
    return {name: json.dumps(hand_over[name], default=str) for name in ("promised", "outstanding")}


async def find_hand_over(session: Session, crn: str, hand_over_id: uuid.UUID) -> _Row | None:
    """Return a hand-over of a case the caller has been shown; None where it is not one of that case's."""
    connection = await session.connection()
    row = (await connection.execute(_FIND, {"crn": crn, "id": hand_over_id})).mappings().first()
    return dict(row) if row is not None else None


async def planned_for(session: Session, crn: str, capacity: str) -> _Row | None:
    """Return the hand-over that is planned for the officer in a capacity of a locked case; None where there is none."""
    connection = await session.connection()
    row = (await connection.execute(_PLANNED, {"crn": crn, "capacity": capacity})).mappings().first()
    return dict(row) if row is not None else None


async def hand_overs_page(session: Session, crn: str, before: tuple[str, str], limit: int) -> list[_Row]:
    """Return the hand-overs of a case the caller has been shown, the latest first; one more where there are more."""
    parameters = {"crn": crn, "before_at": before[0], "before_id": before[1], "limit": limit + 1}
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_PAGE, parameters)).mappings()]


async def is_arriving(session: Session, crn: str, hand_over_id: uuid.UUID, caller: Caller) -> bool:
    """Whether a planned hand-over names this caller as who takes the case over, and nothing keeps them from it."""
    statement = text(
        "SELECT FROM hand_over h JOIN case_record c ON c.crn = h.crn "
        "WHERE h.crn = :crn AND h.id = :id AND h.to_worker = :worker_id AND h.status = 'planned' "
        f"AND c.status = 'open' AND {case_not_kept_from(caller)}"
    )
    connection = await session.connection()
    found = await connection.execute(statement, {"crn": crn, "id": hand_over_id, "worker_id": caller.worker})
    return found.first() is not None


async def late_for(session: Session, caller: Caller, now: datetime.datetime, today: datetime.date) -> list[_Row]:
    """Return the hand-overs past their day that the caller should see to: either officer, and who sees the case."""
    statement = text(
        f"""
        SELECT h.id, h.crn, h.planned_on FROM hand_over h JOIN case_record c ON c.crn = h.crn
        WHERE h.status = 'planned' AND h.planned_on < :today AND c.status = 'open'
          AND (h.from_worker = :worker_id OR h.to_worker = :worker_id) AND {case_not_kept_from(caller)}
        UNION
        SELECT h.id, h.crn, h.planned_on FROM ({CASES_IN_REACH}) AS reach
        JOIN case_record c ON c.crn = reach.crn JOIN hand_over h ON h.crn = c.crn
        WHERE h.status = 'planned' AND h.planned_on < :today AND c.status = 'open' AND {case_visible_to(caller)}
        ORDER BY id
        """  # noqa: S608
    )
    connection = await session.connection()
    found = await connection.execute(statement, {"worker_id": caller.worker, "now": now, "today": today})
    return [dict(row) for row in found.mappings()]


_PERSON = text(
    """
    SELECT c.crn, c.family_name, c.given_names, c.date_of_birth, c.region, p.answers,
        (SELECT count(DISTINCT a.worker_id) FROM allocation a
         WHERE a.crn = c.crn AND (a.ended_at IS NULL OR a.ended_at > :since)) AS practitioners
    FROM case_record c JOIN profile p ON p.crn = c.crn WHERE c.crn = :crn
    """
)


async def person_of(session: Session, crn: str, since: datetime.datetime) -> _Row:
    """Return whom a case the caller has been shown is about, their answers, and how many managed it since."""
    connection = await session.connection()
    return dict((await connection.execute(_PERSON, {"crn": crn, "since": since})).mappings().one())


_HOLDERS = text(
    """
    SELECT a.worker_id, a.capacity, COALESCE(w.name, '') AS name
    FROM allocation a LEFT JOIN worker w ON w.id = a.worker_id
    WHERE a.crn = :crn AND a.ended_at IS NULL ORDER BY a.capacity
    """
)


async def holders_of(session: Session, crn: str) -> list[_Row]:
    """Return who holds a case now and in which capacity: the community practitioner first."""
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_HOLDERS, {"crn": crn})).mappings()]


def _listed(statuses: Sequence[str]) -> str:
    return ", ".join(f"'{status}'" for status in statuses)


_BARRED = "r.own #> '{must_not_receive,value}' AS barred"
# Everything in a case that waits for, or was begun by, one of its officers.
_WORK = text(
    f"""
    SELECT '{WorkKind.DRAFT}' AS kind, r.id, r.id AS referral_id, r.pack, r.updated_by AS doer, r.updated_at AS since,
           {_BARRED}, {WITH_PREMISES} AS with_premises
    FROM referral r WHERE r.crn = :crn AND r.status = 'draft'
    UNION ALL
    SELECT '{WorkKind.REFERRAL}', r.id, r.id, r.pack, r.submitted_by, r.status_since, {_BARRED}, FALSE
    FROM referral r WHERE r.crn = :crn AND r.status IN ({_listed(AMENDABLE)})
    UNION ALL
    SELECT '{WorkKind.QUERY}', q.id, r.id, r.pack, r.submitted_by, q.asked_at, {_BARRED}, FALSE
    FROM referral r JOIN referral_query q ON q.referral_id = r.id
    WHERE r.crn = :crn AND r.status = 'query' AND q.answered_at IS NULL
    UNION ALL
    SELECT '{WorkKind.CONCERN}', n.id, r.id, r.pack, NULL, n.written_at, {_BARRED}, FALSE
    FROM referral r JOIN provision_note n ON n.referral_id = r.id
    WHERE r.crn = :crn AND n.kind = 'concern'
      AND NOT EXISTS (SELECT FROM concern_acknowledgement k WHERE k.concern_id = n.id)
    UNION ALL
    SELECT '{WorkKind.PROPOSAL}', p.id, r.id, r.pack, NULL, p.proposed_at, {_BARRED}, FALSE
    FROM referral r JOIN proposal p ON p.referral_id = r.id
    WHERE r.crn = :crn AND r.status IN ({_listed(IN_HAND)})
      AND NOT EXISTS (SELECT FROM proposal_decision d WHERE d.proposal_id = p.id)
    UNION ALL
    SELECT '{WorkKind.CHECK}', k.id, NULL, NULL, k.asked_by, k.asked_at, NULL, FALSE
    FROM check_request k
    WHERE k.crn = :crn AND NOT EXISTS (SELECT FROM check_answer a WHERE a.check_id = k.id)
      AND NOT EXISTS (SELECT FROM check_request r WHERE r.replaces = k.id)
    """  # noqa: S608
)


async def work_under_way(session: Session, crn: str) -> list[_Row]:
    """Return what is under way in a case the caller has been shown or has locked: each with who last did it."""
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_WORK, {"crn": crn})).mappings()]
