"""The public directory's rows: providers at work and contracts in force; nothing about a person or a premises."""

import datetime
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from service.db import Session

_IN_FORCE = """
    FROM contract t
    JOIN recipient x ON x.id = t.id AND x.active AND x.pack = 'commissioned_services'
    JOIN contract_member m ON m.contract_id = t.id AND m.part = 'prime' AND m.ended_at IS NULL
    JOIN organisation o ON o.id = m.organisation_id AND o.active
    CROSS JOIN LATERAL (
        SELECT GREATEST(t.starts_on::timestamptz, o.registered_at, m.started_at, max(s.recorded_at)) AS at
        FROM standing s
        WHERE s.kind = 'contract' AND s.subject = t.id OR s.kind = 'organisation' AND s.subject = o.id) AS changed
    WHERE t.starts_on <= :today AND (t.ends_on IS NULL OR t.ends_on >= :today)
"""
_SERVICES = text(
    f"""
    SELECT t.id, t.title, t.description, t.categories, t.areas, t.minimum_age, t.maximum_age,
           o.id AS organisation, o.name AS organisation_name, o.description AS organisation_description,
           o.website, o.email, t.sex, changed.at AS last_modified, count(*) OVER () AS total
    {_IN_FORCE} AND (CAST(:only AS text) IS NULL OR t.id = :only)
      AND (CAST(:organisation AS text) IS NULL OR o.id = :organisation)
      AND (CAST(:category AS text) IS NULL OR t.categories @> to_jsonb(CAST(:category AS text)))
      AND (CAST(:modified_after AS date) IS NULL OR changed.at >= CAST(:modified_after AS date))
      AND (CAST(:search AS text) IS NULL
           OR strpos(lower(concat_ws(' ', t.title, t.description, t.id, o.name, o.description)), lower(:search)) > 0)
    ORDER BY t.id LIMIT :limit OFFSET :skipped
    """
)
_IDS = text(f"SELECT t.id {_IN_FORCE} ORDER BY t.id")
_ORGANISATION_IDS = text("SELECT id FROM organisation WHERE active ORDER BY id")
_ORGANISATIONS = text(
    """
    SELECT id AS organisation, name AS organisation_name, description AS organisation_description, website, email,
           count(*) OVER () AS total
    FROM organisation WHERE active ORDER BY id LIMIT :limit OFFSET :skipped
    """
)


@dataclass(frozen=True, slots=True)
class ServicesWanted:
    """Which services are asked for: of an organisation, of a category, with these words, changed on or since a day."""

    organisation: str | None = None
    category: str | None = None
    search: str | None = None
    modified_after: datetime.date | None = None

    def as_parameters(self) -> dict[str, Any]:
        """Return it as the statement's parameters."""
        return {name: getattr(self, name) for name in ("organisation", "category", "search", "modified_after")}


async def services_in_force(
    session: Session, today: datetime.date, wanted: ServicesWanted, *, skipped: int, limit: int
) -> list[dict[str, Any]]:
    """Return the contracts wanted in force on a day with their prime providers, each row with how many there are."""
    connection = await session.connection()
    parameters = {"today": today, "skipped": skipped, "limit": limit, "only": None, **wanted.as_parameters()}
    return [dict(row) for row in (await connection.execute(_SERVICES, parameters)).mappings()]


async def contracts_in_force(session: Session, today: datetime.date) -> list[str]:
    """Return the ids of the contracts in force on a day."""
    connection = await session.connection()
    return list((await connection.execute(_IDS, {"today": today})).scalars())


async def service_in_force(session: Session, today: datetime.date, contract: str) -> dict[str, Any] | None:
    """Return a contract in force on a day with its prime provider; None where it is not."""
    connection = await session.connection()
    parameters = {"today": today, "skipped": 0, "limit": 1, "only": contract, **ServicesWanted().as_parameters()}
    row = (await connection.execute(_SERVICES, parameters)).mappings().first()
    return dict(row) if row is not None else None


async def known_organisations(session: Session) -> list[str]:
    """Return the ids of the active providers."""
    connection = await session.connection()
    return list((await connection.execute(_ORGANISATION_IDS)).scalars())


async def organisations_at_work(session: Session, *, skipped: int, limit: int) -> list[dict[str, Any]]:
    """Return the active providers, each row with how many there are in all."""
    connection = await session.connection()
    rows = await connection.execute(_ORGANISATIONS, {"skipped": skipped, "limit": limit})
    return [dict(row) for row in rows.mappings()]
