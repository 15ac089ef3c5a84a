"""Writing the feed: entries in an order without gaps, and what ended by time alone, told once."""

import datetime
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text

from service.db import Session
from service.store import sights
from service.store.visibility import CLOSING_TIME, ENDED

Row = dict[str, Any]

# The counters are taken in the order of organisations, and held until the transaction ends: whoever is numbered next
# waits, so that a number once read can have none below it still to come.
_APPEND = text(
    """
    WITH listed AS (
        SELECT e.*, row_number() OVER (PARTITION BY e.organisation ORDER BY e.place) AS nth
        FROM jsonb_to_recordset(CAST(:entries AS jsonb)) AS e (
            place int, organisation text, referral_id uuid, crn text, kind text, items jsonb, raised boolean,
            disclosure_id uuid, only_for text[], not_for text[])
    ), counted AS (
        SELECT organisation, count(*) AS many FROM listed GROUP BY organisation ORDER BY organisation
    ), numbered AS (
        INSERT INTO feed_counter (organisation_id, last, forgotten)
        SELECT organisation, many, 0 FROM counted ORDER BY organisation
        ON CONFLICT (organisation_id) DO UPDATE SET last = feed_counter.last + excluded.last
        RETURNING organisation_id, last
    )
    INSERT INTO feed_entry (organisation_id, number, id, referral_id, crn, kind, items, raised, disclosure_id,
                            only_for, not_for, occurred_at)
    SELECT l.organisation, n.last - c.many + l.nth, gen_random_uuid(), l.referral_id, l.crn, l.kind, l.items, l.raised,
           l.disclosure_id, l.only_for, l.not_for, :now
    FROM listed l JOIN counted c ON c.organisation = l.organisation
    JOIN numbered n ON n.organisation_id = l.organisation
    """
)
# An end is told once, to whom it is one at that moment; to nobody else later, who may have come into sight since.
_UNTOLD = """
    SELECT r.id AS referral_id, r.id AS about, r.status_since AS ended_at,
           CAST(NULL AS text) AS organisation, CAST(NULL AS text) AS item
    FROM referral r
    WHERE {whose} AND r.version > 0 AND {ended} AND r.status_since <= :closed_since AND r.status_since > :looked_back
      AND EXISTS (SELECT FROM contract t WHERE t.id = r.recipient_id)
      AND NOT EXISTS (SELECT FROM told_end e WHERE e.about = r.id AND e.ended_at = r.status_since)
    UNION ALL
    SELECT r.id, d.id, d.expires_at, d.organisation_id, d.item
    FROM disclosure d JOIN referral r ON r.id = d.referral_id
    WHERE {whose} AND d.expires_at <= :now AND d.expires_at > :looked_back AND d.withdrawn_at IS NULL
      AND NOT EXISTS (SELECT FROM told_end e WHERE e.about = d.id AND e.ended_at = d.expires_at)
    ORDER BY referral_id, ended_at, about
"""
_TOLD = text(
    """
    INSERT INTO told_end (about, ended_at, told_at)
    SELECT e.about, e.ended_at, :now
    FROM jsonb_to_recordset(CAST(:ends AS jsonb)) AS e (about uuid, ended_at timestamptz)
    ON CONFLICT DO NOTHING
    """
)
# What somebody is working on at this moment is left for the next time.
_LEFT_ALONE = text(
    """
    SELECT r.id FROM referral r JOIN profile p ON p.crn = r.crn
    WHERE r.id = ANY(CAST(:ids AS uuid[])) ORDER BY r.id FOR UPDATE OF r, p SKIP LOCKED
    """
)
# What was said of risk and safeguarding stays, with who acknowledged it: no cursor leads there any more, but it is what
# a practitioner proves by who knew what, and what nobody has acknowledged goes on waiting.
_FORGET = text(
    """
    WITH reached AS (
        SELECT c.organisation_id, c.forgotten, COALESCE(
                   (SELECT e.number - 1 FROM feed_entry e
                    WHERE e.organisation_id = c.organisation_id AND e.number > c.forgotten
                      AND e.occurred_at >= :kept_since ORDER BY e.number LIMIT 1), c.last) AS number
        FROM feed_counter c
    ), gone AS (
        DELETE FROM feed_entry e USING reached x
        WHERE e.organisation_id = x.organisation_id AND e.number > x.forgotten AND e.number <= x.number
          AND e.kind <> 'changed'
    )
    UPDATE feed_counter c SET forgotten = x.number
    FROM reached x WHERE x.organisation_id = c.organisation_id AND x.number > c.forgotten
    """
)
_IS_TOLD = text("SELECT FROM told_end WHERE about = :about AND ended_at = :ended_at")
_FORGET_ENDS = text("DELETE FROM told_end WHERE told_at < :kept_since")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7203514829)")
LOOKED_BACK = datetime.timedelta(days=60)


async def append(session: Session, entries: Sequence[Mapping[str, Any]], now: datetime.datetime) -> None:
    """Add entries in order, but those that are for nobody.

    Call it last in a transaction, since it holds each organisation's counter to its end.
    """
    placed = [{"place": place, **entry} for place, entry in enumerate(entries) if entry.get("only_for") != []]
    if not placed:
        return
    connection = await session.connection()
    await connection.execute(_APPEND, {"entries": json.dumps(placed, default=str), "now": now})


@cache
def _untold(whose: str) -> TextClause:
    return text(_UNTOLD.format(whose=whose, ended=ENDED))


async def untold_ends(session: Session, by: str, key: Any, now: datetime.datetime) -> list[Row]:
    """Return what has ended by time alone and was not told yet: closing times, and an `organisation`'s `item`s."""
    connection = await session.connection()
    since = {"now": now, "closed_since": now - CLOSING_TIME, "looked_back": now - LOOKED_BACK}
    found = await connection.execute(_untold(sights.REFERRALS[by]), {**since, "key": sights.as_key(key)})
    return [dict(row) for row in found.mappings()]


async def all_untold_ends(session: Session, now: datetime.datetime) -> list[Row]:
    """Return the same of everybody, but of those somebody works on at this moment; held until the transaction ends."""
    connection = await session.connection()
    await connection.execute(_ONE_AT_A_TIME)
    found = await untold_ends(session, "all", "", now)
    if not found:
        return []
    ids = sorted({row["referral_id"] for row in found})
    held = list((await connection.execute(_LEFT_ALONE, {"ids": ids})).scalars())
    await sights.share(session)
    return await untold_ends(session, "referrals", held, now)


async def mark_told(session: Session, ends: Sequence[Mapping[str, Any]], now: datetime.datetime) -> None:
    """Keep that ends have been told, or were to be told to nobody."""
    if ends:
        named = [{"about": one["about"], "ended_at": one["ended_at"].isoformat()} for one in ends]
        connection = await session.connection()
        await connection.execute(_TOLD, {"ends": json.dumps(named, default=str), "now": now})


async def is_told(session: Session, about: Any, ended_at: datetime.datetime) -> bool:
    """Whether an end has been told."""
    connection = await session.connection()
    return (await connection.execute(_IS_TOLD, {"about": about, "ended_at": ended_at})).first() is not None


async def forget(session: Session, kept_since: datetime.datetime) -> None:
    """Serve no entry of before an instant any more; a cursor older than they were is told to begin again."""
    connection = await session.connection()
    await connection.execute(_FORGET, {"kept_since": kept_since})
    await connection.execute(_FORGET_ENDS, {"kept_since": kept_since})
