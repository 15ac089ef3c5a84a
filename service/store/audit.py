"""The record of access: one row an act, in the act's own transaction."""

import datetime
import json
import uuid
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from service.access.callers import Caller
from service.access.records import AccessRecord

_APPEND = text(
    """
    INSERT INTO audit_entry (id, at, worker_id, role, client_id, organisation, action, outcome, crns, referral_id,
                             items, details, trace_id)
    VALUES (:id, :at, :worker_id, :role, :client_id, :organisation, :action, :outcome, :crns, :referral_id,
            :items, CAST(:details AS jsonb), :trace_id)
    """
)

_MAKE_PARTITIONS = text("SELECT make_audit_partitions(:months)")


async def append(
    session: AsyncSession, record: AccessRecord, caller: Caller, now: datetime.datetime, trace_id: str
) -> None:
    """Add the row of one request to the caller's transaction."""
    values: dict[str, Any] = {
        "id": uuid.uuid4(),
        "at": now,
        "worker_id": caller.worker,
        "role": str(caller.role),
        "client_id": caller.client,
        "organisation": caller.organisation,
        "action": record.action,
        "outcome": record.outcome,
        "crns": record.crns,
        "referral_id": record.referral_id,
        "items": record.items,
        "details": json.dumps(record.details, default=str),
        "trace_id": trace_id,
    }
    connection = await session.connection()
    await connection.execute(_APPEND, values)


async def make_partitions(session: AsyncSession, months: int) -> None:
    """Make the partitions of this month and of the months ahead, by the owner's function."""
    connection = await session.connection()
    await connection.execute(_MAKE_PARTITIONS, {"months": months})
