"""Who leaves approved premises when, with nowhere confirmed to go, and whose move is next: derived, never stored.

The state is the furthest that anything has come: no_plan → plan → referred → offered → confirmed → moved. A resident is
at risk while any danger below holds; docs/decisions/0014-the-move-on-board.md has the rule in words.
"""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.domain.calendar import days_after
from service.domain.lifecycle import Condition
from service.domain.lifecycle import Status as Referred
from service.domain.stays import ASKS_WHERE, Status, Stay, nights_left

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


class Mover(StrEnum):
    """Whose move is next."""

    PRACTITIONER = "practitioner"
    PREMISES = "premises"
    RECIPIENT = "recipient"
    PERSON = "person"
    NOBODY = "nobody"


class Block(StrEnum):
    """What stands in the way, or is waited for."""

    NO_PLAN = "no_plan"
    NOTHING_REFERRED = "nothing_referred"
    DRAFT_NOT_SENT = "draft_not_sent"
    NOT_RECEIVED = "not_received"
    NOT_DECIDED = "not_decided"
    QUERY_TO_ANSWER = "query_to_answer"
    NO_PLACE_YET = "no_place_yet"
    REJECTED = "rejected"
    SUSPENDED_BY_RECALL = "suspended_by_recall"
    HOME_TO_CONFIRM = "home_to_confirm"
    NOT_ARRIVED_YET = "not_arrived_yet"


class Danger(StrEnum):
    """Why a resident is at risk, the worst first."""

    DEPARTURE_PASSED = "departure_passed"
    LEAVES_WITHIN_4_WEEKS = "leaves_within_4_weeks"
    NOTHING_SENT_8_WEEKS_BEFORE = "nothing_sent_8_weeks_before"
    NO_PLAN_AFTER_2_WEEKS = "no_plan_after_2_weeks"
    GAP_BEFORE_NEXT_HOME = "gap_before_next_home"


class DeadlineName(StrEnum):
    """What is to be done by a day worked back from the day of leaving."""

    PLAN = "plan"
    DUTY_TO_REFER = "duty_to_refer"
    CAS3 = "cas3"
    NEXT_HOME = "next_home"
    DEPARTURE = "departure"


class Checkpoint(StrEnum):
    """When it is asked what became of somebody who left."""

    DEPARTURE = "departure"
    DAY_28 = "day_28"
    DAY_84 = "day_84"


class Outcome(StrEnum):
    """What became of them."""

    SETTLED = "settled"
    TRANSIENT = "transient"
    HOMELESS = "homeless"
    RECALLED = "recalled"
    UNKNOWN = "unknown"


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


@dataclass(frozen=True, slots=True)
class Resident:
    """All that a resident's place on the board is derived from."""

    stay: Stay
    planned_on: Day | None = None
    referrals: Sequence[Referral] = ()
    homes: Sequence[Home] = ()


@dataclass(frozen=True, slots=True)
class NextHome:
    """Where a resident goes: by a referral of ours (its pack) or a home found otherwise (its kind)."""

    kind: str
    begins_on: Day | None


@dataclass(frozen=True, slots=True)
class Move:
    """Whose move is next, since when, and what it waits for."""

    mover: Mover
    since: Day | None
    blocked_by: Block | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that is to be done by a day, inclusive."""

    name: DeadlineName
    due_on: Day


_BY_REFERRAL: dict[Referred, State] = {
    Referred.DRAFT: State.PLAN,
    Referred.SUBMITTED: State.REFERRED,
    Referred.RECEIVED: State.REFERRED,
    Referred.QUERY: State.REFERRED,
    Referred.ACCEPTED: State.OFFERED,
    Referred.SCHEDULED: State.CONFIRMED,
    Referred.STARTED: State.CONFIRMED,
    Referred.COMPLETED: State.CONFIRMED,
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
_MOVES: dict[Referred, tuple[Mover, Block | None]] = {
    Referred.SUBMITTED: (Mover.RECIPIENT, Block.NOT_RECEIVED),
    Referred.RECEIVED: (Mover.RECIPIENT, Block.NOT_DECIDED),
    Referred.QUERY: (Mover.PRACTITIONER, Block.QUERY_TO_ANSWER),
    Referred.ACCEPTED: (Mover.RECIPIENT, Block.NO_PLACE_YET),
    Referred.SCHEDULED: (Mover.PERSON, None),
    Referred.REJECTED: (Mover.PRACTITIONER, Block.REJECTED),
}


def state_of_referral(referral: Referral) -> State:
    """Return how far one referral has brought a next home."""
    state = _BY_REFERRAL.get(referral.status, State.PLAN)
    return State.OFFERED if referral.pack in PROMISES and _ORDER[state] > _ORDER[State.OFFERED] else state


def state_of(resident: Resident) -> State:
    """Return how far a resident's move-on has come: the furthest of plan, referrals and homes."""
    if resident.stay.status is Status.DEPARTED and resident.stay.end_reason in ASKS_WHERE:
        return State.MOVED
    reached = [State.PLAN] if resident.planned_on else [State.NO_PLAN]
    reached += [state_of_referral(referral) for referral in resident.referrals]
    reached += [_BY_HOME[home.state] for home in resident.homes]
    return max(reached, key=_ORDER.__getitem__)


def next_home_of(resident: Resident) -> NextHome | None:
    """Return the confirmed next home that can be had first; None while nothing is confirmed."""
    found = [
        NextHome(one.pack, one.begins_on)
        for one in resident.referrals
        if state_of_referral(one) is State.CONFIRMED and not one.suspended
    ]
    found += [NextHome(str(one.kind), one.available_from) for one in resident.homes if one.state is HomeState.CONFIRMED]
    return min(found, key=lambda home: (home.begins_on or Day.min, home.kind), default=None)


# The numbers of the rule, in nights. Ours, but for the duty to refer: eight weeks, as councils count.
PLAN_AFTER, SENT_BEFORE, NEAR, CAS3_BEFORE, CONFIRMED_BEFORE = 14, 56, 28, 42, 14


def dangers_of(resident: Resident, today: Day) -> list[Danger]:
    """Return why a resident is at risk, the worst first; nobody is who is not in residence."""
    stay, left = resident.stay, nights_left(resident.stay, today)
    if stay.status is not Status.IN_RESIDENCE or stay.resident_since is None or left is None:
        return []
    home, state = next_home_of(resident), state_of(resident)
    holds = {
        Danger.DEPARTURE_PASSED: left < 0,
        Danger.LEAVES_WITHIN_4_WEEKS: home is None and 0 <= left <= NEAR,
        Danger.NOTHING_SENT_8_WEEKS_BEFORE: home is None and left <= SENT_BEFORE and state in _NOTHING_SENT,
        Danger.NO_PLAN_AFTER_2_WEEKS: state is State.NO_PLAN and (today - stay.resident_since).days >= PLAN_AFTER,
        Danger.GAP_BEFORE_NEXT_HOME: home is not None and _is_gap(home, stay),
    }
    return [danger for danger, held in holds.items() if held]


_NOTHING_SENT = (State.NO_PLAN, State.PLAN)


def _is_gap(home: NextHome, stay: Stay) -> bool:
    leaves = stay.expected_departure_on
    return home.begins_on is not None and leaves is not None and home.begins_on > leaves


def move_of_referral(referral: Referral) -> Move:
    """Return whose move a referral waits for, and since when."""
    if referral.suspended:
        return Move(Mover.PRACTITIONER, referral.since, Block.SUSPENDED_BY_RECALL)
    if referral.status is Referred.DRAFT:
        mover = Mover.PREMISES if referral.held_by_premises else Mover.PRACTITIONER
        return Move(mover, max(referral.since, referral.passed_on or referral.since), Block.DRAFT_NOT_SENT)
    mover, block = _MOVES.get(referral.status, (Mover.NOBODY, None))
    since = referral.asked_on if referral.status is Referred.QUERY and referral.asked_on else referral.since
    return Move(mover, since, block)


def move_of(resident: Resident) -> Move:
    """Return whose move is next for a resident: what is ours comes first, then what has waited longest."""
    stay = resident.stay
    if stay.status is Status.EXPECTED:
        return Move(Mover.NOBODY, None, Block.NOT_ARRIVED_YET)
    if stay.status is Status.SUSPENDED:
        return Move(Mover.PRACTITIONER, stay.recalled_on, Block.SUSPENDED_BY_RECALL)
    if next_home_of(resident) is not None:
        return Move(Mover.PERSON, None)
    if state_of(resident) is State.NO_PLAN:
        return Move(Mover.PREMISES, stay.resident_since, Block.NO_PLAN)
    return min(_waiting(resident), key=_urgency, default=_nothing_referred(resident))


def _nothing_referred(resident: Resident) -> Move:
    return Move(Mover.PRACTITIONER, resident.planned_on, Block.NOTHING_REFERRED)


def _waiting(resident: Resident) -> list[Move]:
    """Return what is waited for; a rejection counts only where nothing else is under way."""
    moves = [move_of_referral(one) for one in resident.referrals]
    looked_for = (HomeState.LOOKED_FOR, HomeState.OFFERED)
    moves += [
        Move(Mover.PREMISES, one.since, Block.HOME_TO_CONFIRM) for one in resident.homes if one.state in looked_for
    ]
    moves = [one for one in moves if one.mover in _URGENCY]
    under_way = [one for one in moves if one.blocked_by is not Block.REJECTED]
    return under_way or moves


_URGENCY = {Mover.PRACTITIONER: 0, Mover.PREMISES: 0, Mover.RECIPIENT: 1}


def _urgency(move: Move) -> tuple[int, Day]:
    return _URGENCY[move.mover], move.since or Day.max


def next_deadline_of(resident: Resident) -> Deadline | None:
    """Return the first thing not done, by the day it is due on; None where no day of leaving is known."""
    stay, leaves = resident.stay, resident.stay.expected_departure_on
    if not stay.is_open or leaves is None:
        return None
    arrived, sent = stay.resident_since or stay.expected_arrival_on, _packs_sent(resident)
    is_confirmed = next_home_of(resident) is not None
    planned = state_of(resident) is not State.NO_PLAN
    asked = [
        (Deadline(DeadlineName.PLAN, days_after(arrived, PLAN_AFTER)), planned),
        (Deadline(DeadlineName.DUTY_TO_REFER, days_after(leaves, -SENT_BEFORE)), "duty_to_refer" in sent),
        (Deadline(DeadlineName.CAS3, days_after(leaves, -CAS3_BEFORE)), "cas3" in sent),
        (Deadline(DeadlineName.NEXT_HOME, days_after(leaves, -CONFIRMED_BEFORE)), False),
    ]
    undone = [] if is_confirmed else [deadline for deadline, done in asked if not done]
    return min([*undone, Deadline(DeadlineName.DEPARTURE, leaves)], key=lambda one: one.due_on)


def _packs_sent(resident: Resident) -> set[str]:
    return {one.pack for one in resident.referrals if one.status is not Referred.DRAFT}


def is_suspended(status_reason: str | None) -> bool:
    """Whether a fixed-term recall suspends a referral: the reason that then stands on it says so."""
    return status_reason == Condition.SUSPENDED


def place_of(resident: Resident) -> tuple[int, Day]:
    """Return what orders the board: nothing confirmed first, and then whoever leaves soonest."""
    is_confirmed = next_home_of(resident) is not None
    return int(is_confirmed), resident.stay.expected_departure_on or Day.max
