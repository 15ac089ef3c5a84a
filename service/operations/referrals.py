"""Making referrals: any set of packs in one transaction, each populated from the profile."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from service.catalogue.definitions import Catalogue
from service.catalogue.services import service_categories
from service.conflicts import CaseClosed, ReferralAlreadyOpen
from service.db import Session
from service.domain import drafts
from service.domain.population import OwnAnswer
from service.errors import FieldError, InvalidInput
from service.operations.actors import Actor
from service.operations.contracts import faults_in_contract
from service.schemas.referrals import WantedReferral
from service.store import cases, contracts, events, recipients, steps
from service.store import referrals as store
from service.store.steps import Step

# What the last ended referral of each pack and service category held of its own.
EndedReferrals = Mapping[tuple[str, str | None], Mapping[str, OwnAnswer]]


async def create_referrals(
    session: Session,
    crn: str,
    wanted: Sequence[WantedReferral],
    actor: Actor,
) -> list[dict[str, Any]]:
    """Make a draft of each pack wanted, all or none, and return them in the order wanted.

    Raises InvalidInput naming the pack or recipient that cannot be, CaseClosed, and ReferralAlreadyOpen naming the
    referral that one of them would repeat. The rows are inserted first, in one order for every caller, so that of any
    number of simultaneous attempts one wins and the others are told which referral it made.
    """
    named = {want.recipient for want in wanted if want.recipient is not None}
    known = {found["id"]: found for found in await recipients.find_recipients(session, sorted(named))}
    faults = _faults_in(wanted, actor.catalogue, known)
    if faults := faults or await _faults_in_contracts(session, wanted, actor):
        raise InvalidInput(errors=faults)
    if await cases.hold_case(session, crn) != "open":
        raise CaseClosed
    ended = await store.last_ended(session, crn, sorted({want.pack for want in wanted}))
    rows = [_row(place, want, actor.catalogue, ended) for place, want in enumerate(wanted)]
    made = await store.insert_drafts(session, crn, rows, by=actor.caller.worker, now=actor.now)
    for row in rows:
        if row["id"] not in made:
            await _refuse_repeat(session, crn, row)
    await _record(session, crn, rows, actor)
    return [_as_stored(row, crn, made[row["id"]], known, actor) for row in rows]


def _faults_in(
    wanted: Sequence[WantedReferral], catalogue: Catalogue, known: Mapping[str, Mapping[str, Any]]
) -> list[FieldError]:
    faults = []
    for place, want in enumerate(wanted):
        if want.pack not in catalogue.current_versions:
            faults.append(FieldError(f"/packs/{place}/pack", "unknown-pack", "There is no such pack."))
        elif want.recipient is not None:
            faults.extend(faults_in_recipient(known.get(want.recipient), want.pack, f"/packs/{place}/recipient"))
        faults.extend(_faults_in_category(want, known.get(want.recipient or ""), f"/packs/{place}/service_category"))
    return faults


async def _faults_in_contracts(session: Session, wanted: Sequence[WantedReferral], actor: Actor) -> list[FieldError]:
    held = await contracts.contracts_of(session, sorted({want.recipient for want in wanted if want.recipient}))
    return [
        fault
        for place, want in enumerate(wanted)
        for fault in faults_in_contract(held.get(want.recipient or ""), f"/packs/{place}/recipient", actor)
    ]


def _faults_in_category(want: WantedReferral, recipient: Mapping[str, Any] | None, place: str) -> list[FieldError]:
    if want.service_category is not None and want.service_category not in service_categories():
        return [FieldError(place, "unknown-category", "There is no such category of service.")]
    if not offers(recipient, want.service_category):
        return [FieldError(place, "wrong-category", "The recipient's contract does not hold this category.")]
    return []


def offers(recipient: Mapping[str, Any] | None, category: str | None) -> bool:
    """Whether a recipient's contract holds a category; one without a contract is held to none."""
    contract = recipient["contract"] if recipient is not None else None
    return category is None or not contract or category in contract.get("categories", ())


def faults_in_recipient(recipient: Mapping[str, Any] | None, pack: str, place: str) -> list[FieldError]:
    """Return what is wrong with a recipient for a pack: unknown, no longer active, or another pack's."""
    if recipient is None or not recipient["active"]:
        return [FieldError(place, "unknown-recipient", "There is no such recipient.")]
    if recipient["pack"] != pack:
        return [FieldError(place, "wrong-recipient", "This recipient takes another kind of referral.")]
    return []


def _row(place: int, want: WantedReferral, catalogue: Catalogue, ended: EndedReferrals) -> dict[str, Any]:
    """Return a new draft's row, begun from what the last such referral that came to nothing said."""
    earlier = ended.get((want.pack, want.service_category), {})
    return {
        "place": place,
        "id": uuid.uuid4(),
        "pack": want.pack,
        "pack_version": catalogue.current_versions[want.pack],
        "recipient_id": want.recipient,
        "service_category": want.service_category,
        "second_reason": want.second_reason,
        "went_on_because": want.went_on_because,
        "own": drafts.started_from(earlier, catalogue.pack(want.pack)),
    }


async def _refuse_repeat(session: Session, crn: str, row: Mapping[str, Any]) -> None:
    found = await store.find_open(session, crn, row["pack"], row["recipient_id"], row["service_category"])
    raise already_open(found, row["pack"])


def already_open(found: Any, pack: str) -> ReferralAlreadyOpen:
    """Return the refusal of a repeated referral, naming the one that is open (none: it was wanted twice at once)."""
    if found is None:
        return ReferralAlreadyOpen("The same referral is wanted twice here.", pack=pack)
    return ReferralAlreadyOpen(
        "Such a referral is open already; give a second_reason to make another.",
        pack=pack,
        referral_id=str(found.id),
        referral_status=found.status,
    )


async def _record(session: Session, crn: str, rows: Sequence[Mapping[str, Any]], actor: Actor) -> None:
    created = [Step(row["id"], crn, "creation", None, "draft") for row in rows]
    await steps.append(session, created, actor.caller, actor.now)
    thin = {str(row["id"]): {"pack": row["pack"]} for row in rows}
    await events.append_each(session, crn, "referral.created", thin, actor.now)
    actor.record.changes(crn, referrals=[str(row["id"]) for row in rows])


def _as_stored(
    row: Mapping[str, Any],
    crn: str,
    second_number: int,
    known: Mapping[str, Mapping[str, Any]],
    actor: Actor,
) -> dict[str, Any]:
    """Return a new draft as a query would find it, without asking again."""
    recipient = known.get(row["recipient_id"] or "", {})
    blank = dict.fromkeys(("status_reason", "submitted_by", "submitted_at"))
    given = {name: value for name, value in row.items() if name != "place"}
    by, now = actor.caller.worker, actor.now
    return {
        **blank,
        **given,
        **{f"recipient_{name}": recipient.get(name) for name in ("name", "organisation", "area", "contract")},
        **{name: {} for name in ("variants", "ticks")},
        "crn": crn,
        "case_status": "open",
        "second_number": second_number,
        "status": "draft",
        "status_since": now,
        "revision": 1,
        "version": 0,
        "received_version": 0,
        "created_by": by,
        "created_at": now,
        "updated_by": by,
        "updated_at": now,
    }
