"""Commissioned providers: organisations, contracts and who works under them; places begin and end, none is deleted."""

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from service.db import Session

_PUT_ORGANISATION = text(
    """
    INSERT INTO organisation (id, name, description, active, registered_at)
    VALUES (:id, :name, COALESCE(CAST(:description AS text), ''), :active, :now)
    ON CONFLICT (id) DO UPDATE
        SET name = excluded.name, description = excluded.description, active = excluded.active
    """
)
_ORGANISATIONS = text("SELECT id FROM organisation WHERE id = ANY(:ids)")
_PUT_CONTRACT = text(
    """
    INSERT INTO contract (id, title, description, contract_type, area_kind, areas, categories, sex, minimum_age,
                          maximum_age, starts_on, ends_on, needs)
    VALUES (:id, :title, '', :contract_type, :area_kind, CAST(:areas AS jsonb), CAST(:categories AS jsonb), :sex,
            :minimum_age, :maximum_age, :starts_on, :ends_on, CAST(:needs AS jsonb))
    ON CONFLICT (id) DO UPDATE
        SET title = excluded.title, contract_type = excluded.contract_type, area_kind = excluded.area_kind,
            areas = excluded.areas, categories = excluded.categories, sex = excluded.sex,
            minimum_age = excluded.minimum_age, maximum_age = excluded.maximum_age,
            starts_on = excluded.starts_on, ends_on = excluded.ends_on, needs = excluded.needs
    """
)
_END_MEMBERS = text(
    """
    UPDATE contract_member m SET ended_at = :now
    WHERE m.contract_id = :id AND m.ended_at IS NULL
      AND NOT EXISTS (SELECT FROM jsonb_to_recordset(CAST(:members AS jsonb)) AS n (organisation text, part text)
                      WHERE n.organisation = m.organisation_id AND n.part = m.part)
    """
)
_START_MEMBERS = text(
    """
    INSERT INTO contract_member (id, contract_id, organisation_id, part, started_at)
    SELECT gen_random_uuid(), :id, n.organisation, n.part, :now
    FROM jsonb_to_recordset(CAST(:members AS jsonb)) AS n (organisation text, part text)
    ON CONFLICT (contract_id, organisation_id) WHERE ended_at IS NULL DO NOTHING
    """
)
_SHOWN = """
    SELECT t.id, t.title, t.contract_type, t.categories, t.area_kind, t.areas, t.sex, t.minimum_age, t.maximum_age,
           t.starts_on, t.ends_on, COALESCE(t.needs -> 'conditions', '[]') AS conditions_needed,
           (SELECT m.organisation_id FROM contract_member m
            WHERE m.contract_id = t.id AND m.part = 'prime' AND m.ended_at IS NULL) AS prime,
           ARRAY(SELECT m.organisation_id FROM contract_member m
                 WHERE m.contract_id = t.id AND m.part = 'subcontractor' AND m.ended_at IS NULL
                 ORDER BY m.organisation_id) AS subcontractors
    FROM contract t
"""
_LIST = text(f"{_SHOWN} WHERE t.id > :after ORDER BY t.id LIMIT :limit")
_MEMBER = text(
    """
    SELECT FROM contract_member m
    WHERE m.contract_id = :contract AND m.organisation_id = :organisation AND m.ended_at IS NULL
    """
)
_END_WORKER = text(
    """
    UPDATE provider_worker SET ended_at = :now, ended_by = :by
    WHERE worker_id = :worker_id AND ended_at IS NULL
      AND (NOT :active OR organisation_id <> :organisation OR name <> :name OR is_administrator <> :administrator)
    """
)
_START_WORKER = text(
    """
    INSERT INTO provider_worker (id, organisation_id, worker_id, name, is_administrator, registered_by, started_at)
    VALUES (gen_random_uuid(), :organisation, :worker_id, :name, :administrator, :by, :now)
    ON CONFLICT (worker_id) WHERE ended_at IS NULL DO NOTHING
    """
)


async def put_organisation(
    session: Session, organisation_id: str, organisation: Mapping[str, Any], now: datetime.datetime
) -> None:
    """Register an organisation, or replace what is registered."""
    connection = await session.connection()
    await connection.execute(_PUT_ORGANISATION, {**organisation, "id": organisation_id, "now": now})


async def known_organisations(session: Session, ids: Sequence[str]) -> frozenset[str]:
    """Return those of these ids that are registered."""
    connection = await session.connection()
    return frozenset((await connection.execute(_ORGANISATIONS, {"ids": list(ids)})).scalars())


async def put_contract(session: Session, contract_id: str, contract: Mapping[str, Any], now: datetime.datetime) -> None:
    """Register a contract or replace it; who leaves it has an end from now, who joins it a beginning."""
    members = [{"organisation": contract["prime"], "part": "prime"}]
    members += [{"organisation": one, "part": "subcontractor"} for one in contract["subcontractors"]]
    lists = {name: json.dumps(contract[name]) for name in ("areas", "categories")}
    needs = json.dumps({"conditions": contract["conditions_needed"]} if contract["conditions_needed"] else {})
    connection = await session.connection()
    await connection.execute(_PUT_CONTRACT, {**contract, **lists, "needs": needs, "id": contract_id})
    placed = {"id": contract_id, "members": json.dumps(members), "now": now}
    await connection.execute(_END_MEMBERS, placed)
    await connection.execute(_START_MEMBERS, placed)


async def list_contracts(session: Session, after: str, limit: int) -> list[dict[str, Any]]:
    """Return contracts after an id, one more than `limit` where there are more."""
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_LIST, {"after": after, "limit": limit + 1})).mappings()]


async def works_under(session: Session, organisation: str, contract: str | None) -> bool:
    """Whether an organisation is on a contract now, as prime or subcontractor."""
    connection = await session.connection()
    parameters = {"organisation": organisation, "contract": contract}
    return (await connection.execute(_MEMBER, parameters)).first() is not None


async def put_worker(
    session: Session, worker_id: str, worker: Mapping[str, Any], *, by: str, now: datetime.datetime
) -> None:
    """Register a provider's worker, change what is registered, or end it; earlier places stay on record."""
    connection = await session.connection()
    parameters = {**worker, "worker_id": worker_id, "by": by, "now": now}
    await connection.execute(_END_WORKER, parameters)
    if worker["active"]:
        await connection.execute(_START_WORKER, parameters)
