"""What handlers receive: the session, the caller, the clock, and people and referrals already found visible."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Path, Query, Request

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.catalogue.definitions import Catalogue, Item
from service.catalogue.inventories import Row
from service.db import Session
from service.domain.ages import OldestFresh, oldest_fresh
from service.domain.calendar import british_day
from service.domain.eligibility.thresholds import Thresholds
from service.errors import (
    FieldError,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from service.operations import fillings
from service.operations.actors import Actor
from service.operations.fillings import CaseAnswers
from service.settings import Settings
from service.store import cases, idempotency, profiles, referrals, stays
from service.store.profiles import StoredProfile

LONGEST_KEY, LONGEST_ROUTE = 255, 200
Found = TypeVar("Found")


async def _session(request: Request) -> Session:
    session: Session = request.state.session
    return session


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


async def _record(request: Request) -> AccessRecord:
    record: AccessRecord = request.state.record
    return record


async def _now(request: Request) -> datetime.datetime:
    now: datetime.datetime = request.state.now
    return now


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


async def _inventory(request: Request) -> Mapping[str, Row]:
    inventory: Mapping[str, Row] = request.app.state.inventory
    return inventory


async def _thresholds(request: Request) -> Thresholds:
    thresholds: Thresholds = request.app.state.thresholds
    return thresholds


async def _oldest(request: Request) -> OldestFresh:
    return oldest_fresh(request.app.state.ages, british_day(request.state.now))


SessionDep = Annotated[Session, Depends(_session)]
CallerDep = Annotated[Caller, Depends(_caller)]
RecordDep = Annotated[AccessRecord, Depends(_record)]
Now = Annotated[datetime.datetime, Depends(_now)]
SettingsDep = Annotated[Settings, Depends(_settings)]
CatalogueDep = Annotated[Catalogue, Depends(_catalogue)]
InventoryDep = Annotated[Mapping[str, Row], Depends(_inventory)]
ThresholdsDep = Annotated[Thresholds, Depends(_thresholds)]
Oldest = Annotated[OldestFresh, Depends(_oldest)]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[
    str | None, Query(pattern="^[A-Za-z0-9_=-]{1,400}$", description="Where the page before this one ended.")
]
Crn = Annotated[str, Path(pattern="^[A-Z][0-9]{6}$", description="The case reference number, like X123456.")]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="The ETag you read.")]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description="An ETag you already hold.")]


def reader_of(request: Request, if_match: str | None = None) -> Actor:
    """Return who acts in a request, by default on no revision that a thing must still have."""
    state, app = request.state, request.app.state
    return Actor(state.caller, state.now, if_match, state.record, app.catalogue, app.ages, app.thresholds)


async def _actor(request: Request, if_match: IfMatch = None) -> Actor:
    return reader_of(request, if_match)


async def _reader(request: Request) -> Actor:
    return reader_of(request)


ActorDep = Annotated[Actor, Depends(_actor)]
# Who changes nothing names no revision that it must still have.
ReaderDep = Annotated[Actor, Depends(_reader)]


@dataclass(frozen=True, slots=True)
class Reading:
    """What showing answers needs besides them, in one dependency for the most frequent read."""

    record: AccessRecord
    items: Mapping[str, Item]
    oldest: OldestFresh


async def _reading(request: Request) -> Reading:
    return Reading(request.state.record, request.app.state.catalogue.items, await _oldest(request))


ReadingDep = Annotated[Reading, Depends(_reading)]


# The guards take what they need from the request itself: the framework solves each dependency at the price of a small
# function of ours, and every route passes here.
def permitted_sight_of(found: Found | None, request: Request) -> Found:
    """Answer 404 for what is absent or hidden, all alike; then 403 where the caller may not do this."""
    if found is None:
        raise NotFound
    if not request.state.permitted:
        raise NotPermitted
    return found


async def _visible_case(crn: Crn, request: Request) -> Mapping[str, Any]:
    """Find the case."""
    state = request.state
    case = permitted_sight_of(await cases.find_case(state.session, crn, state.caller, state.now), request)
    state.record.shows([crn])
    return case


async def _visible_referral(referral_id: uuid.UUID, request: Request) -> Mapping[str, Any]:
    """Find the referral."""
    state = request.state
    referral = permitted_sight_of(
        await referrals.find_referral(state.session, referral_id, state.caller, state.now), request
    )
    state.record.shows([referral["crn"]])
    state.record.referral_id = referral_id
    return referral


async def _visible_stay(stay_id: uuid.UUID, request: Request) -> Mapping[str, Any]:
    """Find the stay."""
    state = request.state
    stay = permitted_sight_of(await stays.find_stay(state.session, stay_id, state.caller, state.now), request)
    state.record.shows([stay["crn"]])
    return stay


async def _visible_profile(crn: Crn, request: Request) -> StoredProfile:
    """Find the profile, in one statement with the check that the caller may see its case."""
    state = request.state
    profile = permitted_sight_of(await profiles.find_profile(state.session, crn, state.caller, state.now), request)
    state.record.shows([crn])
    return profile


async def _visible_case_answers(
    profile: Annotated[StoredProfile, Depends(_visible_profile)], request: Request
) -> CaseAnswers:
    """Find what filling any pack for the visible case needs."""
    return await fillings.case_answers(
        request.state.session,
        profile,
        catalogue=request.app.state.catalogue,
        oldest=await _oldest(request),
        today=british_day(request.state.now),
    )


VisibleCaseAnswers = Annotated[CaseAnswers, Depends(_visible_case_answers)]
VisibleProfile = Annotated[StoredProfile, Depends(_visible_profile)]
VisibleCase = Annotated[Mapping[str, Any], Depends(_visible_case)]
VisibleStay = Annotated[Mapping[str, Any], Depends(_visible_stay)]
VisibleReferral = Annotated[Mapping[str, Any], Depends(_visible_referral)]


async def _repeatable(
    request: Request,
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    key: Annotated[
        str | None, Header(alias="Idempotency-Key", description="Repeat a request safely, for a day.")
    ] = None,
) -> None:
    """Claim the caller's Idempotency-Key, if they sent one: a repeat gets the first answer. Put after the guards."""
    if key is None:
        return
    if not 1 <= len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        fault = FieldError("/header/Idempotency-Key", "format", f"Send 1 to {LONGEST_KEY} printable characters.")
        raise InvalidInput(errors=[fault])
    route = f"{request.method} {request.url.path}"
    if len(route) > LONGEST_ROUTE:  # no id of ours is that long: the framework is about to say so
        return
    request.state.repeatable = await idempotency.claim(session, caller, route, key, await request.body(), now)


# The last parameter of a handler that creates or acts, so that guards have spoken before a repeat is answered.
Repeatable = Annotated[None, Depends(_repeatable)]


async def _referral_case(referral: VisibleReferral, request: Request) -> CaseAnswers | None:
    """Find the answers behind a visible referral; None for a recipient, who sees what was sent and nothing else."""
    state = request.state
    if state.caller.is_sent_to:
        return None
    catalogue, oldest = request.app.state.catalogue, await _oldest(request)
    return await fillings.find_case_answers(
        state.session, referral["crn"], state.caller, state.now, catalogue=catalogue, oldest=oldest
    )


async def _senders_case(case: Annotated[CaseAnswers | None, Depends(_referral_case)]) -> CaseAnswers:
    """Find the answers behind a referral its sender works on; 404 where its case is not the caller's to see."""
    if case is None:
        raise NotFound
    return case


ReferralCase = Annotated[CaseAnswers | None, Depends(_referral_case)]
SendersCase = Annotated[CaseAnswers, Depends(_senders_case)]
