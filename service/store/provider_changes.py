"""The feed: for whom a change is one, its entries in order, and who acknowledged them."""

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from service.access.callers import Caller
from service.store.visibility import CLOSING_TIME, reach_of, referral_visible_to

Row = dict[str, Any]

_AUDIENCE = """
    SELECT r.id AS referral_id, r.crn, m.organisation_id AS organisation,
           COALESCE(t.needs -> 'conditions', '[]') AS conditions_needed,
           ARRAY(SELECT d.item FROM disclosure d
                 WHERE d.referral_id = r.id AND d.organisation_id = m.organisation_id AND d.decided_at <= :now
                   AND d.expires_at > :now AND d.withdrawn_at IS NULL) AS disclosed
    FROM referral r JOIN contract t ON t.id = r.recipient_id
    JOIN contract_member m ON m.contract_id = t.id AND m.ended_at IS NULL
    JOIN organisation o ON o.id = m.organisation_id AND o.active
    WHERE {whose} AND r.version > 0
      AND (r.status NOT IN ('completed', 'rejected', 'withdrawn', 'expired') OR r.status_since > :closed_since)
    ORDER BY m.organisation_id, r.id
"""
_OF_CASE = text(_AUDIENCE.format(whose="r.crn = :key"))
_OF_REFERRAL = text(_AUDIENCE.format(whose="r.id = CAST(:key AS uuid)"))
_OF_CONTRACT = text(_AUDIENCE.format(whose="r.recipient_id = :key"))
_OF_ORGANISATION = text(_AUDIENCE.format(whose="m.organisation_id = :key"))
_BY_KEY = {"organisation": _OF_ORGANISATION, "crn": _OF_CASE, "referral": _OF_REFERRAL, "contract": _OF_CONTRACT}

# The counters are taken in the order of organisations, and held until the transaction ends: whoever is numbered next
# waits, so that a number once read can have none below it still to come.
_APPEND = text(
    """
    WITH listed AS (
        SELECT e.*, row_number() OVER (PARTITION BY e.organisation ORDER BY e.place) AS nth
        FROM jsonb_to_recordset(CAST(:entries AS jsonb)) AS e (
            place int, organisation text, referral_id uuid, crn text, kind text, items jsonb, raised boolean,
            disclosure_id uuid)
    ), counted AS (
        SELECT organisation, count(*) AS many FROM listed GROUP BY organisation ORDER BY organisation
    ), numbered AS (
        INSERT INTO feed_counter (organisation_id, last, forgotten)
        SELECT organisation, many, 0 FROM counted ORDER BY organisation
        ON CONFLICT (organisation_id) DO UPDATE SET last = feed_counter.last + excluded.last
        RETURNING organisation_id, last
    )
    INSERT INTO feed_entry (organisation_id, number, id, referral_id, crn, kind, items, raised, disclosure_id,
                            occurred_at)
    SELECT l.organisation, n.last - c.many + l.nth, gen_random_uuid(), l.referral_id, l.crn, l.kind, l.items, l.raised,
           l.disclosure_id, :now
    FROM listed l JOIN counted c ON c.organisation = l.organisation
    JOIN numbered n ON n.organisation_id = l.organisation
    """
)
_MARKS = text("SELECT organisation_id, last FROM feed_counter")
_MARK = text("SELECT last, forgotten FROM feed_counter WHERE organisation_id = :organisation")
_ACKNOWLEDGED = "LEFT JOIN acknowledgement k ON k.entry_id = e.id"
_SHOWN = (
    "e.id, e.number, e.referral_id, e.crn, e.kind, e.items, e.raised, e.occurred_at, k.worker_id AS acknowledged_by, \
k.acknowledged_at"
)
_PAGE = """
    SELECT {shown} FROM feed_entry e {acknowledged}
    WHERE e.organisation_id = :organisation AND e.number > :after AND e.number <= :up_to
      AND (e.kind = 'removed' AND CAST(:narrowed_to AS uuid) IS NULL AND {at_work}
           OR EXISTS (SELECT FROM referral r JOIN case_record c ON c.crn = r.crn
                      WHERE r.id = e.referral_id AND {visible}))
      AND NOT EXISTS (SELECT FROM feed_entry later
                      WHERE later.organisation_id = e.organisation_id AND later.referral_id = e.referral_id
                        AND later.kind = 'removed' AND later.number > e.number AND later.number <= :up_to)
    ORDER BY e.number LIMIT :limit
"""
_AT_WORK = """
    EXISTS (SELECT FROM provider_worker w JOIN organisation o ON o.id = w.organisation_id AND o.active
            WHERE w.worker_id = :worker_id AND w.organisation_id = :organisation AND w.ended_at IS NULL)
"""
_FIND = """
    SELECT e.id, e.referral_id, e.crn, k.worker_id AS acknowledged_by, k.acknowledged_at
    FROM feed_entry e JOIN referral r ON r.id = e.referral_id JOIN case_record c ON c.crn = r.crn {acknowledged}
    WHERE e.id = :id AND e.organisation_id = :organisation AND e.kind <> 'removed' AND {visible}
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
_EXPIRED = text(
    """
    SELECT DISTINCT ON (d.referral_id, d.organisation_id, d.item)
           d.id AS disclosure_id, d.item, r.id AS referral_id, r.crn, d.organisation_id AS organisation
    FROM disclosure d JOIN referral r ON r.id = d.referral_id
    WHERE d.expires_at <= :now AND d.expires_at > :looked_back AND d.withdrawn_at IS NULL
      AND NOT EXISTS (SELECT FROM disclosure o
                      WHERE o.referral_id = d.referral_id AND o.organisation_id = d.organisation_id
                        AND o.item = d.item AND o.expires_at > :now AND o.withdrawn_at IS NULL)
      AND NOT EXISTS (SELECT FROM feed_entry e
                      WHERE e.referral_id = d.referral_id AND e.organisation_id = d.organisation_id
                        AND e.disclosure_id IS NOT NULL AND e.items @> to_jsonb(d.item)
                        AND e.occurred_at >= d.expires_at)
    ORDER BY d.referral_id, d.organisation_id, d.item, d.expires_at DESC
    """
)
_CLOSED = text(
    """
    SELECT r.id AS referral_id, r.crn, m.organisation_id AS organisation
    FROM referral r JOIN contract_member m ON m.contract_id = r.recipient_id AND m.ended_at IS NULL
    WHERE r.status IN ('completed', 'rejected', 'withdrawn', 'expired') AND r.version > 0
      AND r.status_since <= :closed_since AND r.status_since > :looked_back
      AND NOT EXISTS (SELECT FROM feed_entry e WHERE e.referral_id = r.id AND e.organisation_id = m.organisation_id
                        AND e.kind = 'removed' AND e.occurred_at >= r.status_since)
    """
)
_FORGET = text(
    """
    WITH gone AS (DELETE FROM feed_entry WHERE occurred_at < :kept_since RETURNING organisation_id, number)
    UPDATE feed_counter c SET forgotten = GREATEST(c.forgotten, o.number)
    FROM (SELECT organisation_id, max(number) AS number FROM gone GROUP BY organisation_id) AS o
    WHERE o.organisation_id = c.organisation_id
    """
)
_KEY = text("SELECT secret FROM cursor_key WHERE id = 1")
_ADD_KEY = text(
    "INSERT INTO cursor_key (id, secret, created_at) VALUES (1, CAST(:secret AS jsonb), :now) ON CONFLICT DO NOTHING"
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7203514829)")


async def audience(session: AsyncSession, by: str, key: Any, now: datetime.datetime) -> list[Row]:
    """Return each provider referral of a `crn`, `referral`, `contract` or `organisation`, once for each on it now.

    With the conditions its contract needs and the items disclosed to that organisation for it.
    """
    connection = await session.connection()
    parameters = {"key": str(key), "now": now, "closed_since": now - CLOSING_TIME}
    return [dict(row) for row in (await connection.execute(_BY_KEY[by], parameters)).mappings()]


async def append(session: AsyncSession, entries: Sequence[Mapping[str, Any]], now: datetime.datetime) -> None:
    """Add entries in order; call it last in a transaction, since it holds each organisation's counter to its end."""
    if not entries:
        return
    connection = await session.connection()
    placed = [{"place": place, **entry} for place, entry in enumerate(entries)]
    await connection.execute(_APPEND, {"entries": json.dumps(placed, default=str), "now": now})


async def marks(session: AsyncSession) -> dict[str, int]:
    """Return how far each organisation's feed has come."""
    connection = await session.connection()
    return {row[0]: row[1] for row in await connection.execute(_MARKS)}


async def mark_of(session: AsyncSession, organisation: str | None) -> tuple[int, int]:
    """Return how far one organisation's feed has come, and up to where it has been forgotten."""
    connection = await session.connection()
    row = (await connection.execute(_MARK, {"organisation": organisation})).first()
    return (row[0], row[1]) if row is not None else (0, 0)


async def page(
    session: AsyncSession, caller: Caller, between: tuple[int, int], limit: int, now: datetime.datetime
) -> list[Row]:
    """Return entries after a number, up to another, that this worker may be served; one more than `limit`."""
    statement = _PAGE.format(
        shown=_SHOWN, acknowledged=_ACKNOWLEDGED, at_work=_AT_WORK, visible=referral_visible_to(caller)
    )
    parameters = {"after": between[0], "up_to": between[1], "limit": limit + 1, "worker_id": caller.worker, "now": now}
    connection = await session.connection()
    found = await connection.execute(text(statement), parameters | reach_of(caller, now))
    return [dict(row) for row in found.mappings()]


async def find_entry(session: AsyncSession, entry_id: uuid.UUID, caller: Caller, now: datetime.datetime) -> Row | None:
    """Return an entry of the caller's organisation about a referral they may see; None otherwise."""
    statement = text(_FIND.format(acknowledged=_ACKNOWLEDGED, visible=referral_visible_to(caller)))
    parameters = {"id": entry_id, "worker_id": caller.worker, "now": now, **reach_of(caller, now)}
    connection = await session.connection()
    row = (await connection.execute(statement, parameters)).mappings().first()
    return dict(row) if row is not None else None


async def acknowledge(session: AsyncSession, entry: Mapping[str, Any], worker: str, now: datetime.datetime) -> None:
    """Keep that a worker knows of a change, unless somebody said so before."""
    connection = await session.connection()
    await connection.execute(_ACKNOWLEDGE, {"id": entry["id"], "crn": entry["crn"], "worker_id": worker, "now": now})


async def changes_of_person(session: AsyncSession, crn: str, before: tuple[str, str], limit: int) -> list[Row]:
    """Return what providers were told about a person, newest first, with who acknowledged it."""
    connection = await session.connection()
    parameters = {"crn": crn, "before_at": before[0], "before_id": before[1], "limit": limit + 1}
    return [dict(row) for row in (await connection.execute(_OF_PERSON, parameters)).mappings()]


async def ends(
    session: AsyncSession, now: datetime.datetime, looked_back: datetime.datetime
) -> tuple[list[Row], list[Row]]:
    """Return the disclosures that have expired and the referrals whose closing time has passed, not yet told of."""
    connection = await session.connection()
    await connection.execute(_ONE_AT_A_TIME)
    expired = (await connection.execute(_EXPIRED, {"now": now, "looked_back": looked_back})).mappings().all()
    since = {"closed_since": now - CLOSING_TIME, "looked_back": looked_back}
    closed = (await connection.execute(_CLOSED, since)).mappings().all()
    return [dict(row) for row in expired], [dict(row) for row in closed]


async def forget(session: AsyncSession, kept_since: datetime.datetime) -> None:
    """Forget entries of before an instant; a cursor older than they were is then told to begin again."""
    connection = await session.connection()
    await connection.execute(_FORGET, {"kept_since": kept_since})


async def cursor_key(session: AsyncSession) -> dict[str, Any] | None:
    """Return the key that cursors are sealed with; None before the first."""
    connection = await session.connection()
    secret: dict[str, Any] | None = (await connection.execute(_KEY)).scalar_one_or_none()
    return secret


async def add_cursor_key(session: AsyncSession, secret: Mapping[str, Any], now: datetime.datetime) -> None:
    """Keep a key unless another process has kept one first."""
    connection = await session.connection()
    await connection.execute(_ADD_KEY, {"secret": json.dumps(secret), "now": now})
