"""Packs filled for a case: from its profile, its open drafts and what has been sent already."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.access.callers import Caller
from service.catalogue.definitions import Catalogue, Pack
from service.db import Session
from service.domain.ages import OldestFresh
from service.domain.calendar import british_day
from service.domain.drafts import DraftContent
from service.domain.population import Draft, Populated, Recipient, Surroundings, populate
from service.domain.profiles import Answers
from service.domain.questions import Filling
from service.operations.actors import Actor
from service.store import profiles as profile_store
from service.store import referrals as store
from service.store.profiles import StoredProfile


@dataclass(frozen=True, slots=True)
class CaseAnswers:
    """What filling any pack for one case needs: its answers, and what surrounds them."""

    crn: str
    answers: Answers
    revision: int
    surroundings: Surroundings


async def case_answers(
    session: Session, profile: StoredProfile, *, catalogue: Catalogue, oldest: OldestFresh, today: datetime.date
) -> CaseAnswers:
    """Return what filling a case's packs needs, with the packs sent already looked up."""
    sent = await store.packs_sent(session, profile.crn)
    surroundings = Surroundings(today, oldest, catalogue.items, sent)
    return CaseAnswers(profile.crn, profile.answers, profile.revision, surroundings)


async def find_case_answers(
    session: Session,
    crn: str,
    caller: Caller,
    now: datetime.datetime,
    *,
    catalogue: Catalogue,
    oldest: OldestFresh,
) -> CaseAnswers | None:
    """Return a case's answers if this caller may see the case; None otherwise (a recipient never may)."""
    profile = await profile_store.find_profile(session, crn, caller, now)
    if profile is None:
        return None
    return await case_answers(session, profile, catalogue=catalogue, oldest=oldest, today=british_day(now))


def recipient_of(referral: Mapping[str, Any]) -> Recipient | None:
    """Return what a pack's conditions may know of a referral's recipient; None while it is not named."""
    if referral["recipient_id"] is None:
        return None
    contract = referral["recipient_contract"] or {}
    categories = tuple(contract.get("categories", ()))
    return Recipient(
        id=referral["recipient_id"],
        area=referral["recipient_area"] or "",
        categories=categories,
        is_cohort=len(categories) > 1,
    )


def content_of(referral: Mapping[str, Any]) -> DraftContent:
    """Return what a stored referral holds of its own."""
    return DraftContent(own=referral["own"], variants=referral["variants"], ticks=referral["ticks"])


def fill(referral: Mapping[str, Any], pack: Pack, case: CaseAnswers) -> Populated:
    """Fill a referral's pack from the case."""
    draft = Draft(referral["own"], referral["variants"], referral["ticks"], recipient_of(referral))
    return populate(pack, case.answers, draft, case.surroundings)


def fill_new(pack: Pack, case: CaseAnswers, recipient: Recipient | None = None) -> Populated:
    """Fill a pack as a new referral's would be."""
    return populate(pack, case.answers, Draft(recipient=recipient), case.surroundings)


async def fill_wanted(
    session: Session,
    wanted: Sequence[str],
    case: CaseAnswers,
    actor: Actor,
) -> list[Filling]:
    """Fill each wanted pack: once for every open draft of it, or as a new referral's where there is none."""
    drafts = await store.referrals_of_case(session, case.crn, actor.caller, actor.now, drafts_only=True)
    filled: list[Filling] = []
    for name in wanted:
        mine = [draft for draft in drafts if draft["pack"] == name]
        filled.extend(
            Filling(fill(draft, actor.catalogue.pack(name, draft["pack_version"]), case), str(draft["id"]))
            for draft in mine
        )
        if not mine:
            filled.append(Filling(fill_new(actor.catalogue.pack(name), case)))
    return filled
