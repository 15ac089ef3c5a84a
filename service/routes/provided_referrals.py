"""What a provider reads over HTTP: the referrals sent to its contracts, as sent, and how things stand now."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from service.domain import cursors
from service.domain.lifecycle import Status
from service.errors import NotAcceptable, NotFound, NotPermitted
from service.operations import provided_referrals as operations
from service.routes.accepting import preferred
from service.routes.dependencies import (
    CallerDep,
    CatalogueDep,
    Cursor,
    Limit,
    Now,
    RecordDep,
    SessionDep,
    permitted_sight_of,
)
from service.routes.documents import HTML, PDF, Accept, Collapsed, WithProvenance, rendered
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.provided_referrals import LiveSummary, ProvidedList, ProvidedReferral
from service.store import inboxes, provided_referrals
from service.store.inboxes import Wanted

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/provider/referrals", tags=["providers"])
Statuses = Annotated[list[Status] | None, Query(description="Only these; all of them unless given.")]
Provided = Mapping[str, Any]


async def _provided(referral_id: uuid.UUID, request: Request) -> Provided:
    """Find the referral as it was sent, in one statement with the check that it is the caller's to see."""
    state = request.state
    found = await provided_referrals.find_provided(state.session, referral_id, state.caller, state.now)
    return _shown(found, request)


async def _provided_beside(referral_id: uuid.UUID, request: Request) -> Provided:
    """Find the referral with what stands beside what was sent, in one such statement too."""
    state, catalogue = request.state, request.app.state.catalogue
    found = await operations.find_beside(state.session, referral_id, catalogue, state.caller, state.now)
    return _shown(found, request)


def _shown(found: Provided | None, request: Request) -> Provided:
    referral, record = permitted_sight_of(found, request), request.state.record
    record.shows([referral["crn"]])
    record.referral_id = referral["id"]
    return referral


ProvidedDep = Annotated[Provided, Depends(_provided)]
BesideDep = Annotated[Provided, Depends(_provided_beside)]


@router.get("", responses=problems_of(NotPermitted))
async def list_provided_referrals(
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    record: RecordDep,
    status: Statuses = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ProvidedList:
    """List the referrals sent to the contracts your organisation works under, the last sent first.

    A referral that has ended stays for 28 days, to close its work. Pages are of the moment the first was read.
    """
    as_of, before = cursors.decode_pinned(cursor, now)
    wanted = Wanted(list(dict.fromkeys(status or Status)), as_of, before, limit)
    found = await inboxes.list_referrals(session, wanted, caller, now)
    shown = found[:limit]
    record.shows(referral["crn"] for referral in shown)
    return ProvidedList.of(shown, inboxes.following(wanted, found))


@router.get("/{referral_id}", responses=problems_of(NotFound, NotPermitted))
async def read_provided_referral(referral: ProvidedDep, catalogue: CatalogueDep, record: RecordDep) -> ProvidedReferral:
    """Read a referral as it was sent, in its newest version."""
    return operations.as_sent(referral, catalogue, record)


@router.get("/{referral_id}/summary", responses=problems_of(NotFound, NotPermitted))
async def read_live_summary(referral: BesideDep, request: Request) -> LiveSummary:
    """Read risk and safeguarding as they stand now, each beside what was sent, with every difference marked.

    `withheld` names a reason class and stands whether or not there is anything: it tells you nothing either way.
    """
    return operations.live_summary(referral, request.app.state.catalogue, request.state.record)


@router.get(
    "/{referral_id}/document",
    response_class=Response,
    responses={200: {"content": {PDF: {}, HTML: {}}}, **problems_of(NotFound, NotPermitted, NotAcceptable)},
)
async def read_provided_document(
    referral: ProvidedDep,
    catalogue: CatalogueDep,
    record: RecordDep,
    now: Now,
    accept: Accept = None,
    with_provenance: WithProvenance = False,
    collapsed: Collapsed = False,
) -> Response:
    """Read the referral as it was sent, as PDF or accessible HTML: what the read of it shows, and no more."""
    kind = preferred(accept, (PDF, HTML))
    contents = operations.document_contents(referral, catalogue, record, now)
    record.details["format"] = kind
    return await rendered(contents, kind, with_provenance=with_provenance, collapsed=collapsed)
