"""Keeping the approved premises that people can be placed in."""

from typing import Any

from service.db import Session
from service.errors import NotFound
from service.operations.actors import Actor
from service.schemas.premises import PremisesKept
from service.store import premises as store


async def put_premises(session: Session, premises_id: str, kept: PremisesKept, actor: Actor) -> dict[str, Any]:
    """Register premises or replace what is registered; stays that have begun keep the weeks they have."""
    await store.put_premises(session, premises_id, kept.model_dump(mode="json"), actor.now)
    actor.record.notes("changed", premises=premises_id, kind=str(kept.kind), places=kept.places)
    return {"id": premises_id, **kept.model_dump()}


async def read_premises(session: Session, premises_id: str) -> dict[str, Any]:
    """Return premises by their id; NotFound where there are none."""
    found = await store.find_premises(session, premises_id)
    if found is None:
        raise NotFound
    return found
