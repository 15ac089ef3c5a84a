"""The record of access: one row an act, in the act's own transaction."""

import datetime
import uuid
from typing import Any

from pydantic_core import to_json
from sqlalchemy import text

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.db import Session
from service.store.sessions import for_driver, run, text_array

# Every read pays for this: it takes the fast road, with its lists as the text of an array.
_APPEND = for_driver(
    """
    INSERT INTO audit_entry (id, at, worker_id, role, client_id, organisation, action, outcome, crns, referral_id,
                             items, withheld, purpose, gateway, details, trace_id)
    VALUES (:id, :at, :worker_id, :role, :client_id, :organisation, :action, :outcome, CAST(:crns AS text[]),
            :referral_id, CAST(:items AS text[]), CAST(:withheld AS text[]), :purpose, :gateway,
            CAST(:details AS jsonb), :trace_id)
    """
)

_MAKE_PARTITIONS = text("SELECT make_audit_partitions(:months)")


async def append(session: Session, record: AccessRecord, caller: Caller, now: datetime.datetime, trace_id: str) -> None:
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
        "crns": text_array(record.crns),
        "referral_id": record.referral_id,
        "items": text_array(record.items),
        "withheld": text_array(record.withheld),
        "purpose": record.purpose,
        "gateway": record.gateway,
        "details": to_json(record.details, fallback=str).decode(),
        "trace_id": trace_id,
    }
    await run(session, _APPEND, values)


async def make_partitions(session: Session, months: int) -> None:
    """Make the partitions of this month and of the months ahead, by the owner's function."""
    connection = await session.connection()
    await connection.execute(_MAKE_PARTITIONS, {"months": months})
