"""Sharing a move-on referral: passing it, answering its questions as staff of the premises, and sending it."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from service.access.callers import Role
from service.catalogue.definitions import Pack, Question
from service.catalogue.disclosures import disclosure_table
from service.conflicts import (
    CaseClosed,
    ReferralIncomplete,
    TransitionNotAllowed,
    WorkHeldElsewhere,
)
from service.db import Session
from service.domain import profiles, readiness, shared_work
from service.domain.ages import OldestFresh
from service.domain.calendar import british_day
from service.domain.profiles import Author, Change
from service.domain.shared_work import SHARED_PACKS, Side
from service.errors import (
    Conflict,
    FieldError,
    InvalidInput,
    NotPermitted,
)
from service.operations import drafts, fillings, submissions
from service.operations import profiles as profile_operations
from service.operations.actors import Actor
from service.operations.fillings import CaseAnswers
from service.operations.locks import lock
from service.schemas import referral_pages as pages
from service.schemas.referrals import DraftChanges, Lack, OwnAnswerChange, Submission
from service.schemas.shared_work import (
    HoldingShown,
    PassedOn,
    PassedShown,
    SharedAnswers,
    SharedQuestion,
    SharedQuestions,
    SharedSending,
)
from service.store import cases, events
from service.store import profiles as profile_store
from service.store import shared_work as store

Referral = Mapping[str, Any]
PREMISES_TABLE = "premises"


def side_of(actor: Actor) -> Side:
    """Return on which side of the work a caller stands."""
    return Side.PREMISES if actor.caller.role is Role.PREMISES else Side.PRACTITIONER


async def holding(session: Session, referral: Referral) -> HoldingShown:
    """Return who has a referral and its questions, and how it came to that."""
    passed = await store.passed_of(session, referral["id"])
    whole = shared_work.holder_of(passed)
    named = {one["question"] for one in passed if one["question"] is not None}
    sides = {name: shared_work.holder_of(passed, name) for name in sorted(named)}
    return HoldingShown(
        referral_id=referral["id"],
        held_by=whole,
        questions={name: side for name, side in sides.items() if side is not whole},
        passed=[PassedShown.model_validate(one) for one in passed],
    )


async def pass_work(session: Session, referral: Referral, body: PassedOn, actor: Actor) -> HoldingShown:
    """Pass a referral, or one question of it, to a side.

    Raises InvalidInput for a question the caller knows nothing of, TransitionNotAllowed unless it is a draft for moving
    on, Conflict where that side has it already.
    """
    locked = await lock(session, referral, actor)
    pack = _pack_of(locked, actor)
    if body.question is not None and body.question not in {one.id for one in _known(pack, actor)}:
        raise InvalidInput(errors=[FieldError("/question", "unknown-question", "The form has no such question.")])
    _require_shared_draft(locked)
    passed = await store.passed_of(session, locked["id"])
    act = shared_work.act_of(passed, side_of(actor), body.to, body.question)
    if act is None:
        raise Conflict("That side has it already.")
    row = {"referral_id": locked["id"], "crn": locked["crn"], "question": body.question, "side": str(body.to)}
    await store.add(session, {**row, "act": str(act), "note": body.note}, actor.caller.worker, actor.now)
    thin = {"side": str(body.to), "act": str(act)}
    await events.append(session, locked["crn"], "referral.work_passed", str(locked["id"]), thin, actor.now)
    actor.record.changes(locked["crn"], side=str(body.to), act=str(act), question=body.question)
    return await holding(session, locked)


def _pack_of(referral: Referral, actor: Actor) -> Pack:
    return actor.catalogue.pack(referral["pack"], referral["pack_version"])


def _known(pack: Pack, actor: Actor) -> list[Question]:
    """Return the questions that exist for a caller."""
    if side_of(actor) is Side.PRACTITIONER:
        return list(pack.questions)
    return shared_work.shown_to_premises(pack, disclosure_table(PREMISES_TABLE))


def _require_shared_draft(referral: Referral) -> None:
    if referral["pack"] not in SHARED_PACKS:
        raise TransitionNotAllowed("Only referrals for moving on are shared.", status_now=referral["status"])
    if referral["status"] != "draft":
        raise TransitionNotAllowed("It has been sent.", status_now=referral["status"])


async def shared_questions(
    session: Session, referral: Referral, actor: Actor, oldest: OldestFresh
) -> tuple[SharedQuestions, CaseAnswers]:
    """Return a draft as staff of the premises work on it; TransitionNotAllowed once it was sent."""
    _require_shared_draft(referral)
    case = await _case_behind(session, referral, actor, oldest)
    pack, passed = _pack_of(referral, actor), await store.passed_of(session, referral["id"])
    populated = fillings.fill(referral, pack, case)
    known = _known(pack, actor)
    actor.record.items.extend(one.id for one in known)
    shown = [
        SharedQuestion(
            **dict(pages.question_page(populated.entries[one.id])), held_by=shared_work.holder_of(passed, one.id)
        )
        for one in known
    ]
    faults = _visible_faults(readiness.reasons_against(populated), {one.id for one in known})
    page = SharedQuestions(
        referral_id=referral["id"],
        crn=referral["crn"],
        pack=referral["pack"],
        recipient=referral["recipient_id"],
        held_by=shared_work.holder_of(passed),
        questions=shown,
        lacks=[Lack(pointer=one.pointer, code=one.code, detail=one.detail) for one in faults],
    )
    return page, case


async def _case_behind(session: Session, referral: Referral, actor: Actor, oldest: OldestFresh) -> CaseAnswers:
    """Return the answers behind a referral that was found to be the caller's to work on."""
    profile = await profile_store.profile_behind(session, referral["crn"])
    today = british_day(actor.now)
    return await fillings.case_answers(session, profile, catalogue=actor.catalogue, oldest=oldest, today=today)


def _visible_faults(faults: list[FieldError], known: Collection[str]) -> list[FieldError]:
    return [one for one in faults if one.pointer.split("/")[2] in known]


async def answer_questions(
    session: Session, referral: Referral, body: SharedAnswers, actor: Actor, oldest: OldestFresh
) -> tuple[SharedQuestions, CaseAnswers]:
    """Save answers to the questions the premises have: shared ones to the profile, the form's own to the draft.

    Raises InvalidInput naming each question, WorkHeldElsewhere for one the practitioner has, TransitionNotAllowed,
    RevisionMissing and RevisionStale as any change of a draft does.
    """
    status = await cases.hold_case(session, referral["crn"])
    locked = await lock(session, referral, actor)
    known = {one.id: one for one in _known(_pack_of(locked, actor), actor)}
    named = [*body.answers, *body.read]
    if faults := [_unknown(name, body) for name in dict.fromkeys(named) if name not in known]:
        raise InvalidInput(errors=faults)
    _require_shared_draft(locked)
    if status != "open":
        raise CaseClosed
    await _require_held(session, locked["id"], named, actor)
    changed = await _save(session, locked, body, known, actor)
    return await shared_questions(session, changed, actor, oldest)


def _unknown(name: str, body: SharedAnswers) -> FieldError:
    place = "answers" if name in body.answers else "read"
    return FieldError(f"/{place}/{name}", "unknown-question", "The form has no such question.")


async def _require_held(session: Session, referral_id: uuid.UUID, names: list[str], actor: Actor) -> None:
    passed = await store.passed_of(session, referral_id)
    held = {name: shared_work.holder_of(passed, name) for name in names} or {"": shared_work.holder_of(passed)}
    if elsewhere := [name for name, side in held.items() if side is not side_of(actor)]:
        raise WorkHeldElsewhere(questions=sorted(filter(None, elsewhere)))


async def _save(
    session: Session, referral: Referral, body: SharedAnswers, known: Mapping[str, Question], actor: Actor
) -> Referral:
    """Save both parts of a change, and return the draft as it then stands."""
    stored = await profile_store.profile_behind(session, referral["crn"], for_change=True)
    shared = {str(known[name].item): one.value for name, one in body.answers.items() if known[name].shared}
    changes = [Change(item=item, value=value, has_value=True) for item, value in shared.items()]
    author = Author(actor.caller.worker, str(actor.caller.role))
    today = british_day(actor.now)
    if faults := profiles.faults_in(changes, actor.catalogue.items, stored.answers, author, today):
        raise InvalidInput(errors=faults)
    changed = await drafts.change_draft(session, referral, _own_part(body, known), stored.answers, actor)
    if changes:
        await profile_operations.write_answers(session, stored, changes, actor)
    return changed


def _own_part(body: SharedAnswers, known: Mapping[str, Question]) -> DraftChanges:
    """Return what of a change belongs to the draft itself."""
    own = {name: OwnAnswerChange(value=one.value) for name, one in body.answers.items() if not known[name].shared}
    said: dict[str, Any] = {"answers": own, "read": {str(known[name].item): tick for name, tick in body.read.items()}}
    if "recipient" in body.model_fields_set:
        said["recipient"] = body.recipient
    return DraftChanges.model_validate(said)


async def send(
    session: Session,
    referral: Referral,
    body: Submission,
    actor: Actor,
    *,
    oldest: OldestFresh,
    cas3_regions: Collection[str],
) -> SharedSending:
    """Send a referral as staff of the premises; what they may not know of is not named among what is lacking.

    Raises as `submit_referral` does; WorkHeldElsewhere while the practitioner has it, NotPermitted for CAS3 where the
    region does not let premises send it.
    """
    _require_shared_draft(referral)
    region = await store.region_of(session, referral["crn"], actor.caller.premises)
    if not shared_work.may_send(referral["pack"], side_of(actor), region, cas3_regions):
        raise NotPermitted
    await _require_held(session, referral["id"], [], actor)
    case = await _case_behind(session, referral, actor, oldest)
    try:
        version = await submissions.submit_referral(session, referral, body, case, actor)
    except ReferralIncomplete as incomplete:
        raise ReferralIncomplete(errors=_told(incomplete.errors, referral, actor)) from None
    return SharedSending(
        referral_id=referral["id"],
        version=version["number"],
        status="submitted",
        submitted_at=version["submitted_at"],
    )


def _told(faults: Collection[FieldError], referral: Referral, actor: Actor) -> list[FieldError]:
    """Return what is said of a referral that is not ready; one sentence stands for all that the caller may not know."""
    known = {one.id for one in _known(_pack_of(referral, actor), actor)}
    told = [one for one in faults if not one.pointer.startswith("/questions/") or one.pointer.split("/")[2] in known]
    if len(told) < len(faults):
        told.append(FieldError("/questions", "for-the-practitioner", "Something is left for the practitioner."))
    return told
