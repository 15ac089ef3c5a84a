"""The workers named for a referral of a person with restricted access: named, withdrawn, never deleted."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from service.db import Session

_COLUMNS = """n.id, n.worker_id, n.named_by, n.named_at, n.withdrawn_by, n.withdrawn_at,
           (SELECT w.organisation_id FROM provider_worker w
            JOIN contract_member m ON m.organisation_id = w.organisation_id AND m.ended_at IS NULL
            WHERE w.worker_id = n.worker_id AND w.ended_at IS NULL AND r.recipient_id = m.contract_id
           ) AS organisation"""
_OF = (
    f"SELECT {_COLUMNS} FROM named_worker n JOIN referral r ON r.id = n.referral_id WHERE n.referral_id = :referral_id"  # noqa: S608
)
_PAGE = text(
    f"""
    {_OF} AND (n.named_at, n.id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid))
    ORDER BY n.named_at DESC, n.id DESC LIMIT :limit
    """
)
_LATEST = text(f"{_OF} AND n.worker_id = :worker_id ORDER BY n.withdrawn_at DESC NULLS FIRST, n.named_at DESC LIMIT 1")
_NAME = text(
    """
    INSERT INTO named_worker (id, referral_id, crn, worker_id, named_by, named_at)
    VALUES (gen_random_uuid(), :referral_id, :crn, :worker_id, :by, :now)
    """
)
_WITHDRAW = text(
    """
    UPDATE named_worker SET withdrawn_by = :by, withdrawn_at = :now
    WHERE referral_id = :referral_id AND worker_id = :worker_id AND withdrawn_at IS NULL
    """
)
_EXCLUDED = text("SELECT FROM limited_access WHERE crn = :crn AND worker_id = :worker_id AND kind = 'excluded'")
_LACKS = text(
    """
    SELECT FROM referral r JOIN case_record c ON c.crn = r.crn AND c.restricted
    WHERE r.id = :referral_id
      AND NOT EXISTS (SELECT FROM named_worker n
                      JOIN provider_worker w ON w.worker_id = n.worker_id AND w.ended_at IS NULL
                      JOIN contract_member m ON m.organisation_id = w.organisation_id AND m.ended_at IS NULL
                      WHERE n.referral_id = r.id AND n.withdrawn_at IS NULL AND m.contract_id = r.recipient_id)
    """
)


async def named_page(
    session: Session, referral_id: uuid.UUID, before: tuple[str, str], limit: int
) -> list[dict[str, Any]]:
    """Return those named for a visible referral, newest first, one more than `limit` where there are more."""
    connection = await session.connection()
    parameters = {"referral_id": referral_id, "before_at": before[0], "before_id": before[1], "limit": limit + 1}
    return [dict(row) for row in (await connection.execute(_PAGE, parameters)).mappings()]


async def find_named(session: Session, referral_id: uuid.UUID, worker_id: str) -> dict[str, Any] | None:
    """Return how a worker stands to a visible referral, named or last withdrawn; None who was never named."""
    connection = await session.connection()
    found = await connection.execute(_LATEST, {"referral_id": referral_id, "worker_id": worker_id})
    row = found.mappings().first()
    return dict(row) if row is not None else None


async def name_worker(
    session: Session, referral: Mapping[str, Any], worker_id: str, *, by: str, now: datetime.datetime
) -> None:
    """Name a worker for a locked referral."""
    connection = await session.connection()
    named = {"referral_id": referral["id"], "crn": referral["crn"], "worker_id": worker_id}
    await connection.execute(_NAME, {**named, "by": by, "now": now})


async def withdraw_worker(
    session: Session, referral_id: uuid.UUID, worker_id: str, *, by: str, now: datetime.datetime
) -> None:
    """Write who withdrew a worker from a locked referral, and when."""
    connection = await session.connection()
    await connection.execute(_WITHDRAW, {"referral_id": referral_id, "worker_id": worker_id, "by": by, "now": now})


async def is_excluded(session: Session, crn: str, worker_id: str) -> bool:
    """Whether a worker may never see a case that the caller has been shown."""
    connection = await session.connection()
    return (await connection.execute(_EXCLUDED, {"crn": crn, "worker_id": worker_id})).first() is not None


async def lacks_named_workers(session: Session, referral_id: uuid.UUID) -> bool:
    """Whether the person's access is restricted and nobody at work under the referral's contract has been named."""
    connection = await session.connection()
    return (await connection.execute(_LACKS, {"referral_id": referral_id})).first() is not None
