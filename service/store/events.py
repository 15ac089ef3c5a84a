"""The outbox: what happened, written in the transaction that made it happen and delivered later."""

import datetime
import json
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_APPEND = text(
    """
    INSERT INTO outbox_event (event_id, crn, type, subject, data, occurred_at)
    VALUES (:event_id, :crn, :type, :subject, CAST(:data AS jsonb), :now)
    """
)


async def append(
    session: AsyncSession, crn: str, event_type: str, subject: str, data: Mapping[str, Any], now: datetime.datetime
) -> None:
    """Add a thin event to the caller's transaction: `subject` and `data` carry ids and codes, never a CRN or a name."""
    connection = await session.connection()
    values = {"event_id": uuid.uuid4(), "crn": crn, "type": event_type, "subject": subject, "now": now}
    await connection.execute(_APPEND, {**values, "data": json.dumps(data, default=str)})
