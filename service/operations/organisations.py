"""Keeping commissioned providers, what they are contracted for, and who works for them."""

from typing import Any

from service.catalogue.services import contract_types
from service.db import Session
from service.errors import FieldError, InvalidInput
from service.operations import tellings
from service.operations.actors import Actor
from service.schemas.organisations import ContractKept, OrganisationKept
from service.store import organisations as store
from service.store import recipients, standings

PACK = "commissioned_services"


async def put_organisation(
    session: Session, organisation_id: str, kept: OrganisationKept, actor: Actor
) -> dict[str, Any]:
    """Register an organisation or replace it; what is not active sees nothing from the next request on."""
    before = await tellings.seen_before(session, "organisation", organisation_id, actor.now)
    await store.put_organisation(session, organisation_id, kept.model_dump(), actor.now)
    held = {"active": kept.active}
    await standings.append(session, "organisation", organisation_id, held, by=actor.caller.worker, now=actor.now)
    after = await tellings.seen_now(session, "organisation", organisation_id, actor.now)
    await tellings.tell_of_difference(session, before, after, actor.now)
    actor.record.notes("changed", organisation=organisation_id, active=kept.active)
    return {"id": organisation_id, **kept.model_dump()}


async def put_contract(session: Session, contract_id: str, kept: ContractKept, actor: Actor) -> dict[str, Any]:
    """Register a contract or replace it; membership changes hold from everybody's next request on.

    Raises InvalidInput where no such recipient takes commissioned-service referrals, an organisation is not
    registered, or its type does not hold a category.
    """
    if faults := await _faults_in(session, contract_id, kept):
        raise InvalidInput(errors=faults)
    before = await tellings.seen_before(session, "contract", contract_id, actor.now)
    await store.put_contract(session, contract_id, kept.model_dump(), actor.now)
    held = {"conditions": kept.conditions_needed}
    await standings.append(session, "contract", contract_id, held, by=actor.caller.worker, now=actor.now)
    after = await tellings.seen_now(session, "contract", contract_id, actor.now)
    await tellings.tell_of_difference(session, before, after, actor.now)
    actor.record.notes("changed", contract=contract_id, prime=kept.prime, subcontractors=kept.subcontractors)
    return {"id": contract_id, **kept.model_dump()}


async def _faults_in(session: Session, contract_id: str, kept: ContractKept) -> list[FieldError]:
    faults = []
    recipient = await recipients.lock_recipient(session, contract_id)
    if recipient is None or recipient["pack"] != PACK:
        faults.append(
            FieldError("/path/contract_id", "unknown-recipient", "Register a recipient of this kind of referral first.")
        )
    held = contract_types().get(kept.contract_type)
    if held is None:
        faults.append(FieldError("/contract_type", "unknown-type", "There is no such type of contract."))
    elif not set(kept.categories) <= set(held):
        faults.append(FieldError("/categories", "not-in-type", f"This type holds {', '.join(held)}."))
    known = await store.known_organisations(session, [kept.prime, *kept.subcontractors])
    if kept.prime not in known:
        faults.append(FieldError("/prime", "unknown-organisation", "Register this organisation first."))
    faults += [
        FieldError(f"/subcontractors/{place}", "unknown-organisation", "Register this organisation first.")
        for place, organisation in enumerate(kept.subcontractors)
        if organisation not in known
    ]
    return faults
