"""The workers of one organisation, at work or suspended, and taking hold of them before anything is changed."""

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from service.access.callers import Caller
from service.db import Session

# Whoever a worker works for, two changes of one worker are one after the other.
_LOCK_WORKER = text("SELECT pg_advisory_xact_lock(hashtextextended('provider worker ' || :worker_id, 0))")
_LOCK_ORGANISATIONS = text("SELECT id FROM organisation WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")
_AT_WORK_FOR = text("SELECT organisation_id FROM provider_worker WHERE worker_id = :worker_id AND ended_at IS NULL")
_ADMINISTERS = text(
    """
    SELECT FROM provider_worker w JOIN organisation o ON o.id = w.organisation_id AND o.active
    WHERE w.worker_id = :worker_id AND w.organisation_id = :organisation AND w.ended_at IS NULL AND w.is_administrator
    """
)
_ADMINISTRATORS = text(
    "SELECT worker_id FROM provider_worker WHERE organisation_id = :organisation AND ended_at IS NULL "
    "AND is_administrator"
)
_LATEST = """
    SELECT DISTINCT ON (worker_id) worker_id AS id, organisation_id AS organisation, name,
           is_administrator AS administrator, ended_at IS NULL AS active
    FROM provider_worker WHERE organisation_id = :organisation AND {which}
    ORDER BY worker_id, ended_at DESC NULLS FIRST, started_at DESC
"""
_PAGE = text(f"{_LATEST.format(which='worker_id > :after')} LIMIT :limit")
_FIND = text(_LATEST.format(which="worker_id = :worker_id"))
_SUSPEND = text(
    """
    INSERT INTO service_suspension (id, worker_id, organisation_id, suspended_by, suspended_at)
    VALUES (gen_random_uuid(), :worker_id, :organisation, :by, :now)
    ON CONFLICT (worker_id) WHERE lifted_at IS NULL DO NOTHING
    """
)
_LIFT = text(
    "UPDATE service_suspension SET lifted_by = :by, lifted_at = :now WHERE worker_id = :worker_id AND lifted_at IS NULL"
)
_SUSPENDED_AT = text(
    "SELECT organisation_id FROM service_suspension WHERE worker_id = :worker_id AND lifted_at IS NULL"
)
_UNDER = text(
    """
    SELECT w.worker_id, w.name, o.id AS organisation, o.name AS organisation_name
    FROM provider_worker w JOIN organisation o ON o.id = w.organisation_id AND o.active
    JOIN contract_member m ON m.organisation_id = o.id AND m.ended_at IS NULL AND m.contract_id = :contract
    WHERE w.worker_id = :worker_id AND w.ended_at IS NULL
    """
)


async def lock_worker(session: Session, worker_id: str) -> str | None:
    """Take hold of a worker, registered or not; return the organisation they are at work for, if there is one."""
    connection = await session.connection()
    await connection.execute(_LOCK_WORKER, {"worker_id": worker_id})
    organisation: str | None = (await connection.execute(_AT_WORK_FOR, {"worker_id": worker_id})).scalar_one_or_none()
    return organisation


async def lock_organisations(session: Session, ids: Sequence[str]) -> None:
    """Take hold of organisations, after the worker, so that none loses two administrators at once."""
    connection = await session.connection()
    await connection.execute(_LOCK_ORGANISATIONS, {"ids": list(ids)})


async def administers(session: Session, caller: Caller) -> bool:
    """Whether the caller is an administrator of the organisation they act for, as things stand now."""
    connection = await session.connection()
    named = {"worker_id": caller.worker, "organisation": caller.organisation}
    return (await connection.execute(_ADMINISTERS, named)).first() is not None


async def administrators_of(session: Session, organisation: str) -> frozenset[str]:
    """Return the administrators an organisation has now."""
    connection = await session.connection()
    return frozenset((await connection.execute(_ADMINISTRATORS, {"organisation": organisation})).scalars())


async def find_worker(session: Session, organisation: str, worker_id: str) -> dict[str, Any] | None:
    """Return a worker as the organisation last had them; None where they never were its."""
    connection = await session.connection()
    found = await connection.execute(_FIND, {"organisation": organisation, "worker_id": worker_id})
    row = found.mappings().first()
    return dict(row) if row is not None else None


async def workers_page(session: Session, organisation: str, after: str, limit: int) -> list[dict[str, Any]]:
    """Return an organisation's workers after an id, one more than `limit` where there are more."""
    connection = await session.connection()
    parameters = {"organisation": organisation, "after": after, "limit": limit + 1}
    return [dict(row) for row in (await connection.execute(_PAGE, parameters)).mappings()]


async def suspend_by_service(
    session: Session, worker_id: str, organisation: str, by: str, now: datetime.datetime
) -> None:
    """Keep that the service's administrator suspended a worker, at an organisation; one suspended so already stays."""
    connection = await session.connection()
    await connection.execute(_SUSPEND, {"worker_id": worker_id, "organisation": organisation, "by": by, "now": now})


async def lift_suspension(session: Session, worker_id: str, by: str, now: datetime.datetime) -> None:
    """Keep that the service's administrator has brought a worker back, if they had suspended them."""
    connection = await session.connection()
    await connection.execute(_LIFT, {"worker_id": worker_id, "by": by, "now": now})


async def suspended_by_service_at(session: Session, worker_id: str) -> str | None:
    """Return the organisation at which the service's administrator has a worker suspended now; None for nobody so."""
    connection = await session.connection()
    organisation: str | None = (await connection.execute(_SUSPENDED_AT, {"worker_id": worker_id})).scalar_one_or_none()
    return organisation


async def worker_under(session: Session, worker_id: str, contract: str | None) -> dict[str, Any] | None:
    """Return a worker at work now for an organisation on a contract, with its name; None where there is none such."""
    connection = await session.connection()
    row = (await connection.execute(_UNDER, {"worker_id": worker_id, "contract": contract})).mappings().first()
    return dict(row) if row is not None else None
