"""How far somebody's move from approved premises has come, and where they go next: derived, never stored.

The state is the furthest that anything has come: no_plan → plan → referred → offered → confirmed → moved. Whose move is
next, what threatens and what is due are in `move_on_moves`, `move_on_dangers` and `board_deadlines`;
docs/decisions/0014-the-move-on-board.md has the rules in words.
"""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.domain.lifecycle import Condition
from service.domain.lifecycle import Status as Referred
from service.domain.stays import ASKS_WHERE, Status, Stay

Day = datetime.date
# The referrals that look for a next home, wherever they are sent.
PACKS = ("cas3", "duty_to_refer", "supported_housing")


class State(StrEnum):
    """How far a resident's move-on has come; a later one is further."""

    NO_PLAN = "no_plan"
    PLAN = "plan"
    REFERRED = "referred"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    MOVED = "moved"


class HomeKind(StrEnum):
    """A home that is found without a referral of ours."""

    PRIVATE_RENTED = "private_rented"
    FAMILY_OR_PARTNER = "family_or_partner"
    SUPPORTED_HOUSING = "supported_housing"
    SOCIAL_RENTED = "social_rented"
    OWNER_OCCUPIED = "owner_occupied"
    OTHER = "other"


class HomeState(StrEnum):
    """How it stands with such a home."""

    LOOKED_FOR = "looked_for"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Referral:
    """A move-on referral as far as the board is concerned; `asked_on` is the oldest question not answered.

    A draft is whoever's it was passed to last, from that day on.
    """

    id: uuid.UUID
    pack: str
    status: Referred
    since: Day
    suspended: bool = False
    asked_on: Day | None = None
    begins_on: Day | None = None
    held_by_premises: bool = False
    passed_on: Day | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """A home found without a referral of ours, as it stands."""

    id: uuid.UUID
    kind: HomeKind
    state: HomeState
    since: Day
    available_from: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospects:
    """What may lead somebody to a next home: a plan, referrals, and homes found without one."""

    planned_on: Day | None = None
    referrals: Sequence[Referral] = ()
    homes: Sequence[Home] = ()


@dataclass(frozen=True, slots=True)
class Resident(Prospects):
    """All that a resident's place on the board is derived from."""

    stay: Stay


@dataclass(frozen=True, slots=True)
class NextHome:
    """Where a resident goes: by a referral of ours (its pack) or a home found otherwise (its kind)."""

    kind: str
    begins_on: Day | None


_BY_REFERRAL: dict[Referred, State] = {
    Referred.DRAFT: State.PLAN,
    Referred.SUBMITTED: State.REFERRED,
    Referred.RECEIVED: State.REFERRED,
    Referred.QUERY: State.REFERRED,
    Referred.ACCEPTED: State.OFFERED,
    Referred.SCHEDULED: State.CONFIRMED,
    Referred.STARTED: State.CONFIRMED,
    # Whoever has moved out again has no home there to go to.
    Referred.COMPLETED: State.PLAN,
    Referred.REJECTED: State.PLAN,
}
_BY_HOME: dict[HomeState, State] = {
    # Nobody outside has been asked for it yet, as far as is known.
    HomeState.LOOKED_FOR: State.PLAN,
    HomeState.OFFERED: State.OFFERED,
    HomeState.CONFIRMED: State.CONFIRMED,
    HomeState.LOST: State.PLAN,
}
_ORDER = {state: place for place, state in enumerate(State)}
# A duty to refer that is accepted is a council's promise to help, and never by itself a home.
PROMISES = frozenset({"duty_to_refer"})
_PROMISED = frozenset({Referred.ACCEPTED, Referred.SCHEDULED, Referred.STARTED, Referred.COMPLETED})


def state_of_referral(referral: Referral) -> State:
    """Return how far one referral has brought a next home."""
    if referral.pack in PROMISES and referral.status in _PROMISED:
        return State.OFFERED
    return _BY_REFERRAL.get(referral.status, State.PLAN)


def state_of(resident: Resident) -> State:
    """Return how far a resident's move-on has come: the furthest of plan, referrals and homes."""
    if resident.stay.status is Status.DEPARTED and resident.stay.end_reason in ASKS_WHERE:
        return State.MOVED
    return furthest(resident)


def furthest(prospects: Prospects) -> State:
    """Return the furthest that plan, referrals and homes have come."""
    reached = [State.PLAN] if prospects.planned_on else [State.NO_PLAN]
    reached += [state_of_referral(referral) for referral in prospects.referrals]
    reached += [_BY_HOME[home.state] for home in prospects.homes]
    return max(reached, key=_ORDER.__getitem__)


def confirmed_homes(prospects: Prospects) -> list[NextHome]:
    """Return every home that is confirmed; a booking that a recall suspends is none."""
    found = [
        NextHome(one.pack, one.begins_on)
        for one in prospects.referrals
        if state_of_referral(one) is State.CONFIRMED and not one.suspended
    ]
    return found + [
        NextHome(str(one.kind), one.available_from) for one in prospects.homes if one.state is HomeState.CONFIRMED
    ]


def next_home_of(prospects: Prospects) -> NextHome | None:
    """Return the confirmed next home that can be had first; None while nothing is confirmed."""
    homes = confirmed_homes(prospects)
    return min(homes, key=lambda home: (home.begins_on or Day.min, home.kind), default=None)


def is_suspended(status_reason: str | None) -> bool:
    """Whether a fixed-term recall suspends a referral: the reason that then stands on it says so."""
    return status_reason == Condition.SUSPENDED


def place_of(resident: Resident) -> tuple[int, Day]:
    """Return what orders the board: nothing confirmed first, and then whoever leaves soonest."""
    is_confirmed = next_home_of(resident) is not None
    return int(is_confirmed), resident.stay.expected_departure_on or Day.max
