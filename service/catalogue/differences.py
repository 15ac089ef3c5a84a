"""What changed between two versions of a pack: told to whoever moves a draft from one to the other."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from service.catalogue.conditions import Condition
from service.catalogue.definitions import Pack, Question


class Change(StrEnum):
    """What can happen to a question between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"
    ANSWERED_OTHERWISE = "answered_otherwise"  # another item, type of answer, or way of working it out
    OPTIONS = "options"
    ASKED_WHEN = "asked_when"
    REQUIRED_WHEN = "required_when"
    REFUSED_WHEN = "refused_when"
    LENGTH = "length"
    MOVED = "moved"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Difference:
    """One change to one question, by the question's id: before and after in words, empty where there is none."""

    question: str
    change: Change
    before: str = ""
    after: str = ""


def differences(old: Pack, new: Pack) -> list[Difference]:
    """Return what changed from one version of a pack to another: the new form's order, then what was removed."""
    found: list[Difference] = []
    for question in new.questions:
        earlier = old.by_id.get(question.id)
        if earlier is None:
            found.append(Difference(question.id, Change.ADDED, after=question.label))
        else:
            found.extend(_changes(earlier, question))
    removed = [question for question in old.questions if question.id not in new.by_id]
    return [*found, *(Difference(question.id, Change.REMOVED, before=question.label) for question in removed)]


def _changes(earlier: Question, later: Question) -> list[Difference]:
    return [
        Difference(later.id, change, before, after)
        for change, told in _TOLD.items()
        if (before := told(earlier)) != (after := told(later))
    ]


def _source(condition: Condition | None) -> str:
    return condition.source if condition is not None else ""


def _answered(question: Question) -> str:
    shape: dict[str, Any] = {
        key: value for key, value in question.value.definition.items() if key not in ("options", "max_length", "label")
    }
    told = ", ".join(f"{key}: {value}" for key, value in sorted(shape.items()))
    return " · ".join(part for part in (question.kind, question.item or "", _source(question.derive), told) if part)


def _options(question: Question) -> str:
    return ", ".join(
        f"{label} ({question.options[code]})" if code in question.options else label
        for code, label in question.value.options.items()
    )


def _refusals(question: Question) -> str:
    return "; ".join(f"{refusal.when.source}: {refusal.reason}" for refusal in question.refused_when)


def _rows(question: Question) -> str:
    return ", ".join(
        f"{row} = {_source(question.writes[row])}" if row in question.writes else row for row in question.covers
    )


_TOLD: dict[Change, Callable[[Question], str]] = {
    Change.REWORDED: lambda question: f"{question.label} {question.help}".strip(),
    Change.ANSWERED_OTHERWISE: _answered,
    Change.OPTIONS: _options,
    Change.ASKED_WHEN: lambda question: _source(question.asked_when),
    Change.REQUIRED_WHEN: lambda question: _source(question.required_when),
    Change.REFUSED_WHEN: _refusals,
    Change.LENGTH: lambda question: str(question.max_length or question.value.max_length or ""),
    Change.MOVED: lambda question: question.section,
    Change.ROWS: _rows,
}
