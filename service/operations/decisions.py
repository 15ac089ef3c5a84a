"""What a recipient and a sender do to a referral once it is sent: one step along the life cycle at a time."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import IntegrityError

from service.catalogue.reasons import reasons
from service.conflicts import CaseClosed, VersionNotReceived
from service.db import Session
from service.domain import lifecycle
from service.domain.calendar import british_day
from service.domain.lifecycle import Action, Condition, Transition
from service.errors import (
    FieldError,
    InvalidInput,
    NotPermitted,
    RevisionStale,
)
from service.operations import booking_events, own_acts, revisions, screenings, tellings
from service.operations.actors import Actor, Doer
from service.operations.locks import lock
from service.operations.referrals import already_open
from service.store import cases, events, steps
from service.store import decisions as store
from service.store import referrals as referral_store
from service.store.sessions import broken_constraint
from service.store.steps import Step

Referral = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does to a referral: its coded reason, a note, the version it is about, what else to keep."""

    action: Action
    reason: str | None = None
    note: str | None = None
    version: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Day:
    """A day an act names: in which field, and whether it may lie ahead."""

    field: str
    on: datetime.date
    may_lie_ahead: bool = False


async def decide(
    session: Session, referral: Mapping[str, Any], act: Act, actor: Actor, day: Day | None = None
) -> Referral:
    """Do one act to a referral and return it as it then stands.

    Raises InvalidInput for a reason the pack does not offer or a day that cannot be, TransitionNotAllowed naming what
    may be done instead, ReferralSuspended while a fixed-term recall holds it up, VersionNotReceived before a decision
    on an older version, CaseClosed and ReferralAlreadyOpen on reopening, RevisionStale.
    """
    locked = await lock(session, referral, actor)
    if faults := _faults_in(act, day, locked, actor.now):
        raise InvalidInput(errors=faults)
    transition = move(locked, act.action, actor)
    if act.action is Action.REOPENING:
        await _refuse_closed_case(session, locked["crn"])
    require_revision(locked, actor)
    moved = await take_step(session, locked, transition, act, actor)
    await booking_events.follow_decision(session, moved, act.action, act.reason, actor)
    await own_acts.note_decision(session, moved, act.action, act.reason, act.note, actor)
    if act.action is Action.ACCEPTANCE:
        await screenings.screen_accepted(session, moved, act.reason, act.note, actor)
    return moved


def _faults_in(act: Act, day: Day | None, referral: Mapping[str, Any], now: datetime.datetime) -> list[FieldError]:
    offered = reasons().packs[referral["pack"]].offered(act.action)
    faults = lifecycle.faults_in_reason(act.reason, act.note, offered, referral["status"])
    if day is not None and referral["submitted_at"] is not None:
        latest = None if day.may_lie_ahead else british_day(now)
        faults += lifecycle.faults_in_day(
            day.on, day.field, sent_on=british_day(referral["submitted_at"]), today=latest
        )
    if act.version is not None and act.version != referral["version"]:
        faults.append(FieldError("/version", "not-the-newest", f"The newest version is {referral['version']}."))
    return faults


def move(referral: Mapping[str, Any], action: Action, actor: Actor, *, other_queries_open: bool = False) -> Transition:
    """Return the transition an act makes from where a referral stands; refuse it to the side whose act it is not."""
    holds = set()
    if referral["version"] > referral["received_version"]:
        holds.add(Condition.NEWER_VERSION)
    if other_queries_open:
        holds.add(Condition.OTHER_QUERIES_OPEN)
    if referral["status_reason"] == Condition.SUSPENDED:
        holds.add(Condition.SUSPENDED)
    transition = lifecycle.move(referral["status"], action, holds, actor.side)
    if actor.side not in transition.sides:
        raise NotPermitted
    if action in lifecycle.NEEDS_NEWEST_VERSION and Condition.NEWER_VERSION in holds:
        raise VersionNotReceived(version=referral["version"], received_version=referral["received_version"])
    return transition


async def _refuse_closed_case(session: Session, crn: str) -> None:
    if await cases.hold_case(session, crn) != "open":
        raise CaseClosed


def require_revision(changed: Mapping[str, Any], actor: Actor) -> None:
    """Refuse an act on a revision that has been changed since, where the caller names the one they read."""
    if actor.if_match is None or actor.if_match.strip() == "*":
        return
    if not any(tag[0] == changed["revision"] for tag in revisions.named_revisions(actor.if_match)):
        raise RevisionStale(headers={"ETag": revisions.etag(changed["revision"])}, revision=changed["revision"])


async def take_step(session: Session, referral: Referral, transition: Transition, act: Act, actor: Doer) -> Referral:
    """Write an act that has been found allowed: the status, the step, the event and the record of access."""
    saved = await _save(session, referral, transition, act, actor)
    details = {**act.details}
    if act.action is Action.RECEIPT:
        details["version"] = saved["received_version"]
    step = Step(
        saved["id"],
        saved["crn"],
        str(act.action),
        str(transition.from_status),
        str(transition.to_status),
        reason=act.reason,
        note=act.note,
        details=details,
    )
    await steps.append(session, [step], actor.caller, actor.now)
    thin = {"pack": saved["pack"], "status": saved["status"], "reason": act.reason, "version": saved["version"]}
    await events.append(session, saved["crn"], f"referral.{act.action}", str(saved["id"]), thin, actor.now)
    actor.record.changes(saved["crn"], status=saved["status"], reason=act.reason)
    await tellings.tell_of_step(session, referral, actor.now)
    return saved


async def _save(session: Session, referral: Referral, transition: Transition, act: Act, actor: Doer) -> Referral:
    changed = {**referral, "status": str(transition.to_status), "status_reason": act.reason}
    if act.action is Action.RECEIPT:
        changed["received_version"] = referral["version"]
    try:
        resumed = act.action is Action.RESUMPTION
        return await store.save_status(session, changed, resumed=resumed, by=actor.caller.worker, now=actor.now)
    except IntegrityError as failure:
        if broken_constraint(failure) != "uq_referral_open":
            raise
    found = await referral_store.find_open(
        session, referral["crn"], referral["pack"], referral["recipient_id"], referral["service_category"]
    )
    raise already_open(found, referral["pack"])
