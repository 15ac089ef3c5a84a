"""Who a referral can be sent to. Nothing here is about a person, so everybody may see it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from service.db import Session

_COLUMNS = "id, pack, name, organisation, area, contract, active"
_FIND = text(f"SELECT {_COLUMNS} FROM recipient WHERE id = ANY(:ids) ORDER BY id")  # noqa: S608
_LIST = text(
    f"""
    SELECT {_COLUMNS} FROM recipient
    WHERE active AND (CAST(:pack AS text) IS NULL OR pack = :pack) AND id > :after
    ORDER BY id LIMIT :limit
    """  # noqa: S608
)
# The row is locked before anybody looks whether referrals name it, so that none can be made in between.
_LOCK = text(f"SELECT {_COLUMNS} FROM recipient WHERE id = :id FOR UPDATE")  # noqa: S608
_IN_USE = text("SELECT EXISTS (SELECT FROM referral WHERE recipient_id = :id)")
_PUT = text(
    f"""
    INSERT INTO recipient ({_COLUMNS})
    VALUES (:id, :pack, :name, :organisation, :area, CAST(:contract AS jsonb), :active)
    ON CONFLICT (id) DO UPDATE
        SET pack = excluded.pack, name = excluded.name, organisation = excluded.organisation, area = excluded.area,
            contract = excluded.contract, active = excluded.active
    """  # noqa: S608
)


async def find_recipients(session: Session, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return the recipients of these ids, active or not; an unknown id is missing from the answer."""
    if not ids:
        return []
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_FIND, {"ids": list(ids)})).mappings()]


async def list_recipients(session: Session, pack: str | None, after: str, limit: int) -> list[dict[str, Any]]:
    """Return active recipients after an id, one more than `limit` where there are more."""
    connection = await session.connection()
    parameters = {"pack": pack, "after": after, "limit": limit + 1}
    return [dict(row) for row in (await connection.execute(_LIST, parameters)).mappings()]


async def lock_recipient(session: Session, recipient_id: str) -> dict[str, Any] | None:
    """Return a recipient with its row locked, or None."""
    connection = await session.connection()
    row = (await connection.execute(_LOCK, {"id": recipient_id})).mappings().first()
    return dict(row) if row is not None else None


async def is_in_use(session: Session, recipient_id: str) -> bool:
    """Whether any referral, open or ended, names the recipient."""
    connection = await session.connection()
    return bool((await connection.execute(_IN_USE, {"id": recipient_id})).scalar_one())


async def put_recipient(session: Session, recipient_id: str, recipient: Mapping[str, Any]) -> None:
    """Create or replace a recipient."""
    connection = await session.connection()
    await connection.execute(_PUT, {**recipient, "id": recipient_id, "contract": json.dumps(recipient["contract"])})
