"""Populating a pack from a profile: what is asked, what is answered, what stands in the way of sending.

Nothing is copied: a draft holds only its own answers, rewordings and re-read ticks, and everything else is read from
the profile each time, so that open drafts follow it. The same function serves drafts, questions, forms and snapshots.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypedDict

from service.catalogue.conditions import UNKNOWN, Condition, Unknown, context_of
from service.catalogue.definitions import Item, Pack, Question, QuestionKind, Reuse
from service.domain import profiles
from service.domain.ages import OldestFresh
from service.domain.calendar import months_before, whole_months_until
from service.domain.narratives import Tick, Variant, is_read, words_for_recipient
from service.domain.profiles import Answer, Answers


class Reason(StrEnum):
    """Why a question still stands between a draft and its being sent."""

    MISSING = "missing"
    STALE = "stale"
    CONFLICTING = "conflicting"
    UNREAD = "unread"
    OVER_LENGTH = "over_length"
    REFUSED = "refused"
    TOO_EARLY = "too_early"


class OwnAnswer(TypedDict):
    """An answer that belongs to one referral: the form's own question, a decision, the recipient."""

    value: Any
    recorded_by: str
    recorded_at: str
    draft_revision: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """What a pack's conditions may know of the chosen recipient."""

    id: str
    area: str = ""
    categories: tuple[str, ...] = ()
    is_cohort: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What a referral holds of its own."""

    own: Mapping[str, OwnAnswer] = field(default_factory=dict)
    variants: Mapping[str, Variant] = field(default_factory=dict)
    ticks: Mapping[str, Tick] = field(default_factory=dict)
    recipient: Recipient | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What population needs besides the answers: the day, what is still fresh on it, which packs have been sent."""

    today: datetime.date
    oldest: OldestFresh
    items: Mapping[str, Item]
    sent: frozenset[str] = frozenset()


@dataclass(slots=True)
class Entry:
    """One question of a populated pack.

    `asked` and `required` have three values. `value` is what the form would say (None while unanswered).
    """

    question: Question
    asked: bool | Unknown
    required: bool | Unknown = False
    value: Any = None
    answered: bool = False
    answer: Answer | None = None
    own: OwnAnswer | None = None
    variant: Variant | None = None
    tick: Tick | None = None
    reasons: tuple[Reason, ...] = ()
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TooEarly:
    """The recipient does not take the referral yet: which date decides, why, and the first day it can be sent."""

    question: str
    reason: str
    first_possible_on: datetime.date


@dataclass(slots=True)
class Populated:
    """A pack filled from a profile: every question in the form's order, and what is outstanding."""

    pack: Pack
    entries: dict[str, Entry]
    deciding: frozenset[str]
    too_early: list[TooEarly]
    surrounding: Mapping[str, Any] = field(default_factory=dict)

    @property
    def outstanding(self) -> list[Entry]:
        """What still stands in the way of sending, in the form's order."""
        return [entry for entry in self.entries.values() if entry.reasons]

    @property
    def complete(self) -> bool:
        """Whether every question is settled (the recipient's window may still not be open)."""
        return not self.outstanding


def populate(pack: Pack, answers: Answers, draft: Draft, surroundings: Surroundings) -> Populated:
    """Fill a pack: settle its conditions layer by layer, then say of each question asked what it still lacks.

    Pure, and independent of the order in which packs are filled. Unknown conditions stay unknown: the unanswered
    questions they turn on are `deciding` and come out as missing, so that answering what is listed settles them all.
    """
    return _Populating(pack, answers, draft, surroundings).populated()


class _Populating:
    """The state of one population: the condition context as it fills, and the questions that would decide more."""

    def __init__(self, pack: Pack, answers: Answers, draft: Draft, surroundings: Surroundings) -> None:
        self.pack = pack
        self.answers = answers
        self.draft = draft
        self.surroundings = surroundings
        self.entries: dict[str, Entry] = {}
        self.known: set[str] = set()
        self.undecided: set[str] = set()
        # Many conditions are the same few words. What is known stays so, for they read only what was settled before.
        self.outcomes: dict[Condition, Any] = {}
        self.surrounding = self._surrounding_variables()
        self.context = context_of(self.surrounding)

    def populated(self) -> Populated:
        for level in self.pack.levels:
            variables: dict[str, Any] = {}
            for question in level:
                self._settle(question, variables)
            if variables:
                self.context.update(variables)
                self.outcomes = {read: came_out for read, came_out in self.outcomes.items() if came_out is not UNKNOWN}
        deciding = frozenset(name for name in self.undecided if self._would_be_asked(name))
        entries = {question.id: self.entries[question.id] for question in self.pack.questions}
        for entry in entries.values():
            self._say_what_it_lacks(entry, deciding)
        return Populated(self.pack, entries, deciding, self._too_early(), self.surrounding)

    def _surrounding_variables(self) -> dict[str, Any]:
        variables: dict[str, Any] = {
            "today": self.surroundings.today.isoformat(),
            "narratives_reworded": bool(self.draft.variants),
        }
        for name, pack in self.pack.sent_before.items():
            variables[name] = pack in self.surroundings.sent
        recipient = self.draft.recipient
        if recipient is not None:
            variables["recipient"] = recipient.id
            variables["recipient_area"] = recipient.area
            variables["recipient_categories"] = list(recipient.categories)
            variables["recipient_is_cohort"] = recipient.is_cohort
        self.known.update(variables)
        return variables

    def _settle(self, question: Question, variables: dict[str, Any]) -> None:
        asked_when, required_when = question.asked_when, question.required_when
        entry = Entry(question, True if asked_when is None else self._evaluate(asked_when))
        self.entries[question.id] = entry
        if entry.asked is UNKNOWN:
            return
        if entry.asked is not False:
            entry.required = True if required_when is None else self._evaluate(required_when)
            self._find_value(entry)
            if not entry.answered:
                return
        self.known.add(question.id)
        if question.id in self.pack.published:
            self._publish(entry, variables)

    def _evaluate(self, condition: Condition) -> Any:
        if condition in self.outcomes:
            return self.outcomes[condition]
        outcome = condition.evaluate(self.context)
        if outcome is UNKNOWN:
            self.undecided.update(condition.sources - self.known)
        self.outcomes[condition] = outcome
        return outcome

    def _publish(self, entry: Entry, variables: dict[str, Any]) -> None:
        """Let later conditions read a settled question, and the days and months until it where it is a date."""
        # The recipient's words, not the master's: what a derivation joins must not bring back what was kept.
        said = "" if entry.value is None else entry.value
        value = said if entry.answered else entry.question.value.empty
        for name, unit in self.pack.published[entry.question.id]:
            variables[name] = time_until(unit, value, self.surroundings.today) if unit and value is not None else value

    def _find_value(self, entry: Entry) -> None:
        question = entry.question
        if question.derive is not None:
            value = self._evaluate(question.derive)
            entry.answered = value is not UNKNOWN and value is not None
            entry.value = value if entry.answered else None
        elif question.kind is QuestionKind.RECIPIENT:
            entry.answered = self.draft.recipient is not None
            entry.value = self.draft.recipient.id if self.draft.recipient else None
        elif question.shared and question.item is not None:
            entry.answer = self.answers.get(question.item)
            if (answer := profiles.given(entry.answer)) is not None:
                entry.answered = True
                self._read_shared(entry, answer, question.item)
        elif question.id in self.draft.own:
            entry.own = self.draft.own[question.id]
            entry.answered, entry.value = True, entry.own["value"]

    def _read_shared(self, entry: Entry, answer: Answer, item: str) -> None:
        entry.value = answer["value"]
        if entry.question.reuse is Reuse.NARRATIVE:
            entry.variant = self.draft.variants.get(item)
            entry.tick = self.draft.ticks.get(item)
            entry.value = words_for_recipient(answer, entry.variant)

    def _would_be_asked(self, name: str) -> bool:
        """Whether an undecided name is a question open to be answered now (not itself waiting on another)."""
        entry = self.entries.get(name)
        return entry is not None and entry.asked is True and not entry.answered and entry.question.typed

    def _say_what_it_lacks(self, entry: Entry, deciding: frozenset[str]) -> None:
        question = entry.question
        if entry.asked is not True or not question.typed:
            return
        if not entry.answered:
            required = entry.required is True and question.kind is not QuestionKind.INPUT
            if required or question.id in deciding:
                entry.reasons = (Reason.MISSING,)
            return
        if question.kind is not QuestionKind.INPUT or self._is_read(question.id):
            entry.reasons = tuple(lacks(entry, self.surroundings))
        if question.refused_when:
            refused = [each.code for each in question.refused_when if self._evaluate(each.when) is True]
            if refused:
                entry.refusals, entry.reasons = tuple(refused), (*entry.reasons, Reason.REFUSED)

    def _is_read(self, name: str) -> bool:
        """Whether a derivation that is asked here reads this hidden input."""
        return any(self.entries[derived].asked is True for derived in self.pack.derivations_reading[name])

    def _too_early(self) -> list[TooEarly]:
        found = []
        for window in self.pack.windows:
            entry = self.entries[window.question]
            if window.asked_when is not None and window.asked_when.evaluate(self.context) is not True:
                continue
            if entry.asked is True and entry.answered:
                first = months_before(datetime.date.fromisoformat(entry.value), window.opens_months_before)
                if first > self.surroundings.today:
                    found.append(TooEarly(window.question, window.reason, first))
        return found


def time_until(unit: str, day: str, today: datetime.date) -> int:
    """Return the whole days or calendar months from today to an ISO date."""
    date = datetime.date.fromisoformat(day)
    return (date - today).days if unit == "days" else whole_months_until(today, date)


def lacks(entry: Entry, surroundings: Surroundings) -> list[Reason]:
    """Return what an answered question still lacks: fresh, agreed, re-read, short enough."""
    reasons: list[Reason] = []
    question, answer = entry.question, entry.answer
    if answer is not None and question.item is not None:
        if profiles.is_stale(surroundings.items[question.item], answer, surroundings.oldest):
            reasons.append(Reason.STALE)
        if "conflict" in answer:
            reasons.append(Reason.CONFLICTING)
        if question.reuse is Reuse.NARRATIVE and not is_read(answer, entry.variant, entry.tick):
            reasons.append(Reason.UNREAD)
    limit = question.max_length
    if limit is not None and isinstance(entry.value, str) and len(entry.value) > limit:
        reasons.append(Reason.OVER_LENGTH)
    return reasons
