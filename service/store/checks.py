"""Checks: what makes them due and how they were asked, for any number of visible cases in one statement."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session
from service.domain.check_requests import PARTS
from service.domain.checks import MADE_DUE_BY, CheckKind
from service.models.referrals import OPEN
from service.store.reaches import CASES_IN_REACH
from service.store.visibility import case_met_by, case_visible_to

# What the profile holds of the checks. A profile is long: as a record it is unpacked once for each person.
_ITEMS = [kind.item(part) for kind in CheckKind for part in PARTS]
_UNPACKED = f"jsonb_to_record(p.answers) AS held ({', '.join(f'{item} jsonb' for item in _ITEMS)})"
# Each value an item came to have that differs from the one before: which, when, and nothing of what it says but the
# kind of place and that there are no children. What was taken back since teaches nothing.
_LEARNED = """
    (SELECT COALESCE(jsonb_agg(jsonb_build_object('item', l.item, 'says', l.says, 'as_of', l.as_of,
                'recorded_at', l.recorded_at, 'first', l.previous IS NULL) ORDER BY l.id), '[]')
     FROM (SELECT h.id, h.item, h.recorded_at, h.answer ->> 'as_of' AS as_of, said.value,
                  CASE WHEN h.item = 'current_location' THEN said.value #>> '{}'
                       WHEN h.item = 'children_in_contact' AND said.value = '[]' THEN 'none' END AS says,
                  lag(said.value) OVER (PARTITION BY h.item ORDER BY h.id) AS previous
           FROM profile_history h
           CROSS JOIN LATERAL (
               SELECT COALESCE(h.answer -> 'conflict' -> 'value', h.answer -> 'value') AS value) AS said
           WHERE h.crn = c.crn AND h.item = ANY(:learned_items) AND h.change IN ('set', 'merged', 'conflict')
             AND said.value <> 'null') AS l
     WHERE l.value IS DISTINCT FROM l.previous AND p.answers -> l.item -> 'value' <> 'null')
"""
_REQUESTS = """
    (SELECT COALESCE(jsonb_object_agg(latest.kind, to_jsonb(latest)), '{}')
     FROM (SELECT DISTINCT ON (k.kind) k.kind, k.id, k.asked_of, k.asked_on, k.asked_at,
                  (SELECT max(h.chased_on) FROM check_chase h WHERE h.check_id = k.id) AS chased_on,
                  a.answered_on, a.result, a.valid_until
           FROM check_request k LEFT JOIN check_answer a ON a.check_id = k.id
           WHERE k.crn = c.crn AND NOT EXISTS (SELECT FROM check_request r WHERE r.replaces = k.id)
           ORDER BY k.kind, k.asked_at DESC, k.id DESC) AS latest)
"""
_HOLDERS = """
    (SELECT COALESCE(jsonb_agg(jsonb_build_object('worker_id', a.worker_id, 'team', a.team, 'capacity', a.capacity)
                               ORDER BY a.capacity), '[]')
     FROM allocation a WHERE a.crn = c.crn AND a.ended_at IS NULL)
"""
_FACTS = f"""
    SELECT c.crn, c.region, {_LEARNED} AS learned, {_REQUESTS} AS requests, {_HOLDERS} AS holders,
        jsonb_strip_nulls(to_jsonb(held)) AS answers,
        (SELECT min(r.created_at) FROM referral r WHERE r.crn = c.crn AND r.{OPEN}) AS referred_at
    FROM case_record c JOIN profile p ON p.crn = c.crn CROSS JOIN LATERAL {_UNPACKED}
"""  # noqa: S608
_ASKED_FOR = """
    (CAST(:region AS text) IS NULL OR c.region = :region)
    AND (CAST(:worker AS text) IS NULL AND CAST(:team AS text) IS NULL
         OR EXISTS (SELECT FROM allocation a WHERE a.crn = c.crn AND a.ended_at IS NULL
                    AND (CAST(:worker AS text) IS NULL OR a.worker_id = :worker)
                    AND (CAST(:team AS text) IS NULL OR a.team = :team)))
"""


@dataclass(frozen=True, slots=True)
class Holding:
    """Whose cases are wanted: a practitioner's, a team's, a region's, or everybody's the caller can see."""

    worker: str | None = None
    team: str | None = None
    region: str | None = None


async def facts_of_case(
    session: Session, crn: str, caller: Caller, now: datetime.datetime, *, arriving: bool = False
) -> dict[str, Any] | None:
    """Return what bears on one person's checks if the caller may see the case, or (`arriving`) is about to have it."""
    visible = case_met_by(caller) if arriving else case_visible_to(caller)
    found = await _facts(session, f"c.crn = :crn AND {visible}", caller, now, {"crn": crn})
    return found[0] if found else None


async def facts_in_reach(
    session: Session, caller: Caller, now: datetime.datetime, holding: Holding | None = None
) -> list[dict[str, Any]]:
    """Return what bears on the checks of each open case that the caller can see, by CRN."""
    wanted = holding or Holding()
    where = f"c.status = 'open' AND c.crn IN ({CASES_IN_REACH}) AND {_ASKED_FOR} AND {case_visible_to(caller)}"
    asked = {"worker": wanted.worker, "team": wanted.team, "region": wanted.region}
    return await _facts(session, where, caller, now, asked)


async def facts_of_people(
    session: Session, crns: Sequence[str], caller: Caller, now: datetime.datetime
) -> list[dict[str, Any]]:
    """Return what bears on the checks of people whom the caller has been shown, in one statement."""
    return await _facts(session, "c.crn = ANY(:crns)", caller, now, {"crns": list(crns)})


async def _facts(
    session: Session, where: str, caller: Caller, now: datetime.datetime, asked: Mapping[str, Any]
) -> list[dict[str, Any]]:
    parameters = {"worker_id": caller.worker, "now": now, "learned_items": list(MADE_DUE_BY), **asked}
    connection = await session.connection()
    found = await connection.execute(text(f"{_FACTS} WHERE {where} ORDER BY c.crn"), parameters)
    return [dict(row) for row in found.mappings()]


_CHECKS = """
    SELECT k.id, k.crn, k.kind, k.asked_of, k.asked_on, k.asked_by, k.asked_at, k.replaces,
        (SELECT r.id FROM check_request r WHERE r.replaces = k.id) AS replaced_by,
        (SELECT COALESCE(jsonb_agg(jsonb_build_object('chased_on', h.chased_on, 'how', h.how, 'chased_by', h.chased_by,
                    'recorded_at', h.recorded_at) ORDER BY h.chased_on, h.recorded_at), '[]')
         FROM check_chase h WHERE h.check_id = k.id) AS chases,
        (SELECT jsonb_build_object('answered_on', a.answered_on, 'result', a.result, 'detail', a.detail,
                    'valid_until', a.valid_until, 'recorded_by', a.recorded_by, 'recorded_at', a.recorded_at)
         FROM check_answer a WHERE a.check_id = k.id) AS answer
    FROM check_request k
"""
_OF_CASE = text(f"{_CHECKS} WHERE k.crn = :crn ORDER BY k.asked_at DESC, k.id")
_FIND = text(f"{_CHECKS} WHERE k.crn = :crn AND k.id = :id")


async def checks_of(session: Session, crn: str) -> list[dict[str, Any]]:
    """Return every check asked about a person the caller has been shown, the latest first."""
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_OF_CASE, {"crn": crn})).mappings()]


async def find_check(session: Session, crn: str, check_id: uuid.UUID) -> dict[str, Any] | None:
    """Return a check about a person the caller has been shown; None where it is not one of theirs."""
    connection = await session.connection()
    row = (await connection.execute(_FIND, {"crn": crn, "id": check_id})).mappings().first()
    return dict(row) if row is not None else None


_ASK = text(
    """
    INSERT INTO check_request (id, crn, kind, asked_of, asked_on, replaces, asked_by, asked_at)
    VALUES (:id, :crn, :kind, :asked_of, :asked_on, :replaces, :by, :now)
    """
)
_CHASE = text(
    """
    INSERT INTO check_chase (id, check_id, crn, chased_on, how, chased_by, recorded_at)
    VALUES (:id, :check_id, :crn, :chased_on, :how, :by, :now)
    """
)
_ANSWER = text(
    """
    INSERT INTO check_answer (check_id, crn, answered_on, result, detail, valid_until, recorded_by, recorded_at)
    VALUES (:check_id, :crn, :answered_on, :result, :detail, :valid_until, :by, :now)
    """
)
_INSERTS = {"request": _ASK, "chase": _CHASE, "answer": _ANSWER}


async def insert(session: Session, what: str, row: Mapping[str, Any], *, by: str, now: datetime.datetime) -> None:
    """Keep an asking, a chase or an answer; the person's profile is locked."""
    connection = await session.connection()
    await connection.execute(_INSERTS[what], {**row, "by": by, "now": now})
