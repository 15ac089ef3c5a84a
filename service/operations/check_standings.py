"""How people's checks stand, from what is stored: read for a case's page, a draft, a work list and a lowered risk."""

import datetime
from collections.abc import Sequence
from typing import Any

from service.access.callers import Caller
from service.catalogue.definitions import AgeLimit
from service.db import Session
from service.domain.ages import OldestFresh, oldest_fresh
from service.domain.calendar import british_day
from service.domain.check_requests import facts_of
from service.domain.checks import Standing, standings
from service.domain.eligibility.thresholds import Thresholds
from service.errors import NotFound
from service.operations.actors import Actor
from service.store import checks as store
from service.store.checks import Holding


async def standings_of_case(session: Session, crn: str, actor: Actor, *, arriving: bool = False) -> list[Standing]:
    """Return how a visible person's checks stand now; NotFound where the case has gone out of sight meanwhile.

    `arriving` also for an officer to whom the case is about to be handed over.
    """
    stored = await store.facts_of_case(session, crn, actor.caller, actor.now, arriving=arriving)
    if stored is None:
        raise NotFound
    oldest = oldest_fresh(actor.ages, british_day(actor.now))
    return standings(facts_of(stored), actor.now, oldest[AgeLimit.CHECK], actor.thresholds)


async def standings_in_reach(
    session: Session,
    caller: Caller,
    now: datetime.datetime,
    *,
    as_of: datetime.datetime,
    oldest: OldestFresh,
    thresholds: Thresholds,
    holding: Holding | None = None,
) -> dict[str, tuple[dict[str, Any], list[Standing]]]:
    """Return, by CRN, what is stored and how the checks stand `as_of` an instant, of each open case in reach.

    One statement, however many cases there are.
    """
    found = await store.facts_in_reach(session, caller, now, holding)
    return {row["crn"]: (row, standings(facts_of(row), as_of, oldest[AgeLimit.CHECK], thresholds)) for row in found}


async def standings_of_people(session: Session, crns: Sequence[str], actor: Actor) -> dict[str, list[Standing]]:
    """Return, by CRN, how the checks stand of people whom the caller has been shown: for a list that says no more.

    One statement, however many people there are.
    """
    found = await store.facts_of_people(session, crns, actor.caller, actor.now)
    oldest = oldest_fresh(actor.ages, british_day(actor.now))
    return {row["crn"]: standings(facts_of(row), actor.now, oldest[AgeLimit.CHECK], actor.thresholds) for row in found}
