"""The record of access: one row an act, in the act's own transaction."""

import datetime
import json
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.store.sessions import driver_connection

# On psycopg's own connection, and lists as the text of an array: every read pays for this.
_APPEND = """
    INSERT INTO audit_entry (id, at, worker_id, role, client_id, organisation, action, outcome, crns, referral_id,
                             items, details, trace_id)
    VALUES (%(id)s, %(at)s, %(worker_id)s, %(role)s, %(client_id)s, %(organisation)s, %(action)s, %(outcome)s,
            CAST(%(crns)s AS text[]), %(referral_id)s, CAST(%(items)s AS text[]), CAST(%(details)s AS jsonb),
            %(trace_id)s)
"""

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
        "crns": _array(record.crns),
        "referral_id": record.referral_id,
        "items": _array(record.items),
        "details": json.dumps(record.details, default=str),
        "trace_id": trace_id,
    }
    connection = await driver_connection(session)
    await connection.execute(_APPEND, values)


def _array(names: Sequence[str]) -> str:
    """Write ids and names from the catalogue as PostgreSQL writes an array: a quote and a backslash as JSON does."""
    return f"{{{json.dumps(names, ensure_ascii=False)[1:-1]}}}"


async def make_partitions(session: AsyncSession, months: int) -> None:
    """Make the partitions of this month and of the months ahead, by the owner's function."""
    connection = await session.connection()
    await connection.execute(_MAKE_PARTITIONS, {"months": months})
