"""What was written on a referral while the service is provided: its event, and the record of access."""

from collections.abc import Mapping
from typing import Any

from service.db import Session
from service.operations.actors import Actor
from service.store import events


async def happened(session: Session, referral: Mapping[str, Any], what: str, actor: Actor, **codes: Any) -> None:
    """Write the event and the record: ids, numbers and codes, never a text, a time or a place.

    The organisations on the contract are told besides, once for the whole act: `tellings.tell_of_referral`.
    """
    await events.append(session, referral["crn"], f"referral.{what}", str(referral["id"]), codes, actor.now)
    actor.record.changes(referral["crn"], **codes)
