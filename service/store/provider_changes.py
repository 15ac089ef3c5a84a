"""The feed: for whom a change is one, its entries in order, and who acknowledged them."""

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from service.access.callers import Caller
from service.store.sessions import driver_connection, for_driver, run
from service.store.visibility import AT_WORK_FOR_PROVIDER, CLOSING_TIME, reach_of, referral_visible_to

Row = dict[str, Any]

# A referral is in an organisation's sight while it is on the contract, at work, and not kept from the person, and while
# the referral is open or not long ended. What is out of sight is told of nowhere. Which of its workers sees it is
# settled when the feed is read.
_AMONG = """
    JOIN case_record c ON c.crn = r.crn JOIN contract t ON t.id = r.recipient_id
    JOIN contract_member m ON m.contract_id = t.id AND m.ended_at IS NULL
    JOIN organisation o ON o.id = m.organisation_id AND o.active
"""
_UNRESTRICTED = """
    r.version > 0
    AND (NOT c.restricted
         OR EXISTS (SELECT FROM named_worker n JOIN provider_worker w ON w.worker_id = n.worker_id
                    WHERE n.referral_id = r.id AND n.withdrawn_at IS NULL
                      AND w.organisation_id = m.organisation_id))
"""
# While access to a person is restricted, only the workers named for the referral are told anything of it; one who is
# suspended finds it in the feed when they are back.
_LIMITS = """
    c.restricted,
    ARRAY(SELECT DISTINCT n.worker_id FROM named_worker n JOIN provider_worker w ON w.worker_id = n.worker_id
          WHERE n.referral_id = r.id AND n.withdrawn_at IS NULL AND w.organisation_id = m.organisation_id) AS named
"""
_OVER = "r.status IN ('completed', 'rejected', 'withdrawn', 'expired')"
_IN_SIGHT = f"{_UNRESTRICTED} AND (NOT {_OVER} OR r.status_since > :closed_since)"
_AUDIENCE = """
    SELECT r.id AS referral_id, r.crn, m.organisation_id AS organisation,
           COALESCE(t.needs -> 'conditions', '[]') AS conditions_needed, {limits},
           ARRAY(SELECT d.item FROM disclosure d
                 WHERE d.referral_id = r.id AND d.organisation_id = m.organisation_id AND d.decided_at <= :now
                   AND d.expires_at > :now AND d.withdrawn_at IS NULL) AS disclosed {more}
    FROM referral r {among}
    WHERE {whose} AND {in_sight}
    ORDER BY m.organisation_id, r.id
"""
_CONDITIONS = ", (SELECT p.answers -> 'licence_conditions' FROM profile p WHERE p.crn = r.crn) AS licence_conditions"


def _audience(whose: str, more: str = "") -> TextClause:
    return text(_AUDIENCE.format(whose=whose, more=more, limits=_LIMITS, among=_AMONG, in_sight=_IN_SIGHT))


_BY_KEY = {
    "organisation": _audience("m.organisation_id = :key"),
    "crn": _audience("r.crn = :key"),
    "referral": _audience("r.id = CAST(:key AS uuid)"),
    "contract": _audience("r.recipient_id = :key", _CONDITIONS),
}
# Who reads an audience must read it as it is when their change is committed. So what is told of one person is told one
# after another, and who changes whom there is to tell waits for those who are telling, and they for it. Taken after
# every other lock but the counters', persons before sight: nobody who changes sight takes a person.
_SIGHT = 7203514830
_HOLD = {
    "crn": text(f"SELECT pg_advisory_xact_lock_shared({_SIGHT}) FROM profile WHERE crn = :key FOR UPDATE"),  # noqa: S608
    "referral": text(
        f"""
        SELECT pg_advisory_xact_lock_shared({_SIGHT}) FROM profile
        WHERE crn = (SELECT r.crn FROM referral r WHERE r.id = CAST(:key AS uuid)) FOR UPDATE
        """  # noqa: S608
    ),
}
_CHANGE_SIGHT = text(f"SELECT pg_advisory_xact_lock({_SIGHT})")
_SHARE_SIGHT = text(f"SELECT pg_advisory_xact_lock_shared({_SIGHT})")

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
      AND (e.kind = 'removed' AND CAST(:narrowed_to AS uuid) IS NULL AND CAST(:subcontractor AS text) IS NULL
           AND {at_work} OR {visible})
      AND NOT EXISTS (SELECT FROM feed_entry later
                      WHERE later.organisation_id = e.organisation_id AND later.referral_id = e.referral_id
                        AND (later.kind = 'removed' OR later.kind = 'added' AND e.kind <> 'removed')
                        AND later.number > e.number AND later.number <= mark.last AND {later_for_them})
    ORDER BY e.number LIMIT :limit
    ) AS entry ON TRUE ORDER BY entry.number
"""
_AT_WORK = f"""
    {AT_WORK_FOR_PROVIDER}
    AND NOT EXISTS (SELECT FROM limited_access l
                    WHERE l.crn = c.crn AND l.kind = 'excluded' AND l.worker_id = :worker_id)
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
# Not where they have been told since: that it is shown otherwise, or that the referral is there (again) to be read.
_EXPIRED = text(
    f"""
    SELECT DISTINCT ON (d.referral_id, d.organisation_id, d.item)
           d.id AS disclosure_id, d.item, r.id AS referral_id, r.crn, d.organisation_id AS organisation, {_LIMITS}
    FROM disclosure d JOIN referral r ON r.id = d.referral_id {_AMONG}
    WHERE m.organisation_id = d.organisation_id AND {_IN_SIGHT}
      AND d.expires_at <= :now AND d.expires_at > :looked_back AND d.withdrawn_at IS NULL
      AND (CAST(:held AS uuid[]) IS NULL OR r.id = ANY(CAST(:held AS uuid[])))
      AND NOT EXISTS (SELECT FROM disclosure o
                      WHERE o.referral_id = d.referral_id AND o.organisation_id = d.organisation_id
                        AND o.item = d.item AND o.expires_at > :now AND o.withdrawn_at IS NULL)
      AND NOT EXISTS (SELECT FROM feed_entry e
                      WHERE e.referral_id = d.referral_id AND e.organisation_id = d.organisation_id
                        AND (e.kind = 'added' OR e.items @> to_jsonb(d.item)) AND e.occurred_at >= d.expires_at)
    ORDER BY d.referral_id, d.organisation_id, d.item, d.expires_at DESC
    """  # noqa: S608
)
_CLOSED = text(
    f"""
    SELECT r.id AS referral_id, r.crn, m.organisation_id AS organisation, {_LIMITS} FROM referral r {_AMONG}
    WHERE {_UNRESTRICTED} AND {_OVER} AND r.status_since <= :closed_since AND r.status_since > :looked_back
      AND (CAST(:held AS uuid[]) IS NULL OR r.id = ANY(CAST(:held AS uuid[])))
      AND CASE WHEN c.restricted
               THEN NOT EXISTS (SELECT FROM feed_entry e
                                WHERE e.referral_id = r.id AND e.organisation_id = m.organisation_id
                                  AND e.kind = 'removed'
                                  AND e.occurred_at >= r.status_since + CAST(:closing AS interval))
               ELSE COALESCE((SELECT e.kind FROM feed_entry e
                              WHERE e.referral_id = r.id AND e.organisation_id = m.organisation_id
                                AND e.kind IN ('added', 'removed') AND e.only_for IS NULL
                              ORDER BY e.number DESC LIMIT 1), 'added') = 'added' END
    """  # noqa: S608
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
_KEY = "SELECT secret FROM cursor_key WHERE id = 1"
_ADD_KEY = text(
    "INSERT INTO cursor_key (id, secret, created_at) VALUES (1, CAST(:secret AS jsonb), :now) ON CONFLICT DO NOTHING"
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7203514829)")


async def hold(session: AsyncSession, by: str, key: Any) -> None:
    """Keep everybody else from telling of a person, and from changing whom there is to tell, until this has ended."""
    connection = await session.connection()
    await connection.execute(_HOLD[by], {"key": str(key)})


async def hold_sight(session: AsyncSession) -> None:
    """Keep everybody from telling anything until this, which changes whom there is to tell, has ended."""
    connection = await session.connection()
    await connection.execute(_CHANGE_SIGHT)


async def audience(session: AsyncSession, by: str, key: Any, now: datetime.datetime) -> list[Row]:
    """Return each provider referral of a `crn`, `referral`, `contract` or `organisation`, once for each on it now.

    With the conditions its contract needs and the items disclosed to that organisation for it; of a contract, with the
    licence conditions of each person too.
    """
    connection = await session.connection()
    parameters = {"key": str(key), "now": now, "closed_since": now - CLOSING_TIME}
    return [dict(row) for row in (await connection.execute(_BY_KEY[by], parameters)).mappings()]


async def append(session: AsyncSession, entries: Sequence[Mapping[str, Any]], now: datetime.datetime) -> None:
    """Add entries in order, but those that are for nobody.

    Call it last in a transaction, since it holds each organisation's counter to its end.
    """
    placed = [{"place": place, **entry} for place, entry in enumerate(entries) if entry.get("only_for") != []]
    if not placed:
        return
    connection = await session.connection()
    await connection.execute(_APPEND, {"entries": json.dumps(placed, default=str), "now": now})


async def marks(session: AsyncSession) -> dict[str, int]:
    """Return how far each organisation's feed has come."""
    connection = await session.connection()
    return {row[0]: row[1] for row in await connection.execute(_MARKS)}


@dataclass(frozen=True, slots=True)
class Page:
    """How far an organisation's feed has come, up to where it has been forgotten, and entries that may be served."""

    last: int
    forgotten: int
    entries: list[Row]


async def page(session: AsyncSession, caller: Caller, after: int | None, limit: int, now: datetime.datetime) -> Page:
    """Return the entries after a number that this worker may be served, one more than `limit`; without one, none."""
    parameters = {"after": after, "limit": limit + 1, "worker_id": caller.worker, "now": now}
    connection = await driver_connection(session)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_page(referral_visible_to(caller)), parameters | reach_of(caller, now))
        rows = await cursor.fetchall()
    return Page(rows[0]["last"], rows[0]["forgotten"], [row for row in rows if row["id"] is not None])


@cache
def _page(visible: str) -> str:
    statement = _PAGE.format(
        shown=_SHOWN,
        acknowledged=_ACKNOWLEDGED,
        at_work=_AT_WORK,
        visible=visible,
        for_them=_FOR_THEM.format(entry="e"),
        later_for_them=_FOR_THEM.format(entry="later"),
    )
    return for_driver(statement)


async def find_entry(session: AsyncSession, entry_id: uuid.UUID, caller: Caller, now: datetime.datetime) -> Row | None:
    """Return an entry of the caller's organisation about a referral they may see; None otherwise."""
    named = {"acknowledged": _ACKNOWLEDGED, "visible": referral_visible_to(caller)}
    statement = text(_FIND.format(for_them=_FOR_THEM.format(entry="e"), **named))
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
    """Return the disclosures that have expired and the referrals whose closing time has passed, not yet told of.

    They are held until the transaction ends.
    """
    connection = await session.connection()
    await connection.execute(_ONE_AT_A_TIME)
    found = await _ended(connection, now, looked_back, None)
    if not any(found):
        return [], []
    ids = {"ids": [one["referral_id"] for rows in found for one in rows]}
    held = list((await connection.execute(_LEFT_ALONE, ids)).scalars())
    await connection.execute(_SHARE_SIGHT)
    return await _ended(connection, now, looked_back, held)


async def _ended(
    connection: AsyncConnection, now: datetime.datetime, looked_back: datetime.datetime, held: list[uuid.UUID] | None
) -> tuple[list[Row], list[Row]]:
    since: dict[str, Any] = {"closed_since": now - CLOSING_TIME, "looked_back": looked_back, "held": held}
    expired = (await connection.execute(_EXPIRED, {**since, "now": now})).mappings().all()
    closed = (await connection.execute(_CLOSED, {**since, "closing": CLOSING_TIME})).mappings().all()
    return [dict(row) for row in expired], [dict(row) for row in closed]


async def forget(session: AsyncSession, kept_since: datetime.datetime) -> None:
    """Serve no entry of before an instant any more; a cursor older than they were is told to begin again."""
    connection = await session.connection()
    await connection.execute(_FORGET, {"kept_since": kept_since})


async def cursor_key(session: AsyncSession) -> dict[str, Any] | None:
    """Return the key that cursors are sealed with; None before the first."""
    row: tuple[dict[str, Any]] | None = await (await run(session, _KEY, {})).fetchone()
    return row[0] if row is not None else None


async def add_cursor_key(session: AsyncSession, secret: Mapping[str, Any], now: datetime.datetime) -> None:
    """Keep a key unless another process has kept one first."""
    connection = await session.connection()
    await connection.execute(_ADD_KEY, {"secret": json.dumps(secret), "now": now})
