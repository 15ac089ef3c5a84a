"""Referrals across people over HTTP: a recipient's inbox, and what a practitioner has sent or is drafting."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from service.domain import cursors
from service.domain.lifecycle import Status
from service.errors import NotPermitted
from service.routes.dependencies import CallerDep, Cursor, Limit, Now, RecordDep, SessionDep
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.referral_pages import summary
from service.schemas.referrals import ReferralList
from service.schemas.texts import CatalogueName, Code
from service.store import inboxes
from service.store.inboxes import Wanted

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/referrals", tags=["referrals"])


Statuses = Annotated[list[Status] | None, Query(description="Only these; all of them unless given.")]


async def _wanted(
    now: Now,
    status: Statuses = None,
    recipient: Annotated[Code | None, Query(description="Only those to this recipient.")] = None,
    pack: Annotated[CatalogueName | None, Query(description="Only those of this pack.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Wanted:
    as_of, before = cursors.decode_pinned(cursor, now)
    return Wanted(list(dict.fromkeys(status or Status)), as_of, before, limit, recipient, pack)


@router.get("", responses=problems_of(NotPermitted))
async def list_referrals(
    wanted: Annotated[Wanted, Depends(_wanted)], session: SessionDep, caller: CallerDep, now: Now, record: RecordDep
) -> ReferralList:
    """List the referrals sent to your organisation; or, as a practitioner, those of every case you can see.

    The last sent comes first, drafts before them. Pages are of the moment the first was read: what arrives meanwhile
    waits for the next look.
    """
    found = await inboxes.list_referrals(session, wanted, caller, now)
    shown = found[: wanted.limit]
    record.shows(referral["crn"] for referral in shown)
    return ReferralList(items=[summary(one) for one in shown], next=inboxes.following(wanted, found))
