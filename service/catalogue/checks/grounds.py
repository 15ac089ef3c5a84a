"""What the checks stand on: the catalogue, the real forms' rows, and where each thing is written down."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.catalogue.conditions import Condition
from service.catalogue.definitions import Catalogue, Pack, Question, QuestionKind
from service.catalogue.inventories import Row, read_inventories
from service.catalogue.reading import LINE, read_yaml

TOP_LEVEL_KEY = re.compile(r"^[\"']?([A-Za-z0-9_.]+)[\"']?:")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list kept beside the packs, and the line it stands on."""

    line: int
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Grounds:
    """Everything a check reads. `pack_names` are all the packs there are, also when only one of them is loaded."""

    catalogue: Catalogue
    folder: Path
    rows: Mapping[str, Row]
    excused: Mapping[str, Entry]
    concepts: tuple[Entry, ...]
    distinct: tuple[Entry, ...]
    item_places: Mapping[str, tuple[str, int]]
    pack_names: frozenset[str]

    @property
    def current_packs(self) -> list[Pack]:
        """The packs new referrals are made of, in order of name."""
        return [self.catalogue.pack(name) for name in self.catalogue.pack_names]

    @property
    def forms(self) -> frozenset[str]:
        """The forms some current pack answers."""
        return frozenset(pack.form for pack in self.current_packs)

    def item_fault(self, item: str, key: str, reason: str) -> str:
        """Return a fault of an item, at its file and line."""
        path, line = self.item_places.get(item, ("items", 1))
        return f"{path}:{line}: {item}{key}: {reason}"


def read_grounds(catalogue: Catalogue, folder: Path) -> Grounds:
    """Read what stands beside the packs; a missing file reads as empty, and the checks say what it lacks."""
    return Grounds(
        catalogue=catalogue,
        folder=folder,
        rows=read_inventories(folder / "inventory"),
        excused=_excused(folder / "not_asked.yaml"),
        concepts=_entries(folder / "shared_concepts.yaml"),
        distinct=_entries(folder / "distinct.yaml"),
        item_places=dict(_item_places(folder / "items")),
        pack_names=frozenset(catalogue.pack_names) | {path.parent.name for path in folder.glob("packs/*/*.yaml")},
    )


def _entries(path: Path) -> tuple[Entry, ...]:
    content = read_yaml(path) if path.exists() else None
    return tuple(Entry(line=entry[LINE], content=entry) for entry in content or () if isinstance(entry, dict))


def _excused(path: Path) -> dict[str, Entry]:
    content = (read_yaml(path) if path.exists() else None) or {}
    lines = dict(_top_level_lines(path)) if path.exists() else {}
    return {
        row: Entry(line=lines.get(row, 1), content=entry if isinstance(entry, dict) else {})
        for row, entry in content.items()
        if row != LINE
    }


def _item_places(folder: Path) -> Iterator[tuple[str, tuple[str, int]]]:
    for path in sorted(folder.glob("*.yaml")):
        for name, line in _top_level_lines(path):
            yield name, (path.name, line)


def _top_level_lines(path: Path) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        key = TOP_LEVEL_KEY.match(line)
        if key:
            yield key.group(1), number


def question_fault(pack: Pack, question: Question, key: str, reason: str) -> str:
    """Return a fault of a question, at its pack's file and the question's line."""
    return f"{pack.path}:{question.line}: {question.id}{key}: {reason}"


@dataclass(frozen=True, slots=True)
class Use:
    """A condition, the question it belongs to (none for a window of the pack), and where it stands."""

    pack: Pack
    question: Question | None
    key: str
    role: str
    condition: Condition
    line: int = 1

    def fault(self, reason: str) -> str:
        """Return a fault of this condition, with file, line and key."""
        if self.question is None:
            return f"{self.pack.path}:{self.line}: {self.key}: {reason}"
        return question_fault(self.pack, self.question, f".{self.key}", reason)


def uses(pack: Pack) -> list[Use]:
    """Return every condition of a pack, with what it is for and where it stands."""
    return [*(use for question in pack.questions for use in _of_question(pack, question)), *_of_windows(pack)]


def _of_question(pack: Pack, question: Question) -> Iterable[Use]:
    if question.kind is QuestionKind.INPUT:
        return
    for role in ("derive", "asked_when", "required_when"):
        condition = getattr(question, role)
        if condition is not None:
            yield Use(pack, question, role, role, condition)
    for row, condition in question.writes.items():
        yield Use(pack, question, f"writes.{row}", "writes", condition)
    for refusal in question.refused_when:
        yield Use(pack, question, f"refused_when.{refusal.code}", "refused_when", refusal.when)


def _of_windows(pack: Pack) -> Iterable[Use]:
    for window in pack.windows:
        if window.asked_when is not None:
            yield Use(pack, None, f"windows.{window.code}.asked_when", "asked_when", window.asked_when, window.line)
