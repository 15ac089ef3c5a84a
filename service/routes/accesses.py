"""Who has seen a person's record, and what they saw, over HTTP: for the practitioners who can see the case."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from service.domain import cursors
from service.errors import NotFound, NotPermitted
from service.routes.dependencies import Cursor, Limit, SessionDep, VisibleCase
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.audits import AccessList
from service.schemas.texts import Code, WorkerId
from service.store import audits
from service.store.audits import AccessesWanted

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
