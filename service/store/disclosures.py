"""Decisions to disclose one more thing to one provider for one referral: made, withdrawn, never deleted."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.db import Session

_COLUMNS = """id, referral_id, organisation_id AS organisation, item, gateway, reason, decided_by, decided_at,
expires_at, withdrawn_by, withdrawn_at"""
_INSERT = text(
    f"""
    INSERT INTO disclosure (id, referral_id, crn, organisation_id, item, gateway, reason, decided_by, decided_at,
                            expires_at)
    VALUES (:id, :referral_id, :crn, :organisation, :item, :gateway, :reason, :decided_by, :decided_at, :expires_at)
    RETURNING {_COLUMNS}
    """  # noqa: S608
)
_PAGE = text(
    f"""
    SELECT {_COLUMNS} FROM disclosure
    WHERE referral_id = :referral_id AND (decided_at, id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid))
    ORDER BY decided_at DESC, id DESC LIMIT :limit
    """  # noqa: S608
)
_LOCK = text(f"SELECT {_COLUMNS} FROM disclosure WHERE id = :id AND referral_id = :referral_id FOR UPDATE")  # noqa: S608
_WITHDRAW = text(
    f"UPDATE disclosure SET withdrawn_by = :by, withdrawn_at = :now WHERE id = :id RETURNING {_COLUMNS}"  # noqa: S608
)


async def insert_disclosure(session: Session, disclosure: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a decision and return it."""
    connection = await session.connection()
    return dict((await connection.execute(_INSERT, {**disclosure, "id": uuid.uuid4()})).mappings().one())


async def disclosures_page(
    session: Session, referral_id: uuid.UUID, before: tuple[str, str], limit: int
) -> list[dict[str, Any]]:
    """Return a visible referral's decisions, newest first, one more than `limit` where there are more."""
    connection = await session.connection()
    parameters = {"referral_id": referral_id, "before_at": before[0], "before_id": before[1], "limit": limit + 1}
    return [dict(row) for row in (await connection.execute(_PAGE, parameters)).mappings()]


async def lock_disclosure(session: Session, referral_id: uuid.UUID, disclosure_id: uuid.UUID) -> dict[str, Any] | None:
    """Return a decision about this referral with its row locked; None where it has no such one."""
    connection = await session.connection()
    found = await connection.execute(_LOCK, {"id": disclosure_id, "referral_id": referral_id})
    row = found.mappings().first()
    return dict(row) if row is not None else None


async def withdraw_disclosure(
    session: Session, disclosure_id: uuid.UUID, *, by: str, now: datetime.datetime
) -> dict[str, Any]:
    """Write who withdrew a locked decision, and when."""
    connection = await session.connection()
    return dict((await connection.execute(_WITHDRAW, {"id": disclosure_id, "by": by, "now": now})).mappings().one())
