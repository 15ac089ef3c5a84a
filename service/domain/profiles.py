"""The case profile: one current answer an item, where it came from, and what a new answer does to it."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

from service.catalogue.definitions import RECORD_SYSTEMS, Item
from service.domain.ages import OldestFresh
from service.errors import FieldError

PERSON_SOURCES = frozenset({"practitioner", "manager", "premises", "assessor", "coordinator"})


class Mark(TypedDict):
    """Why a question must not be put to the person again, who said so, and when."""

    reason: str
    recorded_by: str
    recorded_at: str


class Conflict(TypedDict):
    """A record system's value that disagrees with a practitioner's later one."""

    value: Any
    source: str
    as_of: str
    recorded_at: str


class Answer(TypedDict):
    """One current answer: its value and where it came from. Dates and times are ISO text."""

    value: Any
    source: str
    as_of: str
    recorded_by: str
    recorded_at: str
    revision: int
    confirmed_by: NotRequired[str]
    conflict: NotRequired[Conflict]
    do_not_ask_again: NotRequired[Mark]


Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Change:
    """What a caller says about one item: a value, a confirmation of the present one, or a do-not-ask-again mark."""

    item: str
    value: Any = None
    has_value: bool = False
    confirmed: bool = False
    as_of: datetime.date | None = None
    source: str | None = None
    do_not_ask_again: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who is changing the profile: their id, and the role that stands as the source of what they type."""

    id: str
    role: str

    @property
    def may_name_systems(self) -> bool:
        """Only a record system may say that a system is the source."""
        return self.role == "record_system"


@dataclass(slots=True)
class Amended:
    """The profile after a set of changes: every answer, and which items actually changed and how."""

    answers: dict[str, Answer]
    changed: dict[str, str] = field(default_factory=dict)  # item → set · confirmed · conflict · retracted · marked


def is_stale(item: Item, answer: Answer, oldest: OldestFresh) -> bool:
    """Whether an answer is older than its item allows: exactly the maximum age is not yet stale.

    A person must not be made to repeat a history marked *do not ask again*, so that never goes stale.
    """
    if item.maximum_age is None or "do_not_ask_again" in answer:
        return False
    return answer["as_of"] < oldest[item.maximum_age]


def faults_in(
    changes: Iterable[Change], items: Mapping[str, Item], answers: Answers, author: Author, today: datetime.date
) -> list[FieldError]:
    """Return everything wrong with a set of changes, each fault pointing at its item; empty when all can be saved."""
    return [fault for change in changes for fault in _faults_in(change, items, answers, author, today)]


def _faults_in(
    change: Change, items: Mapping[str, Item], answers: Answers, author: Author, today: datetime.date
) -> list[FieldError]:
    place = f"/answers/{change.item}"
    item = items.get(change.item)
    if item is None:
        return [FieldError(place, "unknown-item", "There is no such item.")]
    if not item.reuse.shared:
        return [FieldError(place, "not-in-profile", "This is answered on each referral, not in the profile.")]
    faults = _faults_in_source(change, author, place)
    if change.as_of is not None and change.as_of > today:
        faults.append(FieldError(f"{place}/as_of", "in-the-future", "This date is in the future."))
    if change.confirmed and change.item not in answers:
        faults.append(FieldError(f"{place}/confirmed", "nothing-to-confirm", "There is no answer to confirm yet."))
    if change.confirmed and change.has_value:
        faults.append(FieldError(f"{place}/confirmed", "value-or-confirmed", "Send a value or confirm, not both."))
    if change.has_value and change.value is not None:
        faults.extend(item.value.faults(change.value, f"{place}/value"))
    return faults


def _faults_in_source(change: Change, author: Author, place: str) -> list[FieldError]:
    if author.may_name_systems:
        if change.source not in RECORD_SYSTEMS:
            return [FieldError(f"{place}/source", "source-needed", f"Name one of {', '.join(RECORD_SYSTEMS)}.")]
    elif change.source is not None:
        return [FieldError(f"{place}/source", "source-not-yours", "Only a record system may name a source.")]
    return []


def amend(
    answers: Answers,
    changes: Iterable[Change],
    items: Mapping[str, Item],
    author: Author,
    *,
    now: datetime.datetime,
    revision: int,
) -> Amended:
    """Return the profile after valid changes (see `faults_in`), as revision `revision`.

    A record system's value supersedes an older answer, but never a person's answer that is as recent or later:
    then both are kept and the conflict is a question. A person's answer always stands, and settles a conflict.
    """
    amended = Amended(answers=dict(answers))
    for change in changes:
        outcome = _amend_one(amended.answers, change, items[change.item], author, now, revision)
        if outcome is not None:
            amended.changed[change.item] = outcome
    return amended


def _amend_one(
    answers: dict[str, Answer], change: Change, item: Item, author: Author, now: datetime.datetime, revision: int
) -> str | None:
    current = answers.get(change.item)
    outcome: str | None = None
    if change.confirmed and current is not None:
        answers[change.item] = _confirmed(current, change, author, now)
        outcome = "confirmed"
    elif change.has_value and change.value is None:
        outcome = "retracted" if answers.pop(change.item, None) is not None else None
    elif change.has_value:
        outcome = _set(answers, change, item, author, now, revision)
    if change.do_not_ask_again is not None and change.item in answers:
        mark = Mark(reason=change.do_not_ask_again, recorded_by=author.id, recorded_at=now.isoformat())
        answers[change.item] = {**answers[change.item], "do_not_ask_again": mark}
        outcome = outcome or "marked"
    return outcome


def _set(
    answers: dict[str, Answer], change: Change, item: Item, author: Author, now: datetime.datetime, revision: int
) -> str | None:
    current = answers.get(change.item)
    value = item.value.normalised(change.value)
    as_of = (change.as_of or now.date()).isoformat()
    source = change.source or author.role
    if current is not None and author.may_name_systems and _stands_against(current, as_of):
        if current["value"] == value:
            answers[change.item] = _without_conflict(current)
            return "confirmed" if "conflict" in current else None
        conflict = Conflict(value=value, source=source, as_of=as_of, recorded_at=now.isoformat())
        answers[change.item] = {**current, "conflict": conflict}
        return "conflict"
    answer = Answer(
        value=value, source=source, as_of=as_of, recorded_by=author.id, recorded_at=now.isoformat(), revision=revision
    )
    if current is not None and "do_not_ask_again" in current:
        answer["do_not_ask_again"] = current["do_not_ask_again"]
    answers[change.item] = answer
    return "set"


def _stands_against(current: Answer, as_of: str) -> bool:
    """Whether a person gave the present answer, as recently as the system's or later."""
    return current["source"] not in RECORD_SYSTEMS and current["as_of"] >= as_of


def _confirmed(current: Answer, change: Change, author: Author, now: datetime.datetime) -> Answer:
    # The words are unchanged, so those who have read them need not read them again: the revision stays.
    as_of = (change.as_of or now.date()).isoformat()
    return {**_without_conflict(current), "as_of": as_of, "confirmed_by": author.id}


def _without_conflict(answer: Answer) -> Answer:
    kept = answer.copy()
    kept.pop("conflict", None)
    return kept
