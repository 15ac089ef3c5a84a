"""Who a referral can be sent to, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from service.conflicts import RecipientInUse
from service.domain import cursors
from service.errors import InvalidInput, NotPermitted
from service.operations import recipients as operations
from service.routes.dependencies import CatalogueDep, Cursor, Limit, RecordDep, SessionDep
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.recipients import RecipientKept, RecipientList, RecipientShown
from service.schemas.texts import CatalogueName, Code
from service.store import recipients as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/recipients", tags=["reference data"])
PackWanted = Annotated[CatalogueName | None, Query(description="Those that take this kind of referral.")]


@router.get("", responses=problems_of(NotPermitted))
async def list_recipients(
    session: SessionDep, pack: PackWanted = None, cursor: Cursor = None, limit: Limit = 50
) -> RecipientList:
    """Read the recipients that referrals can be sent to now."""
    after = cursors.decode(cursor, str)[0] if cursor else ""
    return RecipientList.of(await store.list_recipients(session, pack, after, limit), limit)


@router.put("/{recipient_id}", responses=problems_of(NotPermitted, InvalidInput, RecipientInUse))
async def put_recipient(
    recipient_id: Annotated[Code, Path()],
    body: RecipientKept,
    session: SessionDep,
    catalogue: CatalogueDep,
    record: RecordDep,
) -> RecipientShown:
    """Register a recipient, or replace what is registered; one that is not active takes no new referrals.

    Once referrals have been made to it, its pack and organisation stay what they are.
    """
    kept = await operations.put_recipient(session, recipient_id, body, catalogue=catalogue, record=record)
    return RecipientShown.model_validate(kept)
