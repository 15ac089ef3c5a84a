"""What becomes of a person's open referrals when they die, are recalled, move region, or turn out to have two CRNs."""

import datetime
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from service.domain.lifecycle import OPEN_STATUSES, Condition, Status
from service.domain.profiles import Answer, Answers, Conflict, given
from service.errors import FieldError

ACTION = "person_event"
# MAPPA manages the risk of somebody recalled as well: that referral stays open, marked.
OUTLIVES_RECALL = frozenset({"mappa"})


class EventKind(StrEnum):
    """What happened."""

    DEATH = "death"
    RECALL_FIXED_TERM = "recall_fixed_term"
    RECALL_STANDARD = "recall_standard"
    TRANSFER = "transfer"
    MERGE = "merge"


RECALLS = frozenset({EventKind.RECALL_FIXED_TERM, EventKind.RECALL_STANDARD})


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as it was reported, with what belongs to its kind."""

    kind: EventKind
    happened_on: datetime.date
    re_release_on: datetime.date | None = None
    region: str | None = None
    surviving_crn: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the person that an event must fit."""

    crn: str
    today: datetime.date
    date_of_birth: datetime.date | None = None
    region: str | None = None
    last_recalled_on: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class AffectedReferral:
    """A referral as far as an event is concerned; the pack and the last three say what it is for."""

    id: uuid.UUID
    pack: str
    status: str
    recipient_id: str | None = None
    service_category: str | None = None
    second_number: int = 0

    @property
    def same_thing(self) -> tuple[str, str | None, str | None, int]:
        """What only one open referral of a case may have (the index `uq_referral_open`)."""
        return self.pack, self.recipient_id, self.service_category, self.second_number


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an event does to one referral: the status it has then, and the coded reason.

    `marked` says that the reason stands on the referral itself, not on its step alone.
    """

    referral: AffectedReferral
    to_status: str
    reason: str
    marked: bool = True


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two open referrals that a merge makes into one."""

    withdrawn: AffectedReferral
    kept: AffectedReferral


def _is_after(day: datetime.date | None, other: datetime.date | None) -> bool:
    return day is not None and other is not None and day > other


# What cannot be: where it is wrong, its code, why in words, and when it is so.
_IMPOSSIBLE: tuple[tuple[str, str, str, Callable[[Happening, Known], bool]], ...] = (
    (
        *("/happened_on", "in-the-future", "This date is in the future."),
        lambda event, known: event.happened_on > known.today,
    ),
    (
        *("/happened_on", "before-birth", "This is before the person was born."),
        lambda event, known: _is_after(known.date_of_birth, event.happened_on),
    ),
    (
        *("/happened_on", "before-recall", "A recall after this day is on record."),
        lambda event, known: event.kind is EventKind.DEATH and _is_after(known.last_recalled_on, event.happened_on),
    ),
    (
        *("/re_release_on", "before-recall", "The re-release comes after the recall."),
        lambda event, _: event.re_release_on is not None and event.re_release_on <= event.happened_on,
    ),
    (
        *("/region", "same-region", "The person is supervised in this region already."),
        lambda event, known: event.region is not None and event.region == known.region,
    ),
    (
        *("/surviving_crn", "same-case", "A case cannot be merged with itself."),
        lambda event, known: event.surviving_crn == known.crn,
    ),
)


def faults_in(event: Happening, known: Known) -> list[FieldError]:
    """Return everything that cannot be true of an event, each fault pointing at its field."""
    return [FieldError(place, code, detail) for place, code, detail, wrong in _IMPOSSIBLE if wrong(event, known)]


def consequences(kind: EventKind, referrals: Iterable[AffectedReferral]) -> list[Consequence]:
    """Return what an event does to each open referral (for a merge: to those that go over and are not duplicates)."""
    return [_consequence(kind, referral) for referral in referrals]


def _consequence(kind: EventKind, referral: AffectedReferral) -> Consequence:
    if kind is EventKind.DEATH:
        return Consequence(referral, Status.WITHDRAWN, "person_died")
    if kind is EventKind.RECALL_STANDARD:
        stays = referral.pack in OUTLIVES_RECALL
        return Consequence(referral, referral.status if stays else Status.WITHDRAWN, "recalled")
    if kind is EventKind.RECALL_FIXED_TERM:
        return Consequence(referral, referral.status, str(Condition.SUSPENDED))
    reason = "transferred" if kind is EventKind.TRANSFER else "merged"
    return Consequence(referral, referral.status, reason, marked=False)


def duplicates(moving: Sequence[AffectedReferral], staying: Sequence[AffectedReferral]) -> list[Duplicate]:
    """Return which open referrals a merge would leave twice: the one further on its way is kept, else the staying."""
    there = {referral.same_thing: referral for referral in staying}
    found = []
    for coming in moving:
        here = there.get(coming.same_thing)
        if here is not None:
            further = OPEN_STATUSES.index(Status(coming.status)) > OPEN_STATUSES.index(Status(here.status))
            found.append(Duplicate(here, coming) if further else Duplicate(coming, here))
    return found


@dataclass(slots=True)
class MergedAnswers:
    """A surviving profile with another one's answers: what came over or conflicts, and what differed, for history."""

    answers: dict[str, Answer]
    changed: dict[str, str] = field(default_factory=dict)  # item → merged · conflict · marked
    set_aside: dict[str, Answer] = field(default_factory=dict)


def merge_answers(staying: Answers, moving: Answers, *, revision: int, now: datetime.datetime) -> MergedAnswers:
    """Return the surviving profile, as revision `revision`, with the answers of the case merged into it.

    An answer comes over only where the survivor has none. Where the two differ, the other stands beside the survivor's
    as a conflict, which is a question (unless one stands there already), and the history keeps it whole. That a
    person must not be asked something again holds for them, whichever case it was said on.
    """
    merged = MergedAnswers(answers=dict(staying))
    for item, coming in moving.items():
        present = staying.get(item)
        if present is None or given(present) is None:
            merged.answers[item] = {**coming, "revision": revision}
            if present is not None and "do_not_ask_again" in present:
                merged.answers[item]["do_not_ask_again"] = present["do_not_ask_again"]
            merged.changed[item] = "merged"
            continue
        _merge_one(merged, item, present, coming, now)
    return merged


def _merge_one(merged: MergedAnswers, item: str, present: Answer, coming: Answer, now: datetime.datetime) -> None:
    if "do_not_ask_again" in coming and "do_not_ask_again" not in present:
        present = {**present, "do_not_ask_again": coming["do_not_ask_again"]}
        merged.changed[item] = "marked"
    beside = _beside(present, coming, now)
    if beside is not None and "conflict" not in present:
        present = {**present, "conflict": beside}
        merged.changed[item] = "conflict"
    if beside is not None:
        merged.set_aside[item] = coming
    merged.answers[item] = present


def _beside(present: Answer, coming: Answer, now: datetime.datetime) -> Conflict | None:
    """Return what would stand beside the survivor's answer: the other one, or what the other one was in doubt about."""
    if coming["value"] == present["value"]:
        return coming.get("conflict")
    return Conflict(value=coming["value"], source=coming["source"], as_of=coming["as_of"], recorded_at=now.isoformat())
