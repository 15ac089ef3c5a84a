"""What asking once saves, counted on a case that was really played: never an estimate."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from service.catalogue.definitions import RECORD_SYSTEMS

RECORD_SYSTEM_SOURCES = frozenset(RECORD_SYSTEMS)
SHARED = frozenset({"fact", "narrative"})


@dataclass(slots=True)
class Figures:
    """The figures of one case. A field is a row of a real form that it asks in this case."""

    title: str
    fields_asked: int = 0
    asked_once: int = 0
    held_by_systems: int = 0
    filled_from_typing: int = 0
    worked_out: int = 0
    typed: int = 0
    generation_milliseconds: float = 0.0

    @property
    def never_typed(self) -> float:
        """The share of fields nobody typed: held by a record system, worked out, or typed once for another field."""
        return 1 - self.typed / self.fields_asked if self.fields_asked else 0.0


@dataclass(frozen=True, slots=True)
class Fields:
    """What is known of the forms' fields: which a form asks somebody, and which a record system is named as holding."""

    asked: frozenset[str]
    held: frozenset[str]


@dataclass(slots=True)
class Counting:
    """Counts the fields of a case's referrals one after another, remembering what has been typed already."""

    figures: Figures
    fields: Fields
    seen: set[str] = field(default_factory=set)

    def count(
        self, questions: Iterable[Mapping[str, Any]], rows: Mapping[str, Any], covers: Mapping[str, Sequence[str]]
    ) -> None:
        """Count one referral: its questions as read over the API, its filled rows, and the rows each covers.

        Only fields the form asks somebody count. A typed answer's fields in the first form that uses them count as
        typed; in every later form they are filled from it. An answer of a record system counts as held only where
        the field's own inventory row, or its shared concept, names a system; elsewhere it is carried over. What a
        derivation needed and no field shows counts as one typed field.
        """
        for question in questions:
            filled = [row for row in covers.get(question["id"], ()) if row in rows and row in self.fields.asked]
            source = (question.get("provenance") or {}).get("source")
            self.figures.fields_asked += len(filled)
            if question["kind"] == "derived":
                self.figures.worked_out += len(filled)
            elif source in RECORD_SYSTEM_SOURCES:
                held = sum(row in self.fields.held for row in filled)
                self.figures.held_by_systems += held
                self.figures.worked_out += len(filled) - held
            elif question["value"] is not None and question["asked"]:
                self._count_typed(question, len(filled))

    def _count_typed(self, question: Mapping[str, Any], filled: int) -> None:
        shared = question["reuse"] in SHARED
        if shared and question["item"] in self.seen:
            self.figures.filled_from_typing += filled
            return
        if shared:
            self.seen.add(question["item"])
        self.figures.typed += max(filled, 1) if question["kind"] == "input" else filled


def total(figures: Sequence[Figures]) -> Figures:
    """Return the sum of several cases' figures."""
    summed = Figures("All four" if len(figures) == 4 else "In all")
    for name in (column.name for column in fields(Figures) if column.name != "title"):
        setattr(summed, name, sum(getattr(each, name) for each in figures))
    return summed


COLUMNS = (
    ("Case", lambda f: f.title),
    ("Fields the forms ask", lambda f: str(f.fields_asked)),
    ("Questions asked once", lambda f: str(f.asked_once)),
    ("Held by record systems", lambda f: str(f.held_by_systems)),
    ("Filled from what was typed", lambda f: str(f.filled_from_typing)),
    ("Worked out or carried over", lambda f: str(f.worked_out)),
    ("Never typed", lambda f: f"{f.never_typed:.0%}"),
    ("Generated in (ms)", lambda f: f"{f.generation_milliseconds:.0f}"),
)


def table(figures: Sequence[Figures]) -> str:
    """Return the figures as a Markdown table, the sum last."""
    rows = [[told(each) for _, told in COLUMNS] for each in (*figures, total(figures))]
    heads = [head for head, _ in COLUMNS]
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    lines = [heads, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
