"""The two checks a risk is judged on: what the profile learned that makes each due, and how each stands.

A domestic-abuse check is asked of the police, a child-safeguarding check of children's services. Inspectors found the
first missing in 55% of the cases that needed it and the second in 41% (design §1): so each says why it is due, since
when, and when somebody should have acted.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from service.domain.calendar import british_day, days_after
from service.domain.eligibility.periods import day_after
from service.domain.eligibility.thresholds import Thresholds


class CheckKind(StrEnum):
    """Which check: of the police, or of children's services."""

    DOMESTIC_ABUSE = "domestic_abuse"
    CHILD_SAFEGUARDING = "child_safeguarding"

    @property
    def label(self) -> str:
        """How the check is called in a sentence."""
        return "domestic abuse check" if self is CheckKind.DOMESTIC_ABUSE else "child safeguarding check"

    def item(self, part: str) -> str:
        """Return the profile's item that holds a part of the check (`asked_of`, `answered_on`…)."""
        return f"{self}_check_{part}"


class CheckStatus(StrEnum):
    """How a check stands."""

    NOT_NEEDED = "not_needed"
    DUE = "due"
    ASKED = "asked"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    EXPIRED = "expired"


class Because(StrEnum):
    """What makes a check due."""

    NEW_RELATIONSHIP = "new_relationship"
    NEW_ADDRESS = "new_address"
    CHILD_CONTACT = "child_contact"
    MOVE = "move"
    REFERRAL = "referral"


WHY = {
    Because.NEW_RELATIONSHIP: "A relationship has been disclosed.",
    Because.NEW_ADDRESS: "An address is known that was not known before.",
    Because.CHILD_CONTACT: "The person has, or may have, contact with a child.",
    Because.MOVE: "The person has moved.",
    Because.REFERRAL: "A referral is open, and whoever receives it relies on the checks.",
}


class Result(StrEnum):
    """What came back."""

    NOTHING_HELD = "nothing_held"
    INFORMATION_HELD = "information_held"
    NOT_NEEDED = "not_needed"


BOTH = frozenset(CheckKind)
CHILDREN = frozenset({CheckKind.CHILD_SAFEGUARDING})
# Which items of the catalogue make which checks due when something new is learned of them.
MADE_DUE_BY: dict[str, tuple[Because, frozenset[CheckKind]]] = {
    "partner_relationship": (Because.NEW_RELATIONSHIP, BOTH),
    "home_address": (Because.NEW_ADDRESS, BOTH),
    "release_accommodation": (Because.NEW_ADDRESS, BOTH),
    "children_in_contact": (Because.CHILD_CONTACT, CHILDREN),
    "child_contact_arrangements": (Because.CHILD_CONTACT, CHILDREN),
    "current_location": (Because.MOVE, BOTH),
    "current_premises": (Because.MOVE, BOTH),
}
# A move into custody or hospital brings the person to nobody's home.
OUTSIDE = frozenset({"approved_premises", "cas2", "cas3", "community_address", "no_fixed_abode"})
NO_CHILDREN = "none"


@dataclass(frozen=True, slots=True)
class Learned:
    """Something that makes checks due, and since when; `item` is the profile's, None where it is not of the profile."""

    because: Because
    at: datetime.datetime
    item: str | None = None

    def concerns(self, kind: CheckKind) -> bool:
        """Whether it makes this check due."""
        return self.item is None or kind in MADE_DUE_BY[self.item][1]


@dataclass(frozen=True, slots=True)
class Asked:
    """The latest time a check was asked. What was known by `at` it covers; what is learned later it does not."""

    at: datetime.datetime
    on: datetime.date
    id: str | None = None
    of: str | None = None
    chased_on: datetime.date | None = None
    answered_on: datetime.date | None = None
    result: str | None = None
    valid_until: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """What is on record about one person's checks; `referred_at` is when the oldest open referral was made."""

    learned: Sequence[Learned] = ()
    asked: Mapping[CheckKind, Asked] = field(default_factory=dict)
    referred_at: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one check stands: since when, by when somebody should act, and what has been learned since the asking."""

    kind: CheckKind
    status: CheckStatus
    reasons: tuple[Learned, ...] = ()
    since: datetime.datetime | None = None
    due_on: datetime.date | None = None
    asked: Asked | None = None

    @property
    def is_current(self) -> bool:
        """Whether a decision can rest on it: answered, valid, and nothing learned since; or said not to be needed.

        A check that nothing has made due yet was never done, so it is not current.
        """
        return self.status is CheckStatus.ANSWERED or (self.status is CheckStatus.NOT_NEEDED and self.asked is not None)


def learned_from(
    item: str, says: str | None, *, recorded_at: datetime.datetime, as_of: datetime.date, is_first: bool
) -> Learned | None:
    """Return what a new value of an item teaches, or None where it makes no check due.

    `says` is the place for `current_location`, and `none` for an empty list of children. The first value of an item
    may be older than the record: then it counts from the day it holds of, and a check asked since covers it.
    """
    because, _ = MADE_DUE_BY[item]
    if (item == "current_location" and says not in OUTSIDE) or (item == "children_in_contact" and says == NO_CHILDREN):
        return None
    is_old = is_first and as_of < british_day(recorded_at)
    return Learned(because, start_of(as_of) if is_old else recorded_at, item)


def standings(facts: CheckFacts, now: datetime.datetime, oldest_fresh: str, thresholds: Thresholds) -> list[Standing]:
    """Return how both checks stand at an instant; an answer from before `oldest_fresh` (ISO day) is too old."""
    return [standing(kind, facts, now, oldest_fresh, thresholds) for kind in CheckKind]


def standing(
    kind: CheckKind, facts: CheckFacts, now: datetime.datetime, oldest_fresh: str, thresholds: Thresholds
) -> Standing:
    """Return how one check stands at an instant, with everything that makes it due, the oldest first.

    not_needed → due → asked → answered → expired; overdue is a check due or asked for longer than it may be. What is
    learned after the asking makes an answered check due again; while the answer is awaited it is only named.
    """
    asked, today = facts.asked.get(kind), british_day(now)
    reasons = _reasons(kind, facts, asked)
    if asked is None:
        return _due(kind, reasons, None, today, thresholds) if reasons else Standing(kind, CheckStatus.NOT_NEEDED)
    if asked.answered_on is None:
        due_on = day_after(asked.on, thresholds.check_answered_within.period)
        late = today > due_on
        since = start_of(days_after(due_on, 1)) if late else start_of(asked.on)
        status = CheckStatus.OVERDUE if late else CheckStatus.ASKED
        return Standing(kind, status, reasons, since, due_on, asked)
    if reasons:
        return _due(kind, reasons, asked, today, thresholds)
    if (ended := _ended_on(asked, today, oldest_fresh)) is not None:
        return Standing(kind, CheckStatus.EXPIRED, (), start_of(ended), None, asked)
    status = CheckStatus.NOT_NEEDED if asked.result == Result.NOT_NEEDED else CheckStatus.ANSWERED
    return Standing(kind, status, (), start_of(asked.answered_on), None, asked)


def _reasons(kind: CheckKind, facts: CheckFacts, asked: Asked | None) -> tuple[Learned, ...]:
    known = [one for one in facts.learned if one.concerns(kind) and (asked is None or one.at > asked.at)]
    if asked is None and facts.referred_at is not None:
        known.append(Learned(Because.REFERRAL, facts.referred_at))
    return tuple(sorted(known, key=lambda one: (one.at, one.because)))


def _due(
    kind: CheckKind, reasons: tuple[Learned, ...], asked: Asked | None, today: datetime.date, thresholds: Thresholds
) -> Standing:
    since = reasons[0].at
    due_on = day_after(british_day(since), thresholds.check_asked_within.period)
    if today > due_on:
        return Standing(kind, CheckStatus.OVERDUE, reasons, start_of(days_after(due_on, 1)), due_on, asked)
    return Standing(kind, CheckStatus.DUE, reasons, since, due_on, asked)


def _ended_on(asked: Asked, today: datetime.date, oldest_fresh: str) -> datetime.date | None:
    """Return the first day an answer no longer stood; None while it stands."""
    if asked.valid_until is not None and asked.valid_until < today:
        return days_after(asked.valid_until, 1)
    too_old = asked.answered_on is not None and asked.answered_on.isoformat() < oldest_fresh
    return today if too_old else None


def start_of(day: datetime.date) -> datetime.datetime:
    """Return a day as an instant, to be placed among instants."""
    return datetime.datetime.combine(day, datetime.time(), tzinfo=datetime.UTC)


def not_current(found: Iterable[Standing]) -> list[CheckKind]:
    """Return the checks that a decision cannot rest on."""
    return [one.kind for one in found if not one.is_current]
