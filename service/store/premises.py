"""Approved premises: what an administrator keeps of them."""

import datetime
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.db import Session

_COLUMNS = "id, name, kind, places, region"
_FIND = text(f"SELECT {_COLUMNS} FROM premises WHERE id = :id")  # noqa: S608
_LIST = text(f"SELECT {_COLUMNS} FROM premises WHERE id > :after ORDER BY id LIMIT :limit")  # noqa: S608
_PUT = text(
    f"""
    INSERT INTO premises ({_COLUMNS}, registered_at) VALUES (:id, :name, :kind, :places, :region, :now)
    ON CONFLICT (id) DO UPDATE
        SET name = excluded.name, kind = excluded.kind, places = excluded.places, region = excluded.region
    """  # noqa: S608
)


async def put_premises(session: Session, premises_id: str, premises: Mapping[str, Any], now: datetime.datetime) -> None:
    """Register premises, or replace what is registered."""
    connection = await session.connection()
    await connection.execute(_PUT, {**premises, "id": premises_id, "now": now})


async def find_premises(session: Session, premises_id: str) -> dict[str, Any] | None:
    """Return premises, or None where nobody has registered any by this id."""
    connection = await session.connection()
    row = (await connection.execute(_FIND, {"id": premises_id})).mappings().first()
    return dict(row) if row is not None else None


async def list_premises(session: Session, after: str, limit: int) -> list[dict[str, Any]]:
    """Return premises after an id, one more than `limit` where there are more."""
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_LIST, {"after": after, "limit": limit + 1})).mappings()]
