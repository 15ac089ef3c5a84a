"""Who has seen a person's record, and what they saw, over HTTP: for the practitioners who can see the case."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from service.domain import cursors
from service.errors import InvalidInput, NotFound, NotPermitted
from service.operations import past_views
from service.routes.dependencies import Cursor, Limit, ReaderDep, SessionDep, VisibleCase
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.audits import AccessList
from service.schemas.past_views import PastView
from service.schemas.texts import Code, Instant, WorkerId
from service.store import audits
from service.store.audits import AccessesWanted
from service.store.past_views import PastWanted

Organisation = Annotated[Code, Query(description="The commissioned provider whose view it is.")]
router = APIRouter(route_class=TransactionalRoute, prefix="/v1/cases/{crn}/access", tags=["audit"])


async def _wanted(
    organisation: Annotated[Code | None, Query(description="Only by this organisation.")] = None,
    worker: Annotated[WorkerId | None, Query(description="Only by this worker.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AccessesWanted:
    return AccessesWanted(cursors.decode_instant_and_id(cursor), limit, organisation, worker)


@router.get("", responses=problems_of(NotFound, NotPermitted))
async def list_accesses(
    case: VisibleCase, wanted: Annotated[AccessesWanted, Depends(_wanted)], session: SessionDep
) -> AccessList:
    """Read who has seen or changed this person's record, and what they saw: items shown and withheld, by name.

    The newest first. This reading is on the record too.
    """
    return AccessList.of(await audits.find_accesses(session, case["crn"], wanted), wanted.limit)


async def _past(
    at: Annotated[Instant, Query(description="The instant asked about, which has passed.")],
    organisation: Organisation,
    worker: Annotated[WorkerId | None, Query(description="Only what this worker of theirs could see.")] = None,
) -> PastWanted:
    return PastWanted(at, organisation, worker)


@router.get("/view", responses=problems_of(NotFound, NotPermitted, InvalidInput))
async def read_provider_view(
    case: VisibleCase, wanted: Annotated[PastWanted, Depends(_past)], session: SessionDep, actor: ReaderDep
) -> PastView:
    """Read what a provider could see of this person at an instant: which referrals, which of its workers, which items.

    It is rebuilt from what began and ended: contract, subcontractors, workers, restriction, decisions to disclose, the
    disclosure table, what had been sent and answered. `not_known` names what is not on record for that instant.
    """
    return await past_views.past_view(session, case["crn"], wanted, actor)
