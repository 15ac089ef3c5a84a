"""What stood at an instant that has passed: contract, subcontractor, workers, limits, decisions, answers, versions."""

import datetime
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from service.db import Session

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PastWanted:
    """Whose view is asked for, and of which instant; `worker` narrows it to one of the organisation's workers."""

    at: datetime.datetime
    organisation: str
    worker: str | None = None


# Every referral of a visible person that had been sent by then to a contract the organisation was on at that instant.
_REFERRALS = text(
    """
    SELECT r.id, r.crn, r.pack, r.pack_version, r.recipient_id, r.service_category, r.status, r.status_since, r.own,
           r.updated_at, r.submitted_at, m.part, v.number AS version, v.content, v.submitted_at AS version_sent_at,
           COALESCE(t.needs -> 'conditions', '[]') AS conditions_now,
           (SELECT COALESCE(jsonb_agg(n.worker_id), '[]') FROM named_worker n
            WHERE n.referral_id = r.id AND n.named_at <= :at AND (n.withdrawn_at IS NULL OR n.withdrawn_at > :at)
           ) AS named,
           ARRAY(SELECT d.item FROM disclosure d
                 WHERE d.referral_id = r.id AND d.organisation_id = :organisation AND d.decided_at <= :at
                   AND d.expires_at > :at AND (d.withdrawn_at IS NULL OR d.withdrawn_at > :at)
                 ORDER BY d.item) AS disclosed
    FROM referral r JOIN contract t ON t.id = r.recipient_id
    JOIN contract_member m ON m.contract_id = t.id AND m.organisation_id = :organisation AND m.started_at <= :at
                          AND (m.ended_at IS NULL OR m.ended_at > :at)
    JOIN LATERAL (SELECT * FROM referral_version v WHERE v.referral_id = r.id AND v.submitted_at <= :at
                  ORDER BY v.number DESC LIMIT 1) AS v ON TRUE
    WHERE r.crn = :crn ORDER BY r.submitted_at, r.id
    """
)
_STEPS = text(
    """
    SELECT referral_id, from_status, to_status, at FROM referral_step
    WHERE referral_id = ANY(:ids) AND at <= :at ORDER BY id
    """
)
_WORKERS = text(
    """
    SELECT DISTINCT worker_id, name FROM provider_worker
    WHERE organisation_id = :organisation AND started_at <= :at AND (ended_at IS NULL OR ended_at > :at)
      AND (CAST(:worker AS text) IS NULL OR worker_id = :worker)
    """
)
_STANDINGS = text(
    """
    SELECT kind, subject, held, recorded_at FROM standing
    WHERE kind = 'case' AND subject = :crn OR kind = 'organisation' AND subject = :organisation
       OR kind = 'contract' AND subject = ANY(:contracts) OR kind IN ('record', 'disclosure_table')
    ORDER BY recorded_at, id
    """
)
_TODAY = text(
    """
    SELECT c.restricted, o.active, o.name,
           ARRAY(SELECT l.worker_id FROM limited_access l WHERE l.crn = c.crn AND l.kind = 'excluded') AS excluded,
           EXISTS (SELECT FROM case_record g JOIN person_event e ON e.crn = g.crn AND e.kind = 'merge'
                   WHERE g.merged_into = c.crn AND e.recorded_at > :at) AS merged_since
    FROM case_record c LEFT JOIN organisation o ON o.id = :organisation AND o.registered_at <= :at
    WHERE c.crn = :crn
    """
)
_HISTORY = text("SELECT item, change, answer FROM profile_history WHERE crn = :crn AND recorded_at <= :at ORDER BY id")


async def referrals_at(session: Session, crn: str, wanted: PastWanted) -> tuple[list[Row], list[Row]]:
    """Return the referrals an organisation had by contract at an instant, as sent by then, and all their steps."""
    connection = await session.connection()
    named = {"crn": crn, "at": wanted.at, "organisation": wanted.organisation}
    found = [dict(row) for row in (await connection.execute(_REFERRALS, named)).mappings()]
    ids = [row["id"] for row in found]
    steps = (await connection.execute(_STEPS, {"ids": ids, "at": wanted.at})).mappings().all()
    return found, [dict(step) for step in steps]


async def workers_at(session: Session, wanted: PastWanted) -> dict[str, str]:
    """Return the workers an organisation had at an instant, or the one asked for, with their names."""
    connection = await session.connection()
    named = {"at": wanted.at, "organisation": wanted.organisation, "worker": wanted.worker}
    return {row[0]: row[1] for row in await connection.execute(_WORKERS, named)}


async def standings(session: Session, crn: str, organisation: str, contracts: list[str]) -> list[Row]:
    """Return how the case, the organisation and these contracts stood at any time, in order of time."""
    connection = await session.connection()
    named = {"crn": crn, "organisation": organisation, "contracts": contracts}
    return [dict(row) for row in (await connection.execute(_STANDINGS, named)).mappings()]


async def standing_today(session: Session, crn: str, wanted: PastWanted) -> Row:
    """Return how the case and the organisation stand today, and whether another case was merged in since an instant."""
    connection = await session.connection()
    named = {"crn": crn, "at": wanted.at, "organisation": wanted.organisation}
    return dict((await connection.execute(_TODAY, named)).mappings().one())


async def history_until(session: Session, crn: str, at: datetime.datetime) -> list[Row]:
    """Return every change to a visible person's profile up to an instant, in order."""
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_HISTORY, {"crn": crn, "at": at})).mappings()]
