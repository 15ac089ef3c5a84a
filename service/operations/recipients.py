"""Keeping the places a referral can be sent to."""

from typing import Any

from service.access.records import AccessRecord
from service.catalogue.definitions import Catalogue
from service.conflicts import RecipientInUse
from service.db import Session
from service.errors import FieldError, InvalidInput
from service.schemas.recipients import RecipientKept
from service.store import recipients as store


async def put_recipient(
    session: Session, recipient_id: str, kept: RecipientKept, *, catalogue: Catalogue, record: AccessRecord
) -> dict[str, Any]:
    """Create or replace a recipient and return it as it now stands.

    Raises InvalidInput for a pack nobody has written, and RecipientInUse where referrals name the recipient and the
    change would hand them to another organisation or make them another kind of referral.
    """
    if kept.pack not in catalogue.current_versions:
        raise InvalidInput(errors=[FieldError("/pack", "unknown-pack", "There is no such pack.")])
    known = await store.lock_recipient(session, recipient_id)
    is_another = known is not None and (known["pack"], known["organisation"]) != (kept.pack, kept.organisation)
    if is_another and await store.is_in_use(session, recipient_id):
        raise RecipientInUse("Its pack and organisation can no longer change: make another recipient instead.")
    recipient = kept.model_dump() | {"area": kept.area or "", "contract": _contract(kept)}
    await store.put_recipient(session, recipient_id, recipient)
    record.notes("changed", recipient=recipient_id, organisation=kept.organisation, active=kept.active)
    return recipient | {"id": recipient_id}


def _contract(kept: RecipientKept) -> dict[str, Any]:
    return kept.contract.model_dump(exclude_none=True) if kept.contract else {}
