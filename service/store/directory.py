"""The public directory's rows: providers at work and contracts in force; nothing about a person or a premises."""

import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_SERVICES = text(
    """
    SELECT t.id, t.title, t.description, t.categories, t.areas, t.minimum_age, t.maximum_age,
           o.id AS organisation, o.name AS organisation_name, o.description AS organisation_description,
           o.website, o.email, count(*) OVER () AS total
    FROM contract t
    JOIN recipient x ON x.id = t.id AND x.active AND x.pack = 'commissioned_services'
    JOIN contract_member m ON m.contract_id = t.id AND m.part = 'prime' AND m.ended_at IS NULL
    JOIN organisation o ON o.id = m.organisation_id AND o.active
    WHERE t.starts_on <= :today AND (t.ends_on IS NULL OR t.ends_on >= :today)
    ORDER BY t.id LIMIT :limit OFFSET :skipped
    """
)
_ORGANISATIONS = text(
    """
    SELECT id AS organisation, name AS organisation_name, description AS organisation_description, website, email,
           count(*) OVER () AS total
    FROM organisation WHERE active ORDER BY id LIMIT :limit OFFSET :skipped
    """
)


async def services_in_force(
    session: AsyncSession, today: datetime.date, *, skipped: int, limit: int
) -> list[dict[str, Any]]:
    """Return the contracts in force on a day with their prime providers, each row with how many there are in all."""
    connection = await session.connection()
    parameters = {"today": today, "skipped": skipped, "limit": limit}
    return [dict(row) for row in (await connection.execute(_SERVICES, parameters)).mappings()]


async def organisations_at_work(session: AsyncSession, *, skipped: int, limit: int) -> list[dict[str, Any]]:
    """Return the active providers, each row with how many there are in all."""
    connection = await session.connection()
    rows = await connection.execute(_ORGANISATIONS, {"skipped": skipped, "limit": limit})
    return [dict(row) for row in rows.mappings()]
