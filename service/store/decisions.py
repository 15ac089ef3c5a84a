"""What an act writes to a referral, and the history it leaves."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from service.access.callers import Caller

_SAVE = text(
    """
    UPDATE referral
    SET status = CAST(:status AS text), received_version = :received_version, revision = revision + 1,
        status_since = CASE WHEN status = CAST(:status AS text) THEN status_since ELSE :now END,
        status_reason = CASE WHEN status = CAST(:status AS text) THEN status_reason
                             ELSE CAST(:status_reason AS text) END,
        updated_by = :by, updated_at = :now
    WHERE id = :id
    RETURNING status, status_reason, status_since, received_version, revision, updated_by, updated_at
    """
)
# Shared until the end, so that nobody can close the case while one of its referrals is being opened again.
# What was done before it was sent is the sender's own business.
_STEPS = text(
    """
    SELECT id, action, from_status, to_status, reason, note, details, actor, role, at FROM referral_step
    WHERE referral_id = :referral_id AND id > :after AND (:all_of_them OR to_status <> 'draft')
    ORDER BY id LIMIT :limit
    """
)


async def save_status(
    session: AsyncSession, referral: Mapping[str, Any], *, by: str, now: datetime.datetime
) -> dict[str, Any]:
    """Write a locked referral's new status, reason and received version, and return it as it then stands.

    A status that stays keeps its reason and its date. Raises IntegrityError where the person already has such a
    referral open; the caller's transaction goes on.
    """
    connection = await session.connection()
    names = ("id", "status", "status_reason", "received_version")
    parameters = {**{name: referral[name] for name in names}, "by": by, "now": now}
    async with connection.begin_nested():
        saved = (await connection.execute(_SAVE, parameters)).mappings().one()
    return {**referral, **saved}


async def steps_page(
    session: AsyncSession, referral_id: uuid.UUID, caller: Caller, *, after: int, limit: int
) -> list[dict[str, Any]]:
    """Return a visible referral's steps after one of them, the oldest first; one more than `limit` where there are."""
    connection = await session.connection()
    parameters = {"referral_id": referral_id, "after": after, "limit": limit + 1, "all_of_them": not caller.receives}
    return [dict(row) for row in (await connection.execute(_STEPS, parameters)).mappings()]
