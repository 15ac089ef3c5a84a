"""Changing a draft: durable at every step, and never over somebody else's change unseen."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from service.access.callers import Caller, Role
from service.catalogue.definitions import Catalogue, Pack
from service.conflicts import TransitionNotAllowed
from service.db import Session
from service.domain import drafts
from service.domain.drafts import Barred, DraftChange, DraftContent, Rewording, Signature
from service.domain.profiles import Answers
from service.errors import (
    FieldError,
    InvalidInput,
    NotFound,
    RevisionMissing,
    RevisionStale,
)
from service.operations import revisions
from service.operations.actors import Actor
from service.operations.contracts import contract_of, faults_in_contract
from service.operations.fillings import content_of
from service.operations.locks import lock
from service.operations.referrals import already_open, faults_in_recipient, offers
from service.schemas.referrals import DraftChanges
from service.store import recipients
from service.store import referrals as store
from service.store.sessions import broken_constraint


def change_of(body: DraftChanges, caller: Caller) -> DraftChange:
    """Return a caller's change to a draft's own parts as the decisions take it."""
    return DraftChange(
        answers={name: answer.value for name, answer in body.answers.items()},
        variants={
            item: Rewording(wording.text, wording.redacted_because) if wording is not None else None
            for item, wording in body.variants.items()
        },
        read=body.read,
        must_not_receive=_barred_in(body),
        by_manager=caller.role is Role.MANAGER,
    )


def _barred_in(body: DraftChanges) -> Barred:
    rows = None if body.must_not_receive is None else [row.model_dump() for row in body.must_not_receive]
    return Barred(rows, given="must_not_receive" in body.model_fields_set)


async def change_draft(
    session: Session,
    referral: Mapping[str, Any],
    body: DraftChanges,
    answers: Answers,
    actor: Actor,
) -> dict[str, Any]:
    """Save a change to a draft and return the draft as it then stands.

    Raises InvalidInput naming each question, TransitionNotAllowed once it was sent, RevisionMissing and RevisionStale
    (naming what was changed since), ReferralAlreadyOpen when its new recipient has such a referral already.
    """
    locked = await lock(session, referral, actor)
    pack = actor.catalogue.pack(locked["pack"], locked["pack_version"])
    faults = drafts.faults_in(change_of(body, actor.caller), pack, answers)
    if body.recipient is not None:
        faults.extend(await _faults_in_new_recipient(session, locked, body.recipient, actor))
    if faults:
        raise InvalidInput(errors=faults)
    if locked["status"] != "draft":
        raise TransitionNotAllowed("It has been sent: send an amendment instead.", status_now=locked["status"])
    require_revision(locked, actor.if_match)
    await save(session, with_change(locked, body, answers, actor), actor)
    actor.record.changes(locked["crn"], [*body.answers, *body.variants, *body.read])
    found = await store.find_referral(session, locked["id"], actor.caller, actor.now)
    if found is None:
        raise NotFound
    return found


async def _faults_in_new_recipient(
    session: Session, referral: Mapping[str, Any], recipient: str, actor: Actor
) -> list[FieldError]:
    found = await recipients.find_recipients(session, [recipient])
    known = found[0] if found else None
    faults = faults_in_recipient(known, referral["pack"], "/recipient")
    if not faults and not offers(known, referral["service_category"]):
        faults.append(FieldError("/recipient", "wrong-category", "Its contract does not hold this category."))
    return faults or faults_in_contract(await contract_of(session, recipient), "/recipient", actor)


def require_revision(referral: Mapping[str, Any], if_match: str | None) -> None:
    """Refuse a change made without the draft's revision, or from an earlier one, naming what changed since."""
    if if_match is None:
        raise RevisionMissing
    if any(tag[0] == referral["revision"] for tag in revisions.named_revisions(if_match)) or if_match.strip() == "*":
        return
    known = [tag[0] for tag in revisions.named_revisions(if_match)]
    context: dict[str, Any] = {"revision": referral["revision"]}
    if known:
        context["changed_since"] = drafts.changed_since(content_of(referral), max(known))
    raise RevisionStale(headers={"ETag": revisions.etag(referral["revision"])}, **context)


def with_change(referral: Mapping[str, Any], body: DraftChanges, answers: Answers, actor: Actor) -> dict[str, Any]:
    """Return a referral as a valid change leaves it."""
    signature = Signature(actor.caller.worker, actor.now, referral["revision"] + 1)
    content = drafts.apply_change(content_of(referral), change_of(body, actor.caller), answers, signature)
    if body.recipient is not None and referral["recipient_id"] not in (None, body.recipient):
        pack = actor.catalogue.pack(referral["pack"], referral["pack_version"])
        content = drafts.for_another_recipient(content, pack, body.answers)
    changed = {**referral, **_parts(content)}
    if "recipient" in body.model_fields_set:
        changed["recipient_id"] = body.recipient
    if "went_on_because" in body.model_fields_set:
        changed["went_on_because"] = body.went_on_because
    return changed


def _parts(content: DraftContent) -> dict[str, Any]:
    return {"own": dict(content.own), "variants": dict(content.variants), "ticks": dict(content.ticks)}


async def save(session: Session, referral: Mapping[str, Any], actor: Actor) -> None:
    """Write a changed referral; ReferralAlreadyOpen where its recipient has such a referral open already."""
    try:
        await store.save_draft(session, referral, by=actor.caller.worker, now=actor.now)
    except IntegrityError as failure:
        if broken_constraint(failure) != "uq_referral_open":
            raise
        found = await store.find_open(
            session, referral["crn"], referral["pack"], referral["recipient_id"], referral["service_category"]
        )
        raise already_open(found, referral["pack"]) from None


def pack_version(catalogue: Catalogue, name: str, version: str | None) -> Pack:
    """Return a version of a pack, the newest unless one is named; InvalidInput for one there is not."""
    try:
        return catalogue.pack(name, version)
    except KeyError:
        fault = FieldError("/version", "unknown-version", "There is no such version of this pack.")
        raise InvalidInput(errors=[fault]) from None


async def move_draft(
    session: Session,
    referral: Mapping[str, Any],
    version: str | None,
    actor: Actor,
) -> tuple[dict[str, Any], list[str]]:
    """Move a draft to another version of its pack; return it and the answers that version cannot hold.

    Raises InvalidInput for a version there is not, TransitionNotAllowed once it was sent.
    """
    locked = await lock(session, referral, actor)
    pack = pack_version(actor.catalogue, locked["pack"], version)
    if locked["status"] != "draft":
        raise TransitionNotAllowed("What was sent keeps its version.", status_now=locked["status"])
    content, dropped = drafts.moved_to(content_of(locked), pack)
    moved = {**locked, **_parts(content), "pack_version": pack.version}
    await save(session, moved, actor)
    actor.record.changes(locked["crn"], pack_version=pack.version)
    return {**moved, "revision": locked["revision"] + 1}, dropped
