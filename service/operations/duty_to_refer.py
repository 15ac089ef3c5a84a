"""A duty to refer: one at a time waits for a council, and what nobody answers runs out."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service.access.records import AccessRecord
from service.db import Session
from service.domain.duty_to_refer import NEW_REFERRAL, PACK
from service.domain.lifecycle import Action
from service.operations import own_acts
from service.operations.actors import Actor
from service.operations.decisions import Act, move, take_step
from service.operations.expiries import expire
from service.store import audit
from service.store import duty_to_refer as store

WITHDRAWN = "supersede_duty_to_refer"
EXPIRED = "expire_duty_to_refer"


async def follow_sending(session: Session, referral: Mapping[str, Any], actor: Actor) -> None:
    """Do what follows from sending a duty to refer, in its transaction; nothing for another pack.

    The profile is told first, which holds it: of two sent at once the second waits, sees the first and withdraws it. An
    earlier one that no council has answered is withdrawn with a code of its own. One that was answered stays: what the
    council said must not be lost.
    """
    if referral["pack"] != PACK:
        return
    await own_acts.note_sending(session, referral, actor)
    run = uuid.uuid4().hex
    for earlier in await store.lock_unanswered(session, referral["crn"], but=referral["id"]):
        record = AccessRecord(WITHDRAWN, referral_id=earlier["id"], details={"for": str(referral["id"])})
        doer = replace(actor, record=record, if_match=None)
        transition = move(earlier, Action.WITHDRAWAL, doer)
        await take_step(session, earlier, transition, Act(Action.WITHDRAWAL, reason=NEW_REFERRAL), doer)
        await audit.append(session, record, actor.caller, actor.now, run)


async def expire_unanswered(session: Session, *, sent_before: datetime.date, now: datetime.datetime, limit: int) -> int:
    """End up to `limit` duties to refer sent before a day that no council has answered; return how many there were."""
    expired = await store.lock_sent_before(session, sent_before, limit)
    await expire(session, expired, EXPIRED, now)
    return len(expired)
