"""Decisions to disclose over HTTP: a practitioner makes one, withdraws it, and sees all that were made."""

import uuid

from fastapi import APIRouter, status

from service.conflicts import DisclosureNotPossible, RecipientBlocked
from service.domain import cursors
from service.errors import InvalidInput, NotFound, NotPermitted
from service.operations import disclosures as operations
from service.routes.dependencies import ActorDep, Cursor, Limit, Repeatable, SessionDep, VisibleReferral
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.disclosures import DisclosureList, DisclosureShown, DisclosureWanted
from service.store import disclosures as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/referrals/{referral_id}/disclosures", tags=["providers"])


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems_of(NotFound, NotPermitted, InvalidInput, RecipientBlocked, DisclosureNotPossible),
)
async def disclose_item(
    referral: VisibleReferral, body: DisclosureWanted, session: SessionDep, actor: ActorDep, repeat: Repeatable
) -> DisclosureShown:
    """Disclose one more item to one organisation for this referral, until the end of a day, and say on what ground."""
    return DisclosureShown.model_validate(await operations.disclose(session, referral, body, actor))


@router.get("", responses=problems_of(NotFound, NotPermitted))
async def list_disclosures(
    referral: VisibleReferral, session: SessionDep, cursor: Cursor = None, limit: Limit = 50
) -> DisclosureList:
    """Read every decision to disclose that was made for this referral, standing or not, the newest first."""
    before = cursors.decode_instant_and_id(cursor)
    return DisclosureList.of(await store.disclosures_page(session, referral["id"], before, limit), limit)


@router.post("/{disclosure_id}/withdrawal", responses=problems_of(NotFound, NotPermitted))
async def withdraw_disclosure(
    referral: VisibleReferral, disclosure_id: uuid.UUID, session: SessionDep, actor: ActorDep, repeat: Repeatable
) -> DisclosureShown:
    """Take a disclosure back: the provider sees the item as before from its next request on."""
    return DisclosureShown.model_validate(await operations.withdraw(session, referral, disclosure_id, actor))
