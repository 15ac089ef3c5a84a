"""What an act writes to a referral, and the history it leaves."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session
from service.domain.lifecycle import OPEN_STATUSES, Action, Condition

_OPEN = ", ".join(f"'{status}'" for status in OPEN_STATUSES)

# A suspension outlasts every other act while the referral is open, a rejection that is reopened too. Once resumed, the
# status has the reason again that it was entered with.
_SAVE = text(
    f"""
    UPDATE referral r
    SET status = CAST(:status AS text), received_version = :received_version, revision = revision + 1,
        status_since = CASE WHEN status = CAST(:status AS text) THEN status_since ELSE :now END,
        status_reason = CASE
            WHEN :resumed THEN (
                SELECT s.reason FROM referral_step s
                WHERE s.referral_id = r.id AND s.to_status = r.status AND s.from_status IS DISTINCT FROM s.to_status
                ORDER BY s.id DESC LIMIT 1)
            WHEN CAST(:status AS text) IN ({_OPEN}) AND (
                r.status_reason = '{Condition.SUSPENDED}' OR (r.status = 'rejected' AND '{Condition.SUSPENDED}' = (
                    SELECT COALESCE(s.reason, s.action) FROM referral_step s
                    WHERE s.referral_id = r.id
                      AND (s.action = '{Action.RESUMPTION}'
                           OR (s.action = 'person_event' AND s.reason IN ('{Condition.SUSPENDED}', 'recalled')))
                    ORDER BY s.id DESC LIMIT 1)))
                THEN '{Condition.SUSPENDED}'
            WHEN status = CAST(:status AS text) THEN status_reason
            ELSE CAST(:status_reason AS text) END,
        updated_by = :by, updated_at = :now
    WHERE id = :id
    RETURNING status, status_reason, status_since, received_version, revision, updated_by, updated_at
    """  # noqa: S608
)
# What was done before it was sent is the sender's own business.
_STEPS = text(
    """
    SELECT id, action, from_status, to_status, reason, note, details, actor, role, at FROM referral_step
    WHERE referral_id = :referral_id AND id > :after AND (:all_of_them OR to_status <> 'draft')
    ORDER BY id LIMIT :limit
    """
)


async def save_status(
    session: Session, referral: Mapping[str, Any], *, resumed: bool = False, by: str, now: datetime.datetime
) -> dict[str, Any]:
    """Write a locked referral's new status, reason and received version, and return it as it then stands.

    A status that stays keeps its reason and its date; a suspension stays until it is `resumed`. Raises IntegrityError
    where the person already has such a referral open; the caller's transaction goes on.
    """
    connection = await session.connection()
    names = ("id", "status", "status_reason", "received_version")
    parameters = {**{name: referral[name] for name in names}, "resumed": resumed, "by": by, "now": now}
    async with connection.begin_nested():
        saved = (await connection.execute(_SAVE, parameters)).mappings().one()
    return {**referral, **saved}


_UNTOUCHED = text(
    """
    SELECT id, crn, pack, status, status_reason, recipient_id, service_category, version, received_version
    FROM referral WHERE status = 'draft' AND updated_at <= :untouched_since
    ORDER BY updated_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
    """
)


async def lock_untouched_drafts(
    session: Session, untouched_since: datetime.datetime, limit: int
) -> list[dict[str, Any]]:
    """Lock the drafts that nobody has changed since an instant, the oldest first, save those somebody else holds."""
    connection = await session.connection()
    found = await connection.execute(_UNTOUCHED, {"untouched_since": untouched_since, "limit": limit})
    return [dict(row) for row in found.mappings()]


async def steps_page(
    session: Session, referral_id: uuid.UUID, caller: Caller, *, after: int, limit: int
) -> list[dict[str, Any]]:
    """Return a visible referral's steps after one of them, the oldest first; one more than `limit` where there are."""
    connection = await session.connection()
    parameters = {"referral_id": referral_id, "after": after, "limit": limit + 1, "all_of_them": not caller.is_sent_to}
    return [dict(row) for row in (await connection.execute(_STEPS, parameters)).mappings()]
