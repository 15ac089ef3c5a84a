"""Referrals: the one a caller may see, with what its page needs, and the lists of them."""

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session
from service.store.sessions import for_driver, rows
from service.store.visibility import reach_of, referral_visible_to

COLUMNS = """r.id, r.crn, r.pack, r.pack_version, r.recipient_id, r.service_category, r.second_number, r.second_reason,
r.went_on_because, r.status, r.status_reason, r.status_since, r.revision, r.own, r.variants, r.ticks, r.version,
r.received_version, r.created_by, r.created_at, r.updated_by, r.updated_at, r.submitted_by, r.submitted_at,
x.name AS recipient_name, x.organisation AS recipient_organisation, x.area AS recipient_area,
x.contract AS recipient_contract, c.status AS case_status"""
TABLES = "referral r JOIN case_record c ON c.crn = r.crn LEFT JOIN recipient x ON x.id = r.recipient_id"


async def find_referral(
    session: Session,
    referral_id: uuid.UUID,
    caller: Caller,
    now: datetime.datetime,
    *,
    for_change: bool = False,
) -> dict[str, Any] | None:
    """Return a referral if this caller may see it, its row locked `for_change`; None whether absent or hidden."""
    lock = "FOR UPDATE OF r" if for_change else ""
    statement = text(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE r.id = :id AND {referral_visible_to(caller)} {lock}"  # noqa: S608
    )
    parameters = {"id": referral_id, "worker_id": caller.worker, "now": now, **reach_of(caller, now)}
    connection = await session.connection()
    row = (await connection.execute(statement, parameters)).mappings().first()
    return dict(row) if row is not None else None


_OPEN = "status IN ('draft', 'submitted', 'received', 'query', 'accepted', 'scheduled', 'started')"

# One statement for all of them: a referral already open leaves its row out, after waiting for whoever is opening it.
_INSERT = for_driver(
    f"""
    INSERT INTO referral (id, crn, pack, pack_version, recipient_id, service_category, second_number, second_reason,
                          went_on_because, status, status_since, revision, own, variants, ticks, version,
                          received_version, created_by, created_at, updated_by, updated_at)
    SELECT n.id, made.crn, n.pack, n.pack_version, n.recipient_id, n.service_category,
           CASE WHEN n.second_reason IS NULL THEN 0 ELSE 1 + COALESCE((
               SELECT max(o.second_number) FROM referral o
               WHERE o.crn = made.crn AND o.pack = n.pack AND o.recipient_id IS NOT DISTINCT FROM n.recipient_id
                 AND o.service_category IS NOT DISTINCT FROM n.service_category), 0) END,
           n.second_reason, n.went_on_because, 'draft', made.at, 1, n.own, '{{}}', '{{}}', 0, 0,
           made.by, made.at, made.by, made.at
    FROM jsonb_to_recordset(CAST(:drafts AS jsonb)) AS n (
        place int, id uuid, pack text, pack_version text, recipient_id text, service_category text,
        second_reason text, went_on_because text, own jsonb)
    CROSS JOIN (SELECT CAST(:crn AS text) AS crn, CAST(:by AS text) AS by,
                       CAST(:now AS timestamptz) AS at) AS made
    ORDER BY n.pack, n.recipient_id, n.service_category, n.place
    ON CONFLICT (crn, pack, recipient_id, service_category, second_number) WHERE {_OPEN} DO NOTHING
    RETURNING id, second_number
    """  # noqa: S608
)
_FIND_OPEN = text(
    f"""
    SELECT id, pack, status, second_number FROM referral
    WHERE crn = :crn AND pack = :pack AND recipient_id IS NOT DISTINCT FROM CAST(:recipient_id AS text)
      AND service_category IS NOT DISTINCT FROM CAST(:service_category AS text) AND {_OPEN}
    ORDER BY second_number LIMIT 1
    """  # noqa: S608
)
_LAST_ENDED = for_driver(
    """
    SELECT DISTINCT ON (pack, service_category) pack, service_category, own FROM referral
    WHERE crn = :crn AND pack = ANY(:packs) AND status IN ('rejected', 'withdrawn', 'expired')
    ORDER BY pack, service_category, status_since DESC, id
    """
)
_SENT = for_driver(
    "SELECT DISTINCT pack FROM referral WHERE crn = :crn AND version > 0 AND status NOT IN ('withdrawn', 'expired')"
)


async def insert_drafts(
    session: Session, crn: str, drafts: Sequence[Mapping[str, Any]], *, by: str, now: datetime.datetime
) -> dict[uuid.UUID, int]:
    """Insert drafts in pack order and return each one's second number; one that is open already is missing from it."""
    parameters = {"crn": crn, "drafts": json.dumps(drafts, default=str), "by": by, "now": now}
    return dict(await rows(session, _INSERT, parameters))


async def find_open(
    session: Session, crn: str, pack: str, recipient_id: str | None, service_category: str | None
) -> Any:
    """Return the open referral (id, pack, status) that a new one would repeat, or None."""
    connection = await session.connection()
    parameters = {"crn": crn, "pack": pack, "recipient_id": recipient_id, "service_category": service_category}
    return (await connection.execute(_FIND_OPEN, parameters)).first()


async def last_ended(session: Session, crn: str, packs: Sequence[str]) -> dict[tuple[str, str | None], dict[str, Any]]:
    """Return by pack and service category what the last referral that came to nothing held of its own."""
    found = await rows(session, _LAST_ENDED, {"crn": crn, "packs": list(packs)})
    return {(pack, service_category): own for pack, service_category, own in found}


async def packs_sent(session: Session, crn: str) -> frozenset[str]:
    """Return the packs of which a referral has been sent for the person and still stands."""
    return frozenset(pack for (pack,) in await rows(session, _SENT, {"crn": crn}))


async def referrals_of_case(
    session: Session, crn: str, caller: Caller, now: datetime.datetime, *, drafts_only: bool = False
) -> list[dict[str, Any]]:
    """Return a visible case's referrals, the newest first."""
    only = "AND r.status = 'draft'" if drafts_only else ""
    statement = text(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE r.crn = :crn AND {referral_visible_to(caller)} {only} "  # noqa: S608
        "ORDER BY r.created_at DESC, r.id"
    )
    parameters = {"crn": crn, "worker_id": caller.worker, "now": now, **reach_of(caller, now)}
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(statement, parameters)).mappings()]


_SAVE_DRAFT = text(
    """
    UPDATE referral SET recipient_id = :recipient_id, pack_version = :pack_version, went_on_because = :went_on_because,
           own = CAST(:own AS jsonb), variants = CAST(:variants AS jsonb), ticks = CAST(:ticks AS jsonb),
           revision = revision + 1, updated_by = :by, updated_at = :now
    WHERE id = :id
    """
)


async def save_draft(session: Session, referral: Mapping[str, Any], *, by: str, now: datetime.datetime) -> None:
    """Write a locked referral's own parts; IntegrityError when naming its recipient repeats an open referral."""
    connection = await session.connection()
    parameters = {name: referral[name] for name in ("id", "recipient_id", "pack_version", "went_on_because")}
    parts = {name: json.dumps(referral[name]) for name in ("own", "variants", "ticks")}
    async with connection.begin_nested():
        await connection.execute(_SAVE_DRAFT, {**parameters, **parts, "by": by, "now": now})


_INSERT_VERSION = text(
    """
    INSERT INTO referral_version (referral_id, number, crn, content, digest, differences, reason, profile_revision,
                                  submitted_by, submitted_at)
    VALUES (:referral_id, :number, :crn, CAST(:content AS jsonb), :digest, CAST(:differences AS jsonb), :reason,
            :profile_revision, :submitted_by, :submitted_at)
    """
)
_MARK_SENT = text(
    """
    UPDATE referral r SET status = sent.status, version = :number, revision = revision + 1,
           status_since = CASE WHEN r.status = sent.status THEN status_since ELSE sent.at END,
           updated_by = sent.by, updated_at = sent.at,
           submitted_by = COALESCE(submitted_by, sent.by), submitted_at = COALESCE(submitted_at, sent.at)
    FROM (SELECT CAST(:status AS text) AS status, CAST(:submitted_by AS text) AS by,
                 CAST(:submitted_at AS timestamptz) AS at) AS sent
    WHERE id = :referral_id
    """
)
_READ_VERSION = text(
    """
    SELECT number, content, digest, differences, reason, profile_revision, submitted_by, submitted_at
    FROM referral_version WHERE referral_id = :referral_id AND number = :number
    """
)


async def insert_version(session: Session, version: Mapping[str, Any], *, status: str) -> None:
    """Keep an immutable version and mark its referral sent, in the status given."""
    connection = await session.connection()
    written = {name: json.dumps(version[name]) for name in ("content", "differences")}
    await connection.execute(_INSERT_VERSION, {**version, **written})
    named = {name: version[name] for name in ("referral_id", "number", "submitted_by", "submitted_at")}
    await connection.execute(_MARK_SENT, {**named, "status": status})


async def read_version(session: Session, referral_id: uuid.UUID, number: int) -> dict[str, Any] | None:
    """Return one version of a referral the caller has been shown; None where there is no such number."""
    connection = await session.connection()
    parameters = {"referral_id": referral_id, "number": number}
    row = (await connection.execute(_READ_VERSION, parameters)).mappings().first()
    return dict(row) if row is not None else None
