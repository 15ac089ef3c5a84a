"""What happened to a person, and the rows it moves: referrals, answers, and everything else of a merged case."""

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from service.db import Session
from service.domain.person_events import AffectedReferral, Consequence
from service.domain.profiles import Answer
from service.models.referrals import OPEN
from service.store.profiles import StoredProfile

_INSERT = text(
    """
    INSERT INTO person_event (id, crn, kind, happened_on, details, recorded_by, recorded_at)
    VALUES (:id, :crn, :kind, :happened_on, CAST(:details AS jsonb), :by, :now)
    """
)
_EARLIER = text("SELECT kind, happened_on FROM person_event WHERE crn = :crn")


async def insert_event(session: Session, event: Mapping[str, Any], *, by: str, now: datetime.datetime) -> None:
    """Keep an event (id, crn, kind, happened_on, details) for ever."""
    connection = await session.connection()
    await connection.execute(_INSERT, {**event, "details": json.dumps(event["details"]), "by": by, "now": now})


async def earlier_events(session: Session, crn: str) -> list[tuple[str, datetime.date]]:
    """Return kind and day of everything recorded of a person so far."""
    connection = await session.connection()
    return [(row.kind, row.happened_on) for row in await connection.execute(_EARLIER, {"crn": crn})]


_OPEN_REFERRALS = text(
    f"""
    SELECT id, pack, status, recipient_id, service_category, second_number FROM referral
    WHERE crn = :crn AND {OPEN} ORDER BY id FOR UPDATE
    """  # noqa: S608
)
_APPLY = text(
    """
    UPDATE referral r
    SET status = m.to_status, status_reason = m.reason, revision = r.revision + 1, updated_by = :by, updated_at = :now,
        status_since = CASE WHEN r.status = m.to_status THEN r.status_since ELSE :now END
    FROM jsonb_to_recordset(CAST(:moves AS jsonb)) AS m (id uuid, to_status text, reason text)
    WHERE r.id = m.id
    """
)


async def lock_open_referrals(session: Session, crn: str) -> list[AffectedReferral]:
    """Lock a case's open referrals, always in the same order."""
    connection = await session.connection()
    return [AffectedReferral(*row) for row in await connection.execute(_OPEN_REFERRALS, {"crn": crn})]


async def apply(session: Session, made: Sequence[Consequence], *, by: str, now: datetime.datetime) -> None:
    """Write what an event does to locked referrals; one that is not marked is left as it is."""
    moves = [
        {"id": str(one.referral.id), "to_status": one.to_status, "reason": one.reason} for one in made if one.marked
    ]
    connection = await session.connection()
    await connection.execute(_APPLY, {"moves": json.dumps(moves), "by": by, "now": now})


_CLOSE = text(
    """
    UPDATE case_record SET status = 'closed', closed_because = :because, merged_into = :merged_into WHERE crn = :crn
    """
)
_REGION = text("UPDATE case_record SET region = :region WHERE crn = :crn")


async def close_case(session: Session, crn: str, because: str, merged_into: str | None = None) -> None:
    """Close a locked case for good."""
    connection = await session.connection()
    await connection.execute(_CLOSE, {"crn": crn, "because": because, "merged_into": merged_into})


async def move_to_region(session: Session, crn: str, region: str) -> None:
    """Note which region supervises the person now."""
    connection = await session.connection()
    await connection.execute(_REGION, {"crn": crn, "region": region})


# A tick says that a revision of the old profile was read: it says nothing about the surviving one.
_MOVE_REFERRALS = text(
    """
    UPDATE referral
    SET crn = :survivor, revision = revision + 1, updated_by = :by, updated_at = :now,
        ticks = CASE WHEN status = 'draft' THEN '{}' ELSE ticks END
    WHERE crn = :crn RETURNING id, pack, status
    """
)
_MOVE_QUERIES = text(
    "UPDATE referral_query q SET crn = :survivor FROM referral r WHERE q.referral_id = r.id AND r.crn = :survivor "
    "AND q.crn = :crn"
)
# What was asked of others goes along, so that somebody goes on waiting for the answer.
_OF_A_CHECK = "FROM check_request w WHERE p.check_id = w.id AND w.crn = :survivor AND p.crn = :crn"
_OF_A_LOWERING = "FROM risk_lowering w WHERE p.lowering_id = w.id AND w.crn = :survivor AND p.crn = :crn"
_MOVE_CHECKS = (
    text("UPDATE check_request SET crn = :survivor WHERE crn = :crn"),
    text(f"UPDATE check_chase p SET crn = :survivor {_OF_A_CHECK}"),  # noqa: S608
    text(f"UPDATE check_answer p SET crn = :survivor {_OF_A_CHECK}"),  # noqa: S608
    text("UPDATE risk_lowering SET crn = :survivor WHERE crn = :crn"),
    text(f"UPDATE risk_lowering_view p SET crn = :survivor {_OF_A_LOWERING}"),  # noqa: S608
)
# What was planned for the case that closes is no longer to be done; who managed it is told with the survivor.
_OVERTAKE = text(
    """
    UPDATE hand_over SET status = 'overtaken', ended_because = 'The case was merged into another.', ended_by = :by,
           ended_at = :now, revision = revision + 1
    WHERE crn = :crn AND status = 'planned'
    """
)
_MOVE_HAND_OVERS = text("UPDATE hand_over SET crn = :survivor WHERE crn = :crn")
# Screenings may only be added to, so the survivor gets copies, which say who screened and when.
_COPY_SCREENINGS = text(
    """
    INSERT INTO mappa_screening (id, crn, category, level, reason, screened_on, review_on, recorded_by, recorded_at)
    SELECT gen_random_uuid(), :survivor, category, level, reason, screened_on, review_on, recorded_by, recorded_at
    FROM mappa_screening WHERE crn = :crn
    """
)
_FILL_HEADER = text(
    """
    UPDATE case_record s
    SET noms_number = COALESCE(s.noms_number, m.noms_number), region = COALESCE(s.region, m.region)
    FROM case_record m WHERE s.crn = :survivor AND m.crn = :crn
    """
)


async def move_referrals(
    session: Session, crn: str, survivor: str, *, by: str, now: datetime.datetime
) -> list[AffectedReferral]:
    """Move every referral of a locked case, open or ended, to the surviving one; return them as they stand."""
    connection = await session.connection()
    parameters = {"crn": crn, "survivor": survivor}
    moved = (await connection.execute(_MOVE_REFERRALS, {**parameters, "by": by, "now": now})).all()
    await connection.execute(_OVERTAKE, {"crn": crn, "by": by, "now": now})
    for statement in (_MOVE_QUERIES, *_MOVE_CHECKS, _MOVE_HAND_OVERS, _COPY_SCREENINGS, _FILL_HEADER):
        await connection.execute(statement, parameters)
    return [AffectedReferral(*row) for row in moved]


_LOCK_PROFILES = text("SELECT crn, revision, answers FROM profile WHERE crn = ANY(:crns) ORDER BY crn FOR UPDATE")
_SET_ASIDE = text(
    """
    INSERT INTO profile_history (crn, item, revision, change, answer, recorded_by, recorded_at)
    SELECT :crn, aside.key, :revision, 'set_aside', aside.value, :by, :now
    FROM jsonb_each(CAST(:answers AS jsonb)) AS aside
    """
)


async def lock_profiles(session: Session, crns: Sequence[str]) -> dict[str, StoredProfile]:
    """Lock the profiles of cases the caller has locked already, always in the same order."""
    connection = await session.connection()
    found = await connection.execute(_LOCK_PROFILES, {"crns": list(crns)})
    return {row.crn: StoredProfile(row.crn, row.revision, row.answers) for row in found}


async def set_aside(
    session: Session, profile: StoredProfile, answers: Mapping[str, Answer], *, by: str, now: datetime.datetime
) -> None:
    """Keep the answers of a merged case that differ from the survivor's in the survivor's history."""
    connection = await session.connection()
    parameters = {"crn": profile.crn, "revision": profile.revision, "by": by, "now": now}
    await connection.execute(_SET_ASIDE, {**parameters, "answers": json.dumps(answers)})
