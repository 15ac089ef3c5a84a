"""The outbox: what happened, written in the transaction that made it happen and delivered later."""

import datetime
import json
import uuid
from collections.abc import Mapping
from typing import Any

from service.db import Session
from service.store.sessions import for_driver, run

_APPEND = for_driver(
    """
    INSERT INTO outbox_event (event_id, crn, type, subject, data, occurred_at)
    SELECT CAST(e ->> 'event_id' AS uuid), :crn, :type, e ->> 'subject', e -> 'data', :now
    FROM jsonb_array_elements(CAST(:events AS jsonb)) WITH ORDINALITY AS listed (e, place) ORDER BY place
    """
)


async def append(
    session: Session, crn: str, event_type: str, subject: str, data: Mapping[str, Any], now: datetime.datetime
) -> None:
    """Add a thin event to the caller's transaction: `subject` and `data` carry ids and codes, never a CRN or a name."""
    await append_each(session, crn, event_type, {subject: data}, now)


async def append_each(
    session: Session,
    crn: str,
    event_type: str,
    happened: Mapping[str, Mapping[str, Any]],
    now: datetime.datetime,
) -> None:
    """Add an event of one type for each subject, in order, in one statement."""
    each = [{"event_id": uuid.uuid4(), "subject": subject, "data": data} for subject, data in happened.items()]
    written = json.dumps(each, default=str)
    await run(session, _APPEND, {"crn": crn, "type": event_type, "events": written, "now": now})
