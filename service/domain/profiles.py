"""The case profile: one current answer an item, where it came from, and what a new answer does to it."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

from service.catalogue.definitions import RECORD_SYSTEMS, Item
from service.domain.ages import OldestFresh
from service.domain.calendar import british_day
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
    """One current answer: its value and where it came from. Dates and times are ISO text.

    A value of None is no answer: all that is known is that the question must not be put to the person again.
    """

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
    """The profile after a set of changes: every answer, which items changed and how, and what was only noted.

    What becomes of an item: set · confirmed · conflict · retracted · marked, or older (a record system's value from
    before the present one: kept in the history, in `noted`, and not put in its place).
    """

    answers: dict[str, Answer]
    changed: dict[str, str] = field(default_factory=dict)
    noted: dict[str, Answer] = field(default_factory=dict)


def given(answer: Answer | None) -> Answer | None:
    """Return an answer that has a value, or None."""
    return answer if answer is not None and answer["value"] is not None else None


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
    if not (change.has_value or change.confirmed or change.do_not_ask_again is not None):
        faults.append(FieldError(place, "nothing-said", "Send a value, confirm, or say why not to ask again."))
    if change.confirmed and given(answers.get(change.item)) is None:
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

    A record system's value supersedes an older one, but never what a person said as recently or later: then both are
    kept and the conflict is a question. A person's answer always stands, and settles a conflict.
    """
    amended = Amended(answers=dict(answers))
    for change in changes:
        outcome = _amend_one(amended, change, items[change.item], author, now, revision)
        if outcome is not None:
            amended.changed[change.item] = outcome
    return amended


def _amend_one(
    amended: Amended, change: Change, item: Item, author: Author, now: datetime.datetime, revision: int
) -> str | None:
    answers = amended.answers
    current = given(answers.get(change.item))
    outcome: str | None = None
    if change.confirmed and current is not None:
        answers[change.item] = _confirmed(current, change, author, now)
        outcome = "confirmed"
    elif change.has_value and change.value is None:
        outcome = _take_back(answers, change.item)
    elif change.has_value:
        outcome = _set(amended, item, _said(change, item, author, now, revision), author)
    if change.do_not_ask_again is not None:
        mark = Mark(reason=change.do_not_ask_again, recorded_by=author.id, recorded_at=now.isoformat())
        held = answers.get(change.item) or _said(change, item, author, now, revision)
        answers[change.item] = {**held, "do_not_ask_again": mark}
        outcome = outcome or "marked"
    return outcome


def _said(change: Change, item: Item, author: Author, now: datetime.datetime, revision: int) -> Answer:
    return Answer(
        value=None if change.value is None else item.value.normalised(change.value),
        source=change.source or author.role,
        as_of=(change.as_of or british_day(now)).isoformat(),
        recorded_by=author.id,
        recorded_at=now.isoformat(),
        revision=revision,
    )


def _take_back(answers: dict[str, Answer], item: str) -> str | None:
    """Take an answer back; that the person must not be asked again stays."""
    current = answers.pop(item, None)
    if current is not None and "do_not_ask_again" in current:
        answers[item] = {**_without_conflict(current), "value": None}
    return "retracted" if given(current) is not None else None


def _set(amended: Amended, item: Item, said: Answer, author: Author) -> str | None:
    held = amended.answers.get(item.name)
    current = given(held)
    if current is not None and author.may_name_systems:
        if current["source"] in RECORD_SYSTEMS and current["as_of"] > said["as_of"]:
            amended.noted[item.name] = said
            return "older"
        if _stands_against(current, said["as_of"]):
            return _set_beside(amended.answers, item.name, current, said)
    if held is not None and "do_not_ask_again" in held:
        said["do_not_ask_again"] = held["do_not_ask_again"]
    amended.answers[item.name] = said
    return "set"


def _set_beside(answers: dict[str, Answer], item: str, current: Answer, said: Answer) -> str | None:
    """Keep a record system's value beside a person's, which stands: a conflict, unless they agree."""
    if current["value"] == said["value"]:
        answers[item] = _without_conflict(current)
        return "confirmed" if "conflict" in current else None
    conflict = Conflict(
        value=said["value"], source=said["source"], as_of=said["as_of"], recorded_at=said["recorded_at"]
    )
    answers[item] = {**current, "conflict": conflict}
    return "conflict"


def _stands_against(current: Answer, as_of: str) -> bool:
    """Whether a person gave the present answer, of a day or on a day as recent as the system's or later."""
    if current["source"] in RECORD_SYSTEMS:
        return False
    return max(current["as_of"], current["recorded_at"][:10]) >= as_of


def _confirmed(current: Answer, change: Change, author: Author, now: datetime.datetime) -> Answer:
    # The words are unchanged, so those who have read them need not read them again: the revision stays.
    as_of = (change.as_of or british_day(now)).isoformat()
    return {**_without_conflict(current), "as_of": as_of, "confirmed_by": author.id}


def _without_conflict(answer: Answer) -> Answer:
    kept = answer.copy()
    kept.pop("conflict", None)
    return kept
