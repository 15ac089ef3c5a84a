"""The steps of a referral's life, appended with the change that each records."""

import datetime
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.access.callers import Caller
from service.db import Session
from service.store.sessions import for_driver, run


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was done, from which status to which, with its coded reason."""

    referral_id: uuid.UUID
    crn: str
    action: str
    from_status: str | None
    to_status: str
    reason: str | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


_APPEND = for_driver(
    """
    INSERT INTO referral_step (referral_id, crn, action, from_status, to_status, reason, note, details, actor, role, at)
    SELECT CAST(s ->> 'referral_id' AS uuid), s ->> 'crn', s ->> 'action', s ->> 'from_status', s ->> 'to_status',
           s ->> 'reason', s ->> 'note', s -> 'details', :actor, :role, :now
    FROM jsonb_array_elements(CAST(:steps AS jsonb)) WITH ORDINALITY AS listed (s, place) ORDER BY place
    """
)


async def append(session: Session, steps: list[Step], caller: Caller, now: datetime.datetime) -> None:
    """Add steps to the caller's transaction, in order, in one statement."""
    rows = [
        {
            "referral_id": str(step.referral_id),
            "crn": step.crn,
            "action": step.action,
            "from_status": step.from_status,
            "to_status": step.to_status,
            "reason": step.reason,
            "note": step.note,
            "details": dict(step.details),
        }
        for step in steps
    ]
    parameters = {"actor": caller.worker, "role": str(caller.role), "now": now}
    await run(session, _APPEND, {**parameters, "steps": json.dumps(rows, default=str)})
