"""Sending a referral, and sending its differences later: each an immutable version with provenance and a hash."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.catalogue.definitions import AgeLimit, Pack
from service.conflicts import (
    CaseClosed,
    RecipientBlocked,
    ReferralIncomplete,
    TooEarly,
)
from service.db import Session
from service.domain import drafts, lifecycle, readiness, snapshots
from service.domain.lifecycle import Action
from service.domain.population import Populated
from service.domain.readiness import Caution
from service.errors import (
    Conflict,
    FieldError,
    InvalidInput,
    RevisionStale,
)
from service.operations import duty_to_refer, revisions, tellings
from service.operations.actors import Actor
from service.operations.contracts import contract_of, names_of, require_in_force
from service.operations.drafts import change_of, save, with_change
from service.operations.eligibility import going_on_past
from service.operations.fillings import CaseAnswers, fill
from service.operations.locks import lock
from service.operations.named_workers import require_named_workers
from service.schemas.referrals import Amendment, Submission
from service.store import cases, events, steps
from service.store import referrals as store
from service.store.steps import Step


async def submit_referral(
    session: Session,
    referral: Mapping[str, Any],
    body: Submission,
    case: CaseAnswers,
    actor: Actor,
) -> dict[str, Any]:
    """Freeze a draft and send it; return the version.

    Raises TransitionNotAllowed unless it is a draft, ReferralIncomplete with every reason at once, TooEarly when only
    the recipient's window stands in the way, RecipientBlocked, ContractNotInForce, WorkersNotNamed,
    RevisionStale where the draft or the profile behind it has moved on from the revision the sender checked.
    """
    await cases.hold_case(session, referral["crn"])
    locked = await lock(session, referral, actor)
    pack = actor.catalogue.pack(locked["pack"], locked["pack_version"])
    if locked["case_status"] != "open":
        raise CaseClosed
    moved = lifecycle.move(locked["status"], Action.SUBMISSION)
    populated = fill(locked, pack, case)
    warnings = await going_on_past(session, locked["crn"], locked["pack"], actor)
    reasons = reasons_given(body.reasons, locked)
    contract = await contract_of(session, locked["recipient_id"])
    refuse_barred(locked, names_of(contract))
    require_in_force(contract, actor)
    if contract is not None:
        await require_named_workers(session, locked)
    refuse_unready(populated, case, warnings, reasons)
    _require_checked_revision(locked, case, actor)
    version = _version(locked, content_for(populated, locked, case), case, actor)
    before = await tellings.seen_before(session, "referral", locked["id"], actor.now)
    await store.insert_version(session, version, status=str(moved.to_status))
    await _record(session, locked, version, Sending("submission", str(moved.to_status), reasons, before), actor)
    await duty_to_refer.follow_sending(session, locked, actor)
    return version


def _require_checked_revision(referral: Mapping[str, Any], case: CaseAnswers, actor: Actor) -> None:
    """Refuse to send what has moved on since the sender checked it, the draft or the profile behind it."""
    if actor.if_match is None or revisions.matches(actor.if_match, referral["revision"], case.revision):
        return
    raise RevisionStale(
        headers={"ETag": revisions.etag(referral["revision"], case.revision)},
        revision=referral["revision"],
        profile_revision=case.revision,
    )


def reasons_given(reasons: Mapping[str, str], referral: Mapping[str, Any]) -> dict[str, str]:
    """Return the reasons to go on: those sent now, and the one recorded when the draft was made."""
    recorded = {"not_eligible": referral["went_on_because"]} if referral["went_on_because"] else {}
    return {**recorded, **reasons}


def refuse_barred(referral: Mapping[str, Any], members: Mapping[str, str]) -> None:
    """Refuse to send to a recipient that must not receive it, or under whose contract somebody works who must not."""
    if readiness.must_not_receive(referral["own"], {**recipient_names(referral), **members}):
        raise RecipientBlocked


def refuse_unready(
    populated: Populated, case: CaseAnswers, warnings: list[Caution], reasons: Mapping[str, str]
) -> None:
    """Refuse to send what is not ready, with every reason at once."""
    faults = readiness.reasons_against(populated)
    if faults and all(fault.code == "too_early" for fault in faults):
        first = readiness.first_possible_on(populated)
        raise TooEarly(errors=faults, first_possible_on=first.isoformat() if first else None)
    warnings = [*warnings, *readiness.outstanding_checks(case.answers, case.surroundings.oldest[AgeLimit.CHECK])]
    faults.extend(readiness.unexplained(warnings, reasons))
    if faults:
        raise ReferralIncomplete(errors=faults)


def recipient_names(referral: Mapping[str, Any]) -> dict[str, str]:
    """Return the names a must-not-receive list could know a referral's recipient by."""
    return {
        "id": referral["recipient_id"] or "",
        "name": referral["recipient_name"] or "",
        "organisation": referral["recipient_organisation"] or "",
    }


def content_for(populated: Populated, referral: Mapping[str, Any], case: CaseAnswers) -> snapshots.Snapshot:
    """Return what would be sent of a populated referral."""
    outstanding = readiness.outstanding_checks(case.answers, case.surroundings.oldest[AgeLimit.CHECK])
    checks = [check.code for check in outstanding]
    return snapshots.snapshot(populated, recipient_names(referral), referral["crn"], case.surroundings.today, checks)


def _version(
    referral: Mapping[str, Any], content: snapshots.Snapshot, case: CaseAnswers, actor: Actor
) -> dict[str, Any]:
    """Return the next version of a referral, as it will be kept."""
    return {
        "referral_id": referral["id"],
        "number": referral["version"] + 1,
        "crn": referral["crn"],
        "content": content,
        "digest": snapshots.digest(content),
        "differences": [],
        "reason": None,
        "profile_revision": case.revision,
        "submitted_by": actor.caller.worker,
        "submitted_at": actor.now,
    }


@dataclass(frozen=True, slots=True)
class Sending:
    """How a version was sent: by which act, into which status, with which reasons to go on; and who saw what before."""

    action: str
    status: str
    reasons: Mapping[str, str]
    before: tellings.Before


async def _record(
    session: Session, referral: Mapping[str, Any], version: Mapping[str, Any], sending: Sending, actor: Actor
) -> None:
    details = {"version": version["number"], "digest": version["digest"], "reasons": dict(sending.reasons)}
    known = (referral["id"], referral["crn"], sending.action, referral["status"], sending.status)
    await steps.append(session, [Step(*known, details=details)], actor.caller, actor.now)
    thin = {"pack": referral["pack"], "version": version["number"]}
    event = f"referral.{sending.action}"
    await events.append(session, referral["crn"], event, str(referral["id"]), thin, actor.now)
    actor.record.changes(referral["crn"], version=version["number"])
    after = await tellings.seen_now(session, "referral", referral["id"], actor.now)
    await tellings.tell_of_difference(session, sending.before, after, actor.now, moved={referral["id"]})


async def amend_referral(
    session: Session,
    referral: Mapping[str, Any],
    body: Amendment,
    case: CaseAnswers,
    actor: Actor,
) -> dict[str, Any]:
    """Send what has changed as a new version, which the recipient must receive; return the version.

    The status stays: a changed release date never forces withdrawing and starting again. Raises as submitting does,
    and Conflict where nothing differs from what was sent.
    """
    await cases.hold_case(session, referral["crn"])
    locked = await lock(session, referral, actor)
    pack = actor.catalogue.pack(locked["pack"], locked["pack_version"])
    _refuse_unsound(body, pack, case, actor)
    if locked["case_status"] != "open":
        raise CaseClosed
    lifecycle.require_amendable(locked["status"])
    changed = with_change(locked, body, case.answers, actor)
    populated = fill(changed, pack, case)
    refuse_barred(changed, names_of(await contract_of(session, changed["recipient_id"])))
    refuse_unready(populated, case, [], body.reasons)
    _require_checked_revision(locked, case, actor)
    content = content_for(populated, changed, case)
    differences = await _differences_from_sent(session, locked, content)
    before = await tellings.seen_before(session, "referral", locked["id"], actor.now)
    await save(session, changed, actor)
    version = _version(locked, content, case, actor) | {"differences": differences, "reason": body.reason}
    await store.insert_version(session, version, status=locked["status"])
    await _record(session, locked, version, Sending("amendment", locked["status"], body.reasons, before), actor)
    return version


def _refuse_unsound(body: Amendment, pack: Pack, case: CaseAnswers, actor: Actor) -> None:
    faults = drafts.faults_in(change_of(body, actor.caller), pack, case.answers)
    if "recipient" in body.model_fields_set:
        faults.append(FieldError("/recipient", "sent", "It was sent to its recipient: withdraw it to send elsewhere."))
    if faults:
        raise InvalidInput(errors=faults)


async def _differences_from_sent(
    session: Session, referral: Mapping[str, Any], content: snapshots.Snapshot
) -> list[dict[str, Any]]:
    sent = await store.read_version(session, referral["id"], referral["version"])
    differences = snapshots.differences(sent["content"] if sent else {"sections": []}, content)
    if not differences:
        raise Conflict("Nothing has changed since it was sent.")
    return differences
