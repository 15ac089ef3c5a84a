"""Asking a check, chasing it and recording its answer: each a record of the case, and the profile says the same."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.catalogue.definitions import AgeLimit
from service.conflicts import CaseClosed, CheckAlreadyAsked, CheckSettled
from service.db import Session
from service.domain import check_requests
from service.domain.ages import OldestFresh
from service.domain.calendar import british_day
from service.domain.check_requests import Chaser, faults_in_answer, faults_in_day, last_valid_day
from service.domain.checks import CheckKind, CheckStatus, Standing
from service.domain.eligibility.thresholds import Thresholds
from service.domain.profiles import Change
from service.errors import FieldError, InvalidInput, NotFound
from service.operations import profiles
from service.operations.actors import Actor
from service.operations.check_standings import standings_in_reach, standings_of_case
from service.schemas.checks import CheckAnswered, CheckAsked, CheckChased
from service.store import cases, events
from service.store import checks as store
from service.store import profiles as profile_store
from service.store.checks import Holding
from service.store.profiles import StoredProfile

Row = dict[str, Any]


async def read_checks(session: Session, crn: str, actor: Actor) -> tuple[list[Standing], list[Row]]:
    """Return how a visible person's checks stand, and every check there was, the latest first."""
    found = await standings_of_case(session, crn, actor)
    asked = await store.checks_of(session, crn)
    parts = (*check_requests.PARTS, "detail")
    actor.record.items.extend(kind.item(part) for kind in CheckKind for part in parts)
    return found, asked


async def read_check(session: Session, crn: str, check_id: uuid.UUID) -> Row:
    """Return a check about a visible person; NotFound for one about somebody else."""
    found = await store.find_check(session, crn, check_id)
    if found is None:
        raise NotFound
    return found


async def ask_check(session: Session, crn: str, body: CheckAsked, actor: Actor) -> Row:
    """Record that a check was asked of somebody, in place of one that stays unanswered if it names one.

    Raises InvalidInput, CaseClosed, CheckAlreadyAsked where one is open that it does not name.
    """
    status, profile = await _lock(session, crn, actor)
    today = british_day(actor.now)
    asked_on = body.asked_on or today
    faults = faults_in_day("asked_on", asked_on, today)
    waiting = [one for one in await store.checks_of(session, crn) if one["kind"] == body.kind and _is_open(one)]
    if body.replaces is not None and body.replaces not in {one["id"] for one in waiting}:
        faults.append(FieldError("/replaces", "unknown-check", "The person has no such check that is unanswered."))
    if faults:
        raise InvalidInput(errors=faults)
    if status != "open":
        raise CaseClosed
    if others := [one for one in waiting if one["id"] != body.replaces]:
        raise CheckAlreadyAsked(check_id=str(others[0]["id"]))
    row = {"id": uuid.uuid4(), "crn": crn, **body.model_dump(), "kind": str(body.kind), "asked_on": asked_on}
    await store.insert(session, "request", row, by=actor.caller.worker, now=actor.now)
    changes = check_requests.asking(body.kind, body.asked_of, asked_on, profile.answers)
    await _happened(session, profile, changes, "asked", row, actor)
    return await read_check(session, crn, row["id"])


async def chase_check(session: Session, crn: str, check_id: uuid.UUID, body: CheckChased, actor: Actor) -> Row:
    """Record that a check was chased. Raises NotFound, InvalidInput, CaseClosed, CheckSettled."""
    status, profile = await _lock(session, crn, actor)
    found, today = await read_check(session, crn, check_id), british_day(actor.now)
    chased_on = body.chased_on or today
    _require_open(found, status, faults_in_day("chased_on", chased_on, today, found["asked_on"]))
    row = {"id": uuid.uuid4(), "check_id": check_id, "crn": crn, "how": str(body.how), "chased_on": chased_on}
    await store.insert(session, "chase", row, by=actor.caller.worker, now=actor.now)
    kind = CheckKind(found["kind"])
    await _happened(session, profile, check_requests.chasing(kind, chased_on), "chased", found, actor)
    return await read_check(session, crn, check_id)


async def answer_check(session: Session, crn: str, check_id: uuid.UUID, body: CheckAnswered, actor: Actor) -> Row:
    """Record what came back, once; what an earlier answer said goes into the profile's history.

    Raises NotFound, InvalidInput, CaseClosed, CheckSettled.
    """
    status, profile = await _lock(session, crn, actor)
    found, today, age = await read_check(session, crn, check_id), british_day(actor.now), actor.ages[AgeLimit.CHECK]
    answered_on = body.answered_on or today
    valid_until = body.valid_until or last_valid_day(answered_on, age)
    faults = faults_in_day("answered_on", answered_on, today, found["asked_on"])
    faults += faults_in_answer(body.result, body.detail, answered_on=answered_on, valid_until=valid_until, age=age)
    _require_open(found, status, faults)
    row = {"check_id": check_id, "crn": crn, "result": str(body.result), "detail": body.detail}
    row |= {"answered_on": answered_on, "valid_until": valid_until}
    await store.insert(session, "answer", row, by=actor.caller.worker, now=actor.now)
    kind = CheckKind(found["kind"])
    changes = check_requests.answering(kind, body.result, body.detail, answered_on, profile.answers)
    await _happened(session, profile, changes, "answered", found, actor)
    return await read_check(session, crn, check_id)


async def draft_chaser(session: Session, crn: str, check_id: uuid.UUID) -> Chaser:
    """Return the words to chase a check with, for somebody to send. Raises NotFound, CheckSettled."""
    found = await read_check(session, crn, check_id)
    if not _is_open(found):
        raise CheckSettled
    chased_on = [datetime.date.fromisoformat(one["chased_on"]) for one in found["chases"]]
    return check_requests.chaser(CheckKind(found["kind"]), crn, found["asked_of"], found["asked_on"], chased_on)


async def _lock(session: Session, crn: str, actor: Actor) -> tuple[str | None, StoredProfile]:
    """Take hold of the person's profile, so that two who ask, chase or answer at once do it one after the other."""
    status = await cases.hold_case(session, crn)
    profile = await profile_store.find_profile(session, crn, actor.caller, actor.now, for_change=True)
    if profile is None:
        raise NotFound
    return status, profile


def _is_open(check: Row) -> bool:
    return check["answer"] is None and check["replaced_by"] is None


def _require_open(check: Row, case_status: str | None, faults: Sequence[FieldError]) -> None:
    if faults:
        raise InvalidInput(errors=faults)
    if case_status != "open":
        raise CaseClosed
    if not _is_open(check):
        raise CheckSettled


async def _happened(
    session: Session, profile: StoredProfile, changes: Sequence[Change], what: str, check: Row, actor: Actor
) -> None:
    """Change the profile, and write the event and the record: which check, never of whom or what it said."""
    await profiles.write_answers(session, profile, changes, actor)
    kind = str(check["kind"])
    await events.append(session, profile.crn, f"check.{what}", str(check["id"]), {"kind": kind}, actor.now)
    actor.record.changes(profile.crn, check=str(check["id"]), kind=kind)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which checks to list: those in a status `as_of` an instant, after a place (rank, since, id)."""

    statuses: Sequence[CheckStatus]
    kinds: Sequence[CheckKind]
    holding: Holding
    as_of: datetime.datetime
    after: tuple[int, datetime.datetime, str] | None
    limit: int


# A list begins with what is most pressing.
RANK = {
    status: place
    for place, status in enumerate(
        (
            *(CheckStatus.OVERDUE, CheckStatus.EXPIRED, CheckStatus.DUE, CheckStatus.ASKED),
            *(CheckStatus.ANSWERED, CheckStatus.NOT_NEEDED),
        )
    )
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One check in a list across people, with whose case it is."""

    crn: str
    region: str | None
    holders: Sequence[Row]
    standing: Standing
    as_of: datetime.datetime

    @property
    def place(self) -> tuple[int, datetime.datetime, str]:
        """Where it stands in the list: by status, then by since when it stands so."""
        id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.crn}/{self.standing.kind}"))
        return RANK[self.standing.status], self.standing.since or self.as_of, id_


async def list_checks(
    session: Session,
    wanted: Wanted,
    *,
    caller: Caller,
    now: datetime.datetime,
    oldest: OldestFresh,
    thresholds: Thresholds,
    record: AccessRecord,
) -> tuple[list[Listed], bool]:
    """Return the checks wanted of the open cases a caller sees, the most pressing first, and whether there are more."""
    reach = await standings_in_reach(
        session,
        caller,
        now,
        as_of=wanted.as_of,
        oldest=oldest,
        thresholds=thresholds,
        holding=wanted.holding,
    )
    listed = [
        Listed(crn, stored["region"], stored["holders"], standing, wanted.as_of)
        for crn, (stored, found) in reach.items()
        for standing in found
        if standing.status in wanted.statuses and standing.kind in wanted.kinds
    ]
    left = sorted(
        (one for one in listed if wanted.after is None or one.place > wanted.after), key=lambda one: one.place
    )
    shown = left[: wanted.limit]
    record.shows(one.crn for one in shown)
    return shown, len(left) > wanted.limit
