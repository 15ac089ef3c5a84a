"""Answers to try conditions with: every option of a choice, and a spread of everything else."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from service.catalogue.values import Value

TODAY = dt.date(2026, 11, 2)
DAYS_FROM_TODAY = (-500, -1, 0, 27, 100, 200, 400, 2000)
FORMAT_SAMPLES = {
    "email": "someone@example.org",
    "email_gov_uk": "someone@justice.gov.uk",
    "phone": "0121 496 0000",
    "postcode_area": "B4",
    "crn": "X000001",
    "noms_number": "A0001AA",
}


def samples(value: Value) -> list[Any]:
    """Return answers of this type, each one it accepts: all options of a choice, a spread of other types."""
    found = [value.normalised(sample) for sample in _SAMPLES[value.kind](value)]
    return [
        sample for place, sample in enumerate(found) if sample not in found[:place] and not value.faults(sample, "")
    ]


def months_between(start: dt.date, end: dt.date) -> int:
    """Return the whole calendar months from one day to another; the day before is -1, being less than nought."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _dates(_: Value) -> list[Any]:
    return [(TODAY + dt.timedelta(days=days)).isoformat() for days in DAYS_FROM_TODAY]


def _integers(value: Value) -> list[Any]:
    low, high = value.definition.get("minimum", 0), value.definition.get("maximum", 1_000_000)
    return [*range(low, min(low + 4, high + 1)), min(low + 12, high), min(low + 100, high), high]


def _texts(value: Value) -> list[Any]:
    limit = value.max_length or 200
    return [FORMAT_SAMPLES.get(value.definition.get("format", ""), "Some words"[:limit])]


def _choices(value: Value) -> list[Any]:
    alone = set(value.definition.get("exclusive", ()))
    together = [code for code in value.options if code not in alone]
    return [[], *([code] for code in value.options), together]


def _durations(_: Value) -> list[Any]:
    return [{"years": 2, "months": 3}, {"weeks": 6, "days": 1}, {"months": 18}, {"years": 30}]


def _objects(value: Value) -> list[Any]:
    """Objects that between them hold every sample of every field, and one with only what must be there."""
    parts = {name: samples(part) for name, part in value.fields.items()}
    rounds = max((len(part) for part in parts.values()), default=0)
    whole = [{name: part[turn % len(part)] for name, part in parts.items() if part} for turn in range(rounds)]
    needed = {name for name in parts if value.fields[name].definition.get("required", True)}
    return [*whole, *({name: part for name, part in entry.items() if name in needed} for entry in whole[:1])]


def _lists(value: Value) -> list[Any]:
    entries = samples(value.of) if value.of is not None else []
    least = max(value.definition.get("minimum", 0), 1)
    return [[], *([entry] * least for entry in entries), entries]


def _maps(value: Value) -> list[Any]:
    keys: Mapping[str, str] = value.definition["keys"]
    return [
        {},
        *({key: code} for key in keys for code in value.options),
        {key: next(iter(value.options)) for key in keys},
    ]


_SAMPLES: dict[str, Callable[[Value], list[Any]]] = {
    "boolean": lambda _: [True, False],
    "choice": lambda value: list(value.options),
    "choices": _choices,
    "date": _dates,
    "integer": _integers,
    "string": _texts,
    "text": _texts,
    "duration": _durations,
    "object": _objects,
    "list": _lists,
    "choice_by": _maps,
}
