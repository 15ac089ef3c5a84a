"""The contracts of commissioned services with their terms and who works under them now; nothing about any person."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from service.db import Session

_TERMS = """
    SELECT t.id, t.title, t.contract_type, t.categories, t.area_kind, t.areas, t.sex, t.minimum_age, t.maximum_age,
           t.starts_on, t.ends_on, x.active AS recipient_active,
           COALESCE((SELECT jsonb_agg(jsonb_build_object(
                                'organisation', o.id, 'name', o.name, 'part', m.part, 'active', o.active)
                            ORDER BY m.part, o.id)
                     FROM contract_member m JOIN organisation o ON o.id = m.organisation_id
                     WHERE m.contract_id = t.id AND m.ended_at IS NULL), '[]') AS members
    FROM contract t JOIN recipient x ON x.id = t.id
"""
_ALL = text(f"{_TERMS} ORDER BY t.id")
_SOME = text(f"{_TERMS} WHERE t.id = ANY(:ids)")


async def all_contracts(session: Session) -> list[dict[str, Any]]:
    """Return every contract, in force or not, the prime provider first among its members."""
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_ALL)).mappings()]


async def contracts_of(session: Session, recipients: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return by id the contracts of those of these recipients that have one."""
    if not recipients:
        return {}
    connection = await session.connection()
    found = await connection.execute(_SOME, {"ids": list(recipients)})
    return {row["id"]: dict(row) for row in found.mappings()}
