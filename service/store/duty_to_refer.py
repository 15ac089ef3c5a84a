"""Duties to refer: those of one person that wait for a council, and those that have waited too long."""

import datetime
import uuid
from typing import Any

from sqlalchemy import TextClause, text

from service.db import Session
from service.domain.duty_to_refer import PACK, UNANSWERED

_COLUMNS = "id, crn, pack, status, status_reason, recipient_id, service_category, version, received_version"
_WAITING = f"pack = '{PACK}' AND status IN ({', '.join(repr(str(status)) for status in UNANSWERED)})"
_UNANSWERED = text(
    f"SELECT {_COLUMNS} FROM referral WHERE crn = :crn AND id <> :but AND {_WAITING} ORDER BY id FOR UPDATE"  # noqa: S608
)
_SENT_BEFORE = text(
    f"""
    SELECT {_COLUMNS} FROM referral
    WHERE {_WAITING} AND CAST(submitted_at AT TIME ZONE 'Europe/London' AS date) < :day
    ORDER BY submitted_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
    """  # noqa: S608
)
_NEWEST = text(
    f"SELECT id FROM referral WHERE crn = :crn AND pack = '{PACK}' AND submitted_at IS NOT NULL "  # noqa: S608
    "ORDER BY submitted_at DESC, id DESC LIMIT 1"
)


async def lock_unanswered(session: Session, crn: str, *, but: uuid.UUID) -> list[dict[str, Any]]:
    """Lock the person's sent referrals to councils that wait for an answer, except one."""
    return await _rows(session, _UNANSWERED, crn=crn, but=but)


async def lock_sent_before(session: Session, day: datetime.date, limit: int) -> list[dict[str, Any]]:
    """Lock the referrals sent before a day that wait for an answer, the oldest first; not those somebody else holds."""
    return await _rows(session, _SENT_BEFORE, day=day, limit=limit)


async def is_newest_sent(session: Session, crn: str, referral_id: uuid.UUID) -> bool:
    """Whether no referral to a council was sent for the person after this one."""
    found = await _rows(session, _NEWEST, crn=crn)
    return bool(found) and found[0]["id"] == referral_id


async def _rows(session: Session, statement: TextClause, **parameters: Any) -> list[dict[str, Any]]:
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(statement, parameters)).mappings()]
