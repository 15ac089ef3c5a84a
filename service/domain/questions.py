"""What is still to be asked about a person for a set of packs: each thing once, what decides most first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.catalogue.definitions import Item, Question, QuestionKind
from service.domain.population import Entry, Populated, Reason

# Where several packs want the same item for different reasons, the first of these is the one to show.
URGENCY = (Reason.MISSING, Reason.CONFLICTING, Reason.STALE, Reason.REFUSED, Reason.OVER_LENGTH, Reason.UNREAD)

ON_REFERRAL = (Reason.UNREAD, Reason.OVER_LENGTH)


@dataclass(frozen=True, slots=True)
class Filling:
    """A pack populated for a case: for an open referral, or as it would be for a new one."""

    populated: Populated
    referral: str | None = None


@dataclass(slots=True)
class Outstanding:
    """One thing still to be answered, and every pack that wants it.

    `id` is the item's name for what the packs share, `pack:question` for what one referral alone asks.
    """

    id: str
    question: Question
    reasons: set[Reason]
    in_profile: bool
    referral: str | None = None
    needed_by: list[str] = field(default_factory=list)
    required_by: list[str] = field(default_factory=list)
    decides: bool = False
    do_not_ask_again: bool = False
    place: int = 0

    @property
    def reason(self) -> Reason:
        """The most pressing of its reasons."""
        return min(self.reasons, key=URGENCY.index)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much asking is saved: fields the forms ask one by one, distinct things, answered, still to come."""

    asked_by_forms: int
    distinct: int
    already_answered: int
    outstanding: int


def outstanding_questions(fillings: Sequence[Filling], items: Mapping[str, Item]) -> list[Outstanding]:
    """Return what is still to be answered: each thing once; what decides other questions first, then most needed.

    Answering everything listed may open further questions, each deeper in its pack, so the list always empties.
    """
    order = {name: place for place, name in enumerate(items)}
    found: dict[tuple[str, str | None], Outstanding] = {}
    for filling in fillings:
        for entry in filling.populated.outstanding:
            _note(found, entry, filling, order)
    return sorted(found.values(), key=_most_needed_first)


def _note(
    found: dict[tuple[str, str | None], Outstanding], entry: Entry, filling: Filling, order: Mapping[str, int]
) -> None:
    question, pack = entry.question, filling.populated.pack.name
    # A reading tick, a rewording and a refusal belong to the referral even where the words are shared.
    shared = question.shared and entry.reasons[0] not in ON_REFERRAL
    key = (question.item, None) if shared and question.item else (f"{pack}:{question.id}", filling.referral)
    if key not in found:
        place = order.get(question.item or "", len(order))
        found[key] = Outstanding(key[0], question, set(), in_profile=shared, referral=key[1], place=place)
    outstanding = found[key]
    outstanding.reasons.update(entry.reasons)
    outstanding.decides |= question.id in filling.populated.deciding
    outstanding.do_not_ask_again |= entry.answer is not None and "do_not_ask_again" in entry.answer
    if pack not in outstanding.needed_by:
        outstanding.needed_by.append(pack)
    if pack not in outstanding.required_by and (entry.required is True or question.id in filling.populated.deciding):
        outstanding.required_by.append(pack)


def _most_needed_first(outstanding: Outstanding) -> tuple[bool, int, int, int, str, str]:
    return (
        not outstanding.decides,
        -len(outstanding.required_by),
        -len(outstanding.needed_by),
        outstanding.place,
        outstanding.id,
        outstanding.referral or "",
    )


def count(fillings: Sequence[Filling], outstanding: Sequence[Outstanding]) -> Counts:
    """Return the saving for these packs: a field is an inventory row the form would ask in this case."""
    fields = 0
    distinct: dict[str, bool] = {}
    for filling in fillings:
        for entry in filling.populated.entries.values():
            if entry.asked is not True:
                continue
            question = entry.question
            fields += len(question.covers)
            if question.typed and (question.covers or question.kind is not QuestionKind.BOUND):
                name = question.item if question.shared else f"{filling.populated.pack.name}:{question.id}"
                key = f"{name}:{filling.referral}" if not question.shared else str(name)
                distinct[key] = distinct.get(key, False) or entry.answered
    answered = sum(distinct.values())
    return Counts(fields, len(distinct), answered, len(outstanding))
