"""A risk level lowered without a current check, or near a release, asks for a manager's view; the view is recorded."""

import uuid
from dataclasses import asdict
from typing import Any

from service.conflicts import ViewAlreadyGiven, ViewNeedsAnother
from service.db import Session
from service.domain.calendar import british_day
from service.domain.profiles import Answers
from service.domain.risk_lowerings import lowered, reasons_to_ask
from service.errors import NotFound
from service.operations.actors import Actor
from service.operations.check_standings import standings_of_case
from service.operations.circumstances import find_circumstances
from service.schemas.risk_lowerings import ViewGiven
from service.store import events
from service.store import risk_lowerings as store

Row = dict[str, Any]


async def ask_for_view(
    session: Session, crn: str, before: Answers, after: Answers, *, revision: int, actor: Actor
) -> None:
    """Record that a change of the profile lowered a risk level, where that asks for a manager's view; else nothing."""
    levels = lowered(before, after)
    if not levels:
        return
    person = (await find_circumstances(session, [crn], actor.caller, actor.now))[crn]
    found = await standings_of_case(session, crn, actor)
    because = reasons_to_ask(found, person.release_on, british_day(actor.now))
    if not because:
        return
    lowering = {"crn": crn, "levels": [asdict(level) for level in levels], "because": because, "revision": revision}
    made = await store.insert_lowering(session, lowering, by=actor.caller.worker, now=actor.now)
    # Which level, and how low, an event does not say.
    await events.append(session, crn, "risk.lowered", str(made), {}, actor.now)


async def read_lowering(session: Session, crn: str, lowering_id: uuid.UUID) -> Row:
    """Return a lowering of a visible person; NotFound for one of another's."""
    found = await store.find_lowering(session, crn, lowering_id)
    if found is None:
        raise NotFound
    return found


async def give_view(session: Session, crn: str, lowering_id: uuid.UUID, body: ViewGiven, actor: Actor) -> Row:
    """Record a manager's view of a lowering by somebody else.

    Raises NotFound, ViewNeedsAnother for one's own lowering, ViewAlreadyGiven.
    """
    found = await read_lowering(session, crn, lowering_id)
    if found["lowered_by"] == actor.caller.worker:
        raise ViewNeedsAnother
    view = {"id": lowering_id, "crn": crn, **body.model_dump()}
    if not await store.insert_view(session, view, by=actor.caller.worker, now=actor.now):
        raise ViewAlreadyGiven
    await events.append(session, crn, "risk.lowering_viewed", str(lowering_id), {}, actor.now)
    items = sorted({level["item"] for level in found["levels"]})
    actor.record.changes(crn, items, lowering=str(lowering_id), view=str(body.view))
    return await read_lowering(session, crn, lowering_id)
