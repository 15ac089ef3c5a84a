"""Taking hold of a referral before it is changed, so that what is decided is decided on what is there."""

from collections.abc import Mapping
from typing import Any

from service.db import Session
from service.errors import NotFound
from service.operations.actors import Actor
from service.store import referrals as store


async def lock(session: Session, referral: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Read a referral again with its row locked; NotFound where it went out of the caller's sight meanwhile."""
    locked = await store.find_referral(session, referral["id"], actor.caller, actor.now, for_change=True)
    if locked is None:
        raise NotFound
    return locked
