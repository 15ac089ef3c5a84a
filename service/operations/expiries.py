"""Ending drafts that nobody has touched for so long that what they say can no longer be relied on."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.access.callers import Caller, ServiceRole
from service.access.records import AccessRecord
from service.db import Session
from service.domain import lifecycle
from service.domain.lifecycle import Action, Side
from service.operations.decisions import Act, take_step
from service.store import audit
from service.store import decisions as store

OPERATION = "expire_draft"
SYSTEM = Caller(worker="housekeeping", role=ServiceRole.SYSTEM, client="referral-broker")


@dataclass(frozen=True, slots=True)
class Housekeeper:
    """Who ends a referral where nobody asked for it, and the record of access it goes into."""

    record: AccessRecord
    now: datetime.datetime
    caller: Caller = SYSTEM


async def expire_drafts(
    session: Session, *, untouched_since: datetime.datetime, now: datetime.datetime, limit: int
) -> int:
    """End up to `limit` drafts that nobody has changed since an instant, and return how many there were.

    Each by the step, event and row in the record of access that any other act leaves. Drafts that somebody, or another
    process, holds at the moment are left for the next run.
    """
    drafts = await store.lock_untouched_drafts(session, untouched_since, limit)
    await expire(session, drafts, OPERATION, now)
    return len(drafts)


async def expire(session: Session, referrals: Sequence[dict[str, Any]], operation: str, now: datetime.datetime) -> None:
    """End locked referrals whose time is over, each by the step, event and row that any other act leaves."""
    run = uuid.uuid4().hex
    for referral in referrals:
        record = AccessRecord(operation, referral_id=referral["id"])
        transition = lifecycle.move(referral["status"], Action.EXPIRY, side=Side.SYSTEM)
        await take_step(session, referral, transition, Act(Action.EXPIRY), Housekeeper(record, now))
        await audit.append(session, record, SYSTEM, now, run)
