"""How organisations, contracts and cases stood: added to whenever their own rows are replaced, never changed."""

import datetime
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.db import Session

_LATEST = text(
    "SELECT held FROM standing WHERE kind = :kind AND subject = :subject ORDER BY recorded_at DESC, id DESC LIMIT 1"
)
_APPEND = text(
    """
    INSERT INTO standing (id, kind, subject, held, recorded_by, recorded_at)
    VALUES (gen_random_uuid(), :kind, :subject, CAST(:held AS jsonb), :by, :now)
    """
)


async def latest(session: Session, kind: str, subject: str) -> dict[str, Any] | None:
    """Return how something has stood since its last row; None where it has none."""
    connection = await session.connection()
    held: dict[str, Any] | None = (
        await connection.execute(_LATEST, {"kind": kind, "subject": subject})
    ).scalar_one_or_none()
    return held


async def append(
    session: Session, kind: str, subject: str, held: Mapping[str, Any], *, by: str, now: datetime.datetime
) -> None:
    """Keep how an `organisation`, a `contract` or a `case` stands from now on."""
    connection = await session.connection()
    parameters = {"kind": kind, "subject": subject, "held": json.dumps(held), "by": by, "now": now}
    await connection.execute(_APPEND, parameters)
