"""An answer as a form's fields, and a form's fields as an answer: one set of fields for each type of value.

Fields are always drawn from what a form says; an answer already held is first written as a form would send it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.catalogue.values import Value
from service.errors import FieldError
from service.pages.forms import Fields

MISSING: Any = object()
ROWS_AT_FIRST, MOST_ROWS = 1, 200
DATE_PARTS = ("day", "month", "year")
DURATION_PARTS = ("years", "months", "weeks", "days")
NO, YES = "false", "true"
# What the API says to programs, said to people.
IN_WORDS = {
    "date": "Enter a real date, like 27 3 2027.",
    "int-type": "Enter a whole number.",
    "bool-type": "Choose yes or no.",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a field."""

    code: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A field or a group of them, ready to be put on a page. `anchor` is what a fault in it leads to."""

    kind: str
    name: str
    label: str
    hint: str = ""
    text: str = ""
    choices: tuple[Choice, ...] = ()
    parts: tuple["Drawn", ...] = ()
    rows: tuple["Drawn", ...] = ()
    is_none: bool = False
    may_be_empty: bool = False
    longest: int | None = None

    @property
    def anchor(self) -> str:
        """The id of the first thing in it that can be focused."""
        inner = self.parts or self.rows
        return inner[0].anchor if inner else self.name


def draw(value: Value, name: str, form: Fields, label: str, hint: str = "") -> Drawn:
    """Return the fields for a value, filled with what a form says."""
    drawing = _DRAWINGS.get(value.kind, _draw_text)
    return drawing(value, name, form, label, hint)


def read(value: Value, name: str, form: Fields) -> Any:
    """Return the answer a form gives, in the shape the value wants or near it; MISSING where it gives none."""
    return _READINGS[value.kind](value, name, form)


def written(value: Value, name: str, answer: Any) -> dict[str, list[str]]:
    """Return an answer as a form would send it."""
    return {} if answer is None else _WRITINGS[value.kind](value, name, answer)


def placed(faults: Sequence[FieldError], above: str, name: str, drawn: Drawn) -> dict[str, str]:
    """Return what is wrong by the field it is wrong in: the faults' pointers lie below `above`, the fields' `name`."""
    fields = dict(_fields_of(drawn))
    found: dict[str, str] = {}
    for fault in faults:
        field = name + fault.pointer.removeprefix(above).replace("/", "-")
        while field not in fields and "-" in field:
            field = field.rpartition("-")[0]
        found.setdefault(field if field in fields else name, IN_WORDS.get(fault.code, fault.detail))
    return found


def anchors(drawn: Drawn) -> dict[str, str]:
    """Return where a fault in each field leads."""
    return {name: field.anchor for name, field in _fields_of(drawn)}


def _fields_of(drawn: Drawn) -> list[tuple[str, Drawn]]:
    inner = [pair for part in (*drawn.parts, *drawn.rows) for pair in _fields_of(part)]
    return [(drawn.name, drawn), *inner]


def _one(form: Fields, name: str) -> str:
    values = form.get(name)
    return values[-1].strip() if values else ""


def _draw_text(value: Value, name: str, form: Fields, label: str, hint: str) -> Drawn:
    return Drawn(value.kind, name, label, hint, text=_one(form, name), longest=value.max_length)


def _draw_choice(value: Value, name: str, form: Fields, label: str, hint: str) -> Drawn:
    options = {YES: "Yes", NO: "No"} if value.kind == "boolean" else value.options
    chosen = form.get(name, [])
    choices = tuple(Choice(code, words, code in chosen) for code, words in options.items())
    kind = "choices" if value.kind == "choices" else "choice"
    return Drawn(kind, name, label, hint, choices=choices)


def _draw_parts(names: Sequence[str]) -> Callable[[Value, str, Fields, str, str], Drawn]:
    def drawing(value: Value, name: str, form: Fields, label: str, hint: str) -> Drawn:
        parts = tuple(
            Drawn("integer", f"{name}-{part}", part.capitalize(), text=_one(form, f"{name}-{part}")) for part in names
        )
        return Drawn(value.kind, name, label, hint, parts=parts)

    return drawing


def _draw_object(value: Value, name: str, form: Fields, label: str, hint: str) -> Drawn:
    definitions = value.definition["fields"]
    parts = tuple(
        draw(part, f"{name}-{key}", form, _named(key, part, is_needed=definitions[key].get("required", True)))
        for key, part in value.fields.items()
    )
    return Drawn("object", name, label, hint, parts=parts)


def _named(key: str, part: Value, *, is_needed: bool) -> str:
    words = part.label or key.replace("_", " ").capitalize()
    return words if is_needed else f"{words} (optional)"


def _draw_list(value: Value, name: str, form: Fields, label: str, hint: str) -> Drawn:
    of = value.of
    assert of is not None, "a list says what it is of"  # noqa: S101  the catalogue was checked when it was loaded
    filled = _filled_rows(of, name, form)
    blank = ROWS_AT_FIRST if not filled or _one(form, f"{name}-more") else 0
    renamed = _renamed(name, filled, form)
    rows = tuple(
        draw(of, f"{name}-{number}", renamed, f"{label}: {number + 1}") for number in range(len(filled) + blank)
    )
    may_be_empty = value.definition.get("minimum", 0) == 0
    return Drawn(
        "list", name, label, hint, rows=rows, is_none=bool(_one(form, f"{name}-none")), may_be_empty=may_be_empty
    )


def _filled_rows(of: Value, name: str, form: Fields) -> list[int]:
    """Return the rows that say something: a blank one between two others is passed over."""
    numbers = {
        int(number)
        for field in form
        if field.startswith(f"{name}-") and (number := field[len(name) + 1 :].partition("-")[0]).isdecimal()
        if len(number) <= len(str(MOST_ROWS))
    }
    return [number for number in sorted(numbers) if read(of, f"{name}-{number}", form) is not MISSING][:MOST_ROWS]


def _renamed(name: str, filled: Sequence[int], form: Fields) -> dict[str, list[str]]:
    """Return the rows' fields, numbered without gaps."""
    renamed: dict[str, list[str]] = {}
    for place, number in enumerate(filled):
        row = f"{name}-{number}"
        for field, values in form.items():
            if field == row or field.startswith(f"{row}-"):
                renamed[f"{name}-{place}{field[len(row) :]}"] = values
    return renamed


def _draw_levels(value: Value, name: str, form: Fields, label: str, hint: str) -> Drawn:
    parts = []
    for key, words in value.definition["keys"].items():
        chosen = form.get(f"{name}-{key}", [])
        choices = tuple(Choice(code, said, code in chosen) for code, said in value.options.items())
        parts.append(Drawn("choice", f"{name}-{key}", words, choices=choices))
    return Drawn("object", name, label, hint, parts=tuple(parts))


_DRAWINGS: dict[str, Callable[[Value, str, Fields, str, str], Drawn]] = {
    "boolean": _draw_choice,
    "choice": _draw_choice,
    "choices": _draw_choice,
    "date": _draw_parts(DATE_PARTS),
    "duration": _draw_parts(DURATION_PARTS),
    "object": _draw_object,
    "list": _draw_list,
    "choice_by": _draw_levels,
}


def _read_text(_: Value, name: str, form: Fields) -> Any:
    return _one(form, name) or MISSING


def _read_boolean(_: Value, name: str, form: Fields) -> Any:
    said = _one(form, name)
    return {YES: True, NO: False}.get(said, said or MISSING)


def _read_choices(_: Value, name: str, form: Fields) -> Any:
    return [code for code in form.get(name, []) if code] or MISSING


def _read_integer(_: Value, name: str, form: Fields) -> Any:
    said = _one(form, name)
    return _number(said) if said else MISSING


def _number(said: str) -> Any:
    """Return a whole number, or what was typed where it is none: the value then says what is wrong."""
    return int(said) if said.isdecimal() and said.isascii() and len(said) <= 9 else said


def _read_date(_: Value, name: str, form: Fields) -> Any:
    day, month, year = (_one(form, f"{name}-{part}") for part in DATE_PARTS)
    return f"{year}-{month:0>2}-{day:0>2}" if day or month or year else MISSING


def _read_duration(_: Value, name: str, form: Fields) -> Any:
    said = {part: _one(form, f"{name}-{part}") for part in DURATION_PARTS}
    return {part: _number(number) for part, number in said.items() if number} or MISSING


def _read_object(value: Value, name: str, form: Fields) -> Any:
    found = {key: read(part, f"{name}-{key}", form) for key, part in value.fields.items()}
    return {key: part for key, part in found.items() if part is not MISSING} or MISSING


def _read_list(value: Value, name: str, form: Fields) -> Any:
    of = value.of
    assert of is not None, "a list says what it is of"  # noqa: S101  the catalogue was checked when it was loaded
    rows = [read(of, f"{name}-{number}", form) for number in _filled_rows(of, name, form)]
    return rows or ([] if _one(form, f"{name}-none") else MISSING)


def _read_levels(value: Value, name: str, form: Fields) -> Any:
    found = {key: _one(form, f"{name}-{key}") for key in value.definition["keys"]}
    return {key: level for key, level in found.items() if level} or MISSING


_READINGS: dict[str, Callable[[Value, str, Fields], Any]] = {
    "text": _read_text,
    "string": _read_text,
    "choice": _read_text,
    "boolean": _read_boolean,
    "choices": _read_choices,
    "integer": _read_integer,
    "date": _read_date,
    "duration": _read_duration,
    "object": _read_object,
    "list": _read_list,
    "choice_by": _read_levels,
}


def _write_one(_: Value, name: str, answer: Any) -> dict[str, list[str]]:
    return {name: [str(answer).lower() if isinstance(answer, bool) else str(answer)]}


def _write_date(_: Value, name: str, answer: str) -> dict[str, list[str]]:
    year, month, day = answer.split("-")
    return {f"{name}-day": [str(int(day))], f"{name}-month": [str(int(month))], f"{name}-year": [year]}


def _write_duration(_: Value, name: str, answer: Mapping[str, int]) -> dict[str, list[str]]:
    return {f"{name}-{part}": [str(number)] for part, number in answer.items() if number}


def _write_object(value: Value, name: str, answer: Mapping[str, Any]) -> dict[str, list[str]]:
    return _joined(written(value.fields[key], f"{name}-{key}", part) for key, part in answer.items())


def _write_list(value: Value, name: str, answer: Sequence[Any]) -> dict[str, list[str]]:
    of = value.of
    if of is None or not answer:
        return {f"{name}-none": ["yes"]}
    return _joined(written(of, f"{name}-{number}", row) for number, row in enumerate(answer))


def _joined(forms: Any) -> dict[str, list[str]]:
    return {name: values for form in forms for name, values in form.items()}


_WRITINGS: dict[str, Callable[[Value, str, Any], dict[str, list[str]]]] = {
    "text": _write_one,
    "string": _write_one,
    "choice": _write_one,
    "boolean": _write_one,
    "integer": _write_one,
    "choices": lambda _, name, answer: {name: list(answer)},
    "date": _write_date,
    "duration": _write_duration,
    "object": _write_object,
    "list": _write_list,
    "choice_by": lambda _, name, answer: {f"{name}-{key}": [level] for key, level in answer.items()},
}
