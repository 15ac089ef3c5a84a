"""The feed over HTTP: what changed for a provider since it last looked, and its acknowledgement by name."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from service.domain import cursors
from service.errors import FeedCursorGone, NotFound, NotPermitted
from service.operations import provider_changes as operations
from service.operations.provider_changes import Waiting
from service.routes.dependencies import (
    ActorDep,
    Cursor,
    Limit,
    RecordDep,
    Repeatable,
    SessionDep,
    VisibleCase,
    reader_of,
)
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.provider_changes import AcknowledgementShown, ChangeList, TellingList
from service.store import provider_changes as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["providers"])
After = Annotated[
    str | None, Query(max_length=1000, description="The `next` of the page before; without it, from now on.")
]
Wait = Annotated[int, Query(ge=0, le=30, description="Seconds to wait for a change where there is none yet.")]


async def _change(change_id: uuid.UUID, session: SessionDep, actor: ActorDep, record: RecordDep) -> Mapping[str, Any]:
    """Find a change that the caller was told of; 404 for any other."""
    entry = await store.find_entry(session, change_id, actor.caller, actor.now)
    if entry is None:
        raise NotFound
    record.referral_id = entry["referral_id"]
    return entry


@router.get("/provider/changes", responses=problems_of(NotPermitted, FeedCursorGone))
async def list_provider_changes(request: Request, after: After = None, wait: Wait = 0, limit: Limit = 50) -> ChangeList:
    """Read what changed in anything you may see, in order, each change once; wait up to 30 seconds for the next.

    To begin: ask without `after`, keep `next`, then read GET /v1/provider/referrals; from there on the feed tells of
    everything. The cursor is opaque and yours alone. Where it is older than what is kept (90 days) the answer is 410:
    begin again. `removed` says that a referral is out of your sight, and no more than that.
    """
    # Asked more often than anything: it takes what it needs from the request itself, as the guards do.
    state, session, actor = request.app.state, request.state.session, reader_of(request)
    place = operations.place_of(state.cursors, after, actor)
    place = await operations.wait_for_more(session, place, wait, Waiting(state.feed, state.clock), actor)
    request.state.now = state.clock()
    entries, reached = await operations.changes_after(session, place, limit, request.state.now, actor)
    return ChangeList.of(entries, operations.sealed(state.cursors, reached, actor))


@router.post("/provider/changes/{change_id}/acknowledgement", responses=problems_of(NotFound, NotPermitted))
async def acknowledge_change(
    change: Annotated[Mapping[str, Any], Depends(_change)], session: SessionDep, actor: ActorDep, repeat: Repeatable
) -> AcknowledgementShown:
    """Say by name that you know of a change; whoever said so first stays on the record."""
    kept = await operations.acknowledge(session, change, actor)
    return AcknowledgementShown(
        change_id=kept["id"], acknowledged_by=kept["acknowledged_by"], acknowledged_at=kept["acknowledged_at"]
    )


@router.get("/cases/{crn}/changes", responses=problems_of(NotFound, NotPermitted))
async def list_changes_told(
    case: VisibleCase, session: SessionDep, cursor: Cursor = None, limit: Limit = 50
) -> TellingList:
    """Read what the person's providers were told of risk and safeguarding, when, and who there acknowledged it."""
    before = cursors.decode_instant_and_id(cursor)
    return TellingList.of(await store.changes_of_person(session, case["crn"], before, limit), limit)
