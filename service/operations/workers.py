"""Registering workers: who they are, which team's cases they see, and whether they still work here."""

from service.access.records import AccessRecord
from service.db import Session
from service.schemas.workers import WorkerKept
from service.store import workers as store


async def put_worker(session: Session, worker_id: str, kept: WorkerKept, *, record: AccessRecord) -> list[str]:
    """Create or replace a worker; return the CRNs of the cases that went to another team with them."""
    moved = await store.put_worker(session, worker_id, kept.model_dump())
    record.shows(moved)
    record.notes("changed", worker=worker_id, team=kept.team, active=kept.active)
    return moved
