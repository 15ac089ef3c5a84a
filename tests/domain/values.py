"""Any value an item's definition can hold, for property tests."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

FORMATTED = {
    "email": "somebody@example.org",
    "email_gov_uk": "somebody@justice.gov.uk",
    "phone": "0113 496 0000",
    "postcode_area": "B4",
    "crn": "X123456",
    "noms_number": "A1234BC",
}
WORDS = st.sampled_from(["Yes", "A longer answer with words in it", "Ĺōng — ünïcode", "x"])


def any_value(definition: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of one definition."""
    composed = _COMPOSED.get(definition["type"])
    return composed(definition) if composed is not None else _simple(definition["type"], definition)


def _text(definition: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if "format" in definition:
        return st.just(FORMATTED[definition["format"]])
    return WORDS.map(lambda words: words[: definition.get("max_length", 200)].strip() or "x")


def _list(definition: Mapping[str, Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(any_value(definition["of"]), min_size=definition.get("minimum", 0), max_size=3)


def _choice_by(definition: Mapping[str, Any]) -> st.SearchStrategy[dict[str, str]]:
    keys, options = sorted(definition["keys"]), sorted(definition["options"])
    return st.dictionaries(st.sampled_from(keys), st.sampled_from(options), min_size=1)


def _simple(kind: str, definition: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if kind == "boolean":
        return st.booleans()
    if kind == "date":
        days = st.dates(datetime.date(2024, 1, 1), datetime.date(2032, 12, 31))
        return days.map(datetime.date.isoformat)
    if kind == "integer":
        low = definition.get("minimum", 0)
        return st.integers(low, min(definition.get("maximum", low + 50), low + 50))
    if kind == "choice":
        return st.sampled_from(sorted(definition["options"]))
    assert kind == "duration"
    part = st.integers(0, 9)
    return st.fixed_dictionaries({"years": st.integers(1, 9), "months": part, "weeks": part, "days": part})


def _choices(definition: Mapping[str, Any]) -> st.SearchStrategy[list[str]]:
    exclusive = sorted(definition.get("exclusive", ()))
    free = sorted(set(definition["options"]) - set(exclusive))
    several = st.lists(st.sampled_from(free), unique=True, min_size=max(definition.get("minimum", 1), 1))
    alone = [[code] for code in exclusive]
    return st.one_of(several, st.sampled_from(alone)) if alone else several


def _object(definition: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    fields = definition["fields"]
    required = {name: any_value(part) for name, part in fields.items() if part.get("required", True)}
    optional = {name: any_value(part) for name, part in fields.items() if not part.get("required", True)}
    return st.fixed_dictionaries(required, optional=optional)


_COMPOSED: dict[str, Callable[[Mapping[str, Any]], st.SearchStrategy[Any]]] = {
    "text": _text,
    "string": _text,
    "choices": _choices,
    "list": _list,
    "object": _object,
    "choice_by": _choice_by,
}
