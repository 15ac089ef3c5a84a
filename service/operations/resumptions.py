"""Letting a referral go on after a fixed-term recall, from where it stood, with the new day of release."""

from collections.abc import Mapping
from typing import Any

from service.db import Session
from service.domain.lifecycle import Action
from service.domain.person_events import RECALLS
from service.errors import FieldError, InvalidInput
from service.operations import stay_events
from service.operations.actors import Actor
from service.operations.decisions import Act, Referral, move, require_revision, take_step
from service.operations.locks import lock
from service.schemas.decisions import Resumption
from service.store import person_events


async def resume_referral(session: Session, referral: Mapping[str, Any], body: Resumption, actor: Actor) -> Referral:
    """Resume a suspended referral and return it as it then stands; the timeline counts from the day noted.

    Raises InvalidInput for a re-release that does not come after the recall, TransitionNotAllowed for a referral that
    no recall suspends, RevisionStale.
    """
    locked = await lock(session, referral, actor)
    events = await person_events.earlier_events(session, locked["crn"])
    recalled_on = max((day for kind, day in events if kind in RECALLS), default=None)
    if recalled_on is not None and body.re_release_on <= recalled_on:
        fault = FieldError("/re_release_on", "before-recall", "The re-release comes after the recall.")
        raise InvalidInput(errors=[fault])
    transition = move(locked, Action.RESUMPTION, actor)
    require_revision(locked, actor)
    await stay_events.note_re_release(session, locked["crn"], body.re_release_on, actor.caller, actor.now)
    act = Act(Action.RESUMPTION, note=body.note, details={"re_release_on": body.re_release_on.isoformat()})
    return await take_step(session, locked, transition, act, actor)
