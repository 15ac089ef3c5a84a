"""Disclosing one more thing to one provider for one referral, as a recorded decision, and taking it back."""

import uuid
from collections.abc import Mapping
from typing import Any

from service.catalogue.disclosures import disclosure_table
from service.conflicts import DisclosureNotPossible, RecipientBlocked
from service.db import Session
from service.domain import readiness
from service.domain.calendar import british_day
from service.domain.contracts import names_under
from service.domain.disclosure import end_of, faults_in_disclosure
from service.domain.lifecycle import OPEN_STATUSES
from service.errors import FieldError, InvalidInput, NotFound
from service.operations import tellings
from service.operations.actors import Actor
from service.operations.contracts import contract_of
from service.operations.locks import lock
from service.schemas.disclosures import DisclosureWanted
from service.store import disclosures as store
from service.store import events, organisations, profiles


async def disclose(
    session: Session, referral: Mapping[str, Any], wanted: DisclosureWanted, actor: Actor
) -> dict[str, Any]:
    """Record a decision to disclose an item, which holds from the provider's next request on; return it.

    Raises InvalidInput for an item that may not be disclosed on this ground or to an organisation not on the contract,
    RecipientBlocked for one on the must-not-receive list, DisclosureNotPossible before sending and after the end.
    """
    locked = await lock(session, referral, actor)
    if faults := await _faults_in(session, locked, wanted, actor):
        raise InvalidInput(errors=faults)
    if readiness.must_not_receive(locked["own"], await _names_of(session, locked, wanted.organisation)):
        raise RecipientBlocked
    if locked["version"] == 0 or locked["status"] not in OPEN_STATUSES:
        raise DisclosureNotPossible
    decided = wanted.model_dump(exclude={"expires_on"}) | {
        "referral_id": locked["id"],
        "crn": locked["crn"],
        "decided_by": actor.caller.worker,
        "decided_at": actor.now,
        "expires_at": end_of(wanted.expires_on),
    }
    before = await _seen_before(session, locked, actor)
    kept = await store.insert_disclosure(session, decided)
    await _record(session, locked, kept, "made", actor)
    await _tell(session, locked, before, actor)
    return kept


async def _faults_in(
    session: Session, referral: Mapping[str, Any], wanted: DisclosureWanted, actor: Actor
) -> list[FieldError]:
    item = actor.catalogue.items.get(wanted.item)
    faults = faults_in_disclosure(
        wanted.item,
        wanted.gateway,
        wanted.expires_on,
        table=disclosure_table(),
        tier=item.tier if item else None,
        today=british_day(actor.now),
    )
    if not await organisations.works_under(session, wanted.organisation, referral["recipient_id"]):
        faults.append(FieldError("/organisation", "not-on-contract", "It does not work under the referral's contract."))
    return faults


async def _names_of(session: Session, referral: Mapping[str, Any], organisation: str) -> dict[str, str]:
    contract = await contract_of(session, referral["recipient_id"])
    members = contract["members"] if contract is not None else []
    return names_under([one for one in members if one["organisation"] == organisation])


async def withdraw(
    session: Session, referral: Mapping[str, Any], disclosure_id: uuid.UUID, actor: Actor
) -> dict[str, Any]:
    """Withdraw a decision, from the provider's next request on; one withdrawn before stays as it was."""
    locked = await lock(session, referral, actor)
    kept = await store.lock_disclosure(session, locked["id"], disclosure_id)
    if kept is None:
        raise NotFound
    if kept["withdrawn_at"] is not None:
        actor.record.shows([locked["crn"]])
        return kept
    before = await _seen_before(session, locked, actor)
    kept = await store.withdraw_disclosure(session, disclosure_id, by=actor.caller.worker, now=actor.now)
    await _record(session, locked, kept, "withdrawn", actor)
    await _tell(session, locked, before, actor)
    return kept


async def _seen_before(session: Session, referral: Mapping[str, Any], actor: Actor) -> tellings.Before:
    profile = await profiles.profile_behind(session, referral["crn"], for_change=True)
    return await tellings.seen_before(session, "referral", referral["id"], actor.now, {profile.crn: profile.answers})


async def _tell(session: Session, referral: Mapping[str, Any], before: tellings.Before, actor: Actor) -> None:
    profile = await profiles.profile_behind(session, referral["crn"])
    answers = {profile.crn: profile.answers}
    after = await tellings.seen_now(session, "referral", referral["id"], actor.now, answers)
    await tellings.tell_of_difference(session, before, after, actor.now)


async def _record(
    session: Session, referral: Mapping[str, Any], kept: Mapping[str, Any], act: str, actor: Actor
) -> None:
    # Which item it is tells as much as its answer might: the event names the decision alone.
    thin = {"disclosure": str(kept["id"]), "organisation": kept["organisation"]}
    await events.append(session, referral["crn"], f"disclosure.{act}", str(referral["id"]), thin, actor.now)
    named = {"disclosure": str(kept["id"]), "organisation": kept["organisation"], "gateway": str(kept["gateway"])}
    actor.record.changes(referral["crn"], [kept["item"]], **named)
