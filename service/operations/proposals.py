"""A provider proposes another complexity level or outcome; its practitioner agrees, or keeps what stands."""

import uuid
from collections.abc import Mapping
from typing import Any

from service.catalogue.disclosures import disclosure_table
from service.conflicts import ProposalUndecided
from service.db import Session
from service.domain import sent_views
from service.domain.drafts import Signature
from service.domain.proposals import (
    QUESTIONS,
    Decision,
    Proposed,
    Standing,
    faults_in_proposal,
    in_order,
    is_about_the_same,
    proposed_in,
    require_undecided,
    standing,
)
from service.domain.provision import Writing, require_open
from service.errors import InvalidInput, NotFound
from service.operations import tellings
from service.operations.actors import Actor
from service.operations.locks import lock
from service.operations.provision_events import happened
from service.schemas.proposals import DecisionGiven, ProposalGiven
from service.store import proposals as store
from service.store import referrals

Referral = Mapping[str, Any]
Row = dict[str, Any]


async def what_stands(session: Session, referral: Referral, actor: Actor) -> tuple[Standing, list[Row]]:
    """Return what stands of a visible referral, as far as the caller is shown it, and the proposals, the latest first.

    A provider reads what was sent by the one decision about each item; what it is shown is put on the record.
    """
    rows = await store.proposals_of(session, referral["id"])
    version = await referrals.read_version(session, referral["id"], referral["version"])
    sections = version["content"]["sections"] if version is not None else []
    if actor.caller.is_sent_to and version is not None:
        pack = actor.catalogue.pack(referral["pack"], referral["pack_version"])
        sections = sent_views.sent_sections(disclosure_table(), version["content"], pack)
        actor.record.shows([referral["crn"]], QUESTIONS.values())
    return standing(sections, in_order(rows, referral["version"])), rows


async def propose(session: Session, referral: Referral, body: ProposalGiven, actor: Actor) -> Row:
    """Keep a proposal, which then stands in the practitioner's work list until it is decided.

    Raises InvalidInput for a category the referral does not ask for and for what is not offered or stands already,
    ProvisionNotOpen, ProposalUndecided while another about the same waits.
    """
    locked = await lock(session, referral, actor)
    now, rows = await what_stands(session, locked, actor)
    proposed = Proposed(body.about, body.category, body.proposed, body.instead_of)
    if faults := faults_in_proposal(proposed, now, locked["recipient_area"]):
        raise InvalidInput(errors=faults)
    require_open(Writing.PROPOSAL, locked["status"])
    for row in rows:
        if row["decision"] is None and is_about_the_same(proposed, proposed_in(row)):
            raise ProposalUndecided(proposal=str(row["id"]))
    proposal = {"id": uuid.uuid4(), **_of(locked), **body.model_dump(), "stood": now.of(proposed)}
    await store.insert_proposal(session, proposal, by=actor.caller.worker, now=actor.now)
    await happened(session, locked, "change_proposed", actor, about=str(proposal["id"]), proposed=str(body.about))
    await tellings.tell_of_referral(session, locked["id"], actor.now)
    return await _proposal(session, locked, proposal["id"])


async def decide(
    session: Session, referral: Referral, proposal_id: uuid.UUID, body: DecisionGiven, actor: Actor
) -> Row:
    """Agree to a proposal, or keep what stands; what was agreed is the referral's own answer from then on.

    Raises NotFound for one about another referral, ProposalAlreadyDecided, ProposalLapsed.
    """
    locked = await lock(session, referral, actor)
    found = await _proposal(session, locked, proposal_id)
    require_undecided(locked["status"], found["decision"])
    decision = {"id": proposal_id, **_of(locked), **body.model_dump()}
    await store.insert_decision(session, decision, by=actor.caller.worker, now=actor.now)
    if body.decision is Decision.AGREED:
        await _agree(session, locked, proposed_in(found), actor)
    await happened(session, locked, "proposal_decided", actor, about=str(proposal_id), decision=str(body.decision))
    await tellings.tell_of_referral(session, locked["id"], actor.now)
    return await _proposal(session, locked, proposal_id)


async def _agree(session: Session, referral: Referral, agreed: Proposed, actor: Actor) -> None:
    """Write into the referral's own answers what stands now, so that the next version to be sent says it."""
    now, _ = await what_stands(session, referral, actor)
    signature = Signature(actor.caller.worker, actor.now, referral["revision"] + 1)
    answer = signature.own_answer(now.answer_to(agreed.about))
    own = {**referral["own"], QUESTIONS[agreed.about]: answer}
    await referrals.save_draft(session, {**referral, "own": own}, by=actor.caller.worker, now=actor.now)


async def _proposal(session: Session, referral: Referral, proposal_id: uuid.UUID) -> Row:
    found = await store.find_proposal(session, referral["id"], proposal_id)
    if found is None:
        raise NotFound
    return found


def _of(referral: Referral) -> Row:
    return {"referral_id": referral["id"], "crn": referral["crn"], "version": referral["version"]}
