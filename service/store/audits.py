"""Searching the record of access: about a person (shown, changed, refused or looked for), by a worker, or of a time."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from service.db import Session
from service.domain import cursors
from service.errors import FieldError, InvalidInput
from service.schemas.audits import EntriesWanted

# A refusal names nobody in `crns`: who asked for whom stands in its details.
_CONDITIONS = {
    "crn": "(crns @> ARRAY[CAST(:crn AS text)] OR details -> 'asked_for' ->> 'crn' = :crn)",
    "worker_id": "worker_id = :worker_id",
    "referral_id": """(referral_id = :referral_id
                       OR details -> 'asked_for' ->> 'referral_id' = CAST(:referral_id AS text))""",
    **{name: f"{name} = :{name}" for name in ("organisation", "client_id", "action", "outcome", "trace_id")},
    "since": "at >= :since",
    "until": "at < :until",
}
_COLUMNS = """id, at, worker_id, role, client_id, organisation, action, outcome, crns, referral_id, items, withheld,
purpose, gateway, details, trace_id"""
# What the person's practitioners may know of it: never whom else the same act was about, nor what was asked for.
_ACCESSES = text(
    """
    SELECT id, at, worker_id, role, organisation, action, outcome, referral_id, items, withheld, purpose, gateway
    FROM audit_entry
    WHERE crns @> ARRAY[CAST(:crn AS text)]
      AND (CAST(:organisation AS text) IS NULL OR organisation = :organisation)
      AND (CAST(:worker AS text) IS NULL OR worker_id = :worker)
      AND (at, id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid))
    ORDER BY at DESC, id DESC LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class AccessesWanted:
    """Which accesses: those before a place (instant or `infinity`, and id), by an organisation, by a worker."""

    before: tuple[str, str]
    limit: int
    organisation: str | None = None
    worker: str | None = None


async def find_accesses(session: Session, crn: str, wanted: AccessesWanted) -> list[dict[str, Any]]:
    """Return who saw or changed a person's record, newest first, one more than the limit where there are more."""
    parameters = {
        "crn": crn,
        "organisation": wanted.organisation,
        "worker": wanted.worker,
        "before_at": wanted.before[0],
        "before_id": wanted.before[1],
        "limit": wanted.limit + 1,
    }
    connection = await session.connection()
    return [dict(row) for row in (await connection.execute(_ACCESSES, parameters)).mappings()]


async def find_entries(session: Session, wanted: EntriesWanted) -> list[dict[str, Any]]:
    """Return entries newest first, one more than `wanted.limit` where there are more."""
    given = wanted.model_dump(include=set(_CONDITIONS), exclude_none=True)
    conditions = [_CONDITIONS[name] for name in given]
    if wanted.cursor is not None:
        conditions.append("(at, id) < (:last_at, :last_id)")
        given |= _last(wanted.cursor)
    statement = text(
        f"SELECT {_COLUMNS} FROM audit_entry WHERE {' AND '.join(conditions)} "  # noqa: S608
        "ORDER BY at DESC, id DESC LIMIT :limit"
    )
    connection = await session.connection()
    found = await connection.execute(statement, given | {"limit": wanted.limit + 1})
    return [dict(row) for row in found.mappings()]


def _last(cursor: str) -> dict[str, Any]:
    try:
        at, entry = cursors.decode(cursor, str, str)
        return {"last_at": datetime.datetime.fromisoformat(at), "last_id": uuid.UUID(entry)}
    except (InvalidInput, ValueError):
        fault = FieldError("/cursor", "cursor", "Use the cursor a page gave you.")
        raise InvalidInput(errors=[fault]) from None
