"""A change of practitioner: what goes to whom, and what is named as nobody's, so that nothing is lost on the way.

Whose a piece of work is, is derived: of whoever last did it while they hold the case, else of whoever holds the case.
So a piece of work without an owner is one that nobody who holds the case may have, and it is named with the reason.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.domain.calendar import months_after
from service.errors import FieldError

MONTHS_AHEAD = 24  # ours: nobody plans a hand-over for later


class WorkKind(StrEnum):
    """What a departing officer may have been doing, the most urgent first."""

    CONCERN = "concern_to_acknowledge"
    QUERY = "query_to_answer"
    PROPOSAL = "proposal_to_decide"
    CHECK = "check"
    DEADLINE = "deadline"
    DRAFT = "draft"
    REFERRAL = "referral_under_way"


class Unowned(StrEnum):
    """Why a piece of work is nobody's."""

    NOBODY_HOLDS_THE_CASE = "nobody_holds_the_case"
    MUST_NOT_RECEIVE = "must_not_receive"


class HandOverStatus(StrEnum):
    """How a hand-over stands: `overtaken` by another change of practitioner than the one that was planned."""

    PLANNED = "planned"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work: `doer` last did it; those of `kept_from` may not have it, by id or name in lower case.

    What is `with_premises` their staff go on with, whoever has the case; an officer answers for it all the same.
    """

    kind: WorkKind
    id: str
    why: str
    since: datetime.datetime | None = None
    due_on: datetime.date | None = None
    referral_id: str | None = None
    pack: str | None = None
    doer: str | None = None
    kept_from: frozenset[str] = frozenset()
    with_premises: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds the case."""

    worker_id: str
    name: str = ""

    def may_have(self, work: Work) -> bool:
        """Whether no list keeps this piece of work from them."""
        return not {plain(self.worker_id), plain(self.name)} & work.kept_from


@dataclass(frozen=True, slots=True)
class Owned:
    """A piece of work with whose it is now, or why it is nobody's; `before` is whose it was before a hand-over."""

    work: Work
    owner: str | None
    unowned: Unowned | None = None
    before: str | None = None


def plain(name: str) -> str:
    """Return a name as lists are compared: without regard to case or spacing."""
    return " ".join(name.casefold().split())


def owner_of(work: Work, holders: Sequence[Holder]) -> Owned:
    """Return whose a piece of work is among those who hold the case, the first of whom takes what nobody else does."""
    able = [one.worker_id for one in holders if one.may_have(work)]
    if not able:
        return Owned(work, None, Unowned.MUST_NOT_RECEIVE if holders else Unowned.NOBODY_HOLDS_THE_CASE)
    return Owned(work, work.doer if work.doer in able else able[0])


def outstanding(works: Iterable[Work], holders: Sequence[Holder]) -> list[Owned]:
    """Return every piece of work with whose it is, what is nobody's first, then by kind and by when it is due."""
    return sorted((owner_of(work, holders) for work in works), key=_place)


def _place(owned: Owned) -> tuple[bool, int, datetime.date, str]:
    due_on = owned.work.due_on or datetime.date.max
    return owned.owner is not None, list(WorkKind).index(owned.work.kind), due_on, owned.work.id


def holders_after(
    holders: Sequence[Holder], departing: str, arriving: Holder, *, keeps_another_capacity: bool = False
) -> list[Holder]:
    """Return who holds the case after a hand-over: whoever arrives comes first and takes what was the other's."""
    others = [
        one
        for one in holders
        if one.worker_id != arriving.worker_id and (one.worker_id != departing or keeps_another_capacity)
    ]
    return [arriving, *others]


def handed_over(works: Iterable[Work], before: Sequence[Holder], after: Sequence[Holder]) -> list[Owned]:
    """Return every piece of work as it is owned after a hand-over, each with whose it was before.

    Everything is there exactly once: with an owner who holds the case, or named as nobody's and why.
    """
    found = outstanding(works, after)
    return [Owned(one.work, one.owner, one.unowned, owner_of(one.work, before).owner) for one in found]


@dataclass(frozen=True, slots=True)
class Meeting:
    """Whether the three-way meeting was held, of the person and both officers: when, or why not."""

    held: bool
    held_on: datetime.date | None = None
    because: str | None = None


def faults_in_plan(
    planned_on: datetime.date, departing: str, arriving: str | None, today: datetime.date
) -> list[FieldError]:
    """Return what is wrong with a plan: its day lies ahead, and it is from one officer to another."""
    faults, last = [], months_after(today, MONTHS_AHEAD)
    if not today <= planned_on <= last:
        detail = f"Name a day from {today.isoformat()} to {last.isoformat()}."
        faults.append(FieldError("/planned_on", "out-of-range", detail))
    if arriving == departing:
        faults.append(FieldError("/to_worker_id", "same-worker", "This worker has the case already in that capacity."))
    return faults


def faults_in_meeting(meeting: Meeting, today: datetime.date) -> list[FieldError]:
    """Return what is wrong with how the meeting is recorded: held on a day up to today, or not held for a reason."""
    if meeting.held and meeting.held_on is None:
        return [FieldError("/meeting/held_on", "missing", "Say when it was held.")]
    if meeting.held and meeting.because is not None:
        return [FieldError("/meeting/because", "held", "Only a meeting that was not held has a reason.")]
    if not meeting.held and meeting.because is None:
        return [FieldError("/meeting/because", "missing", "Say why it was not held.")]
    if not meeting.held and meeting.held_on is not None:
        return [FieldError("/meeting/held_on", "not-held", "Only a meeting that was held has a day.")]
    if meeting.held_on is not None and meeting.held_on > today:
        return [FieldError("/meeting/held_on", "in-the-future", "This day is still to come.")]
    return []


def lacks(arriving: str | None, *, meeting_said: bool) -> list[FieldError]:
    """Return what stands between a planned hand-over and its completion: nothing may end up with nobody."""
    faults = []
    if arriving is None:
        faults.append(
            FieldError("/to_worker_id", "missing", "Name who takes the case over: it cannot be left to nobody.")
        )
    if not meeting_said:
        faults.append(FieldError("/meeting", "missing", "Say whether the three-way meeting was held, or why not."))
    return faults


def is_late(status: str, planned_on: datetime.date, today: datetime.date) -> bool:
    """Whether a hand-over should have been completed by now: its planned day is the last that is in time."""
    return status == HandOverStatus.PLANNED and today > planned_on
