"""Request bodies as strict JSON: what the database could not keep is refused where it comes in."""

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from fastapi import Request

from service.errors import FieldError, InvalidInput
from service.routes.pointers import written


class JsonRequest(Request):
    """A request whose body is UTF-8 and JSON as RFC 8259 has it, without what Python reads besides."""

    async def json(self) -> Any:
        """Return the body; ValueError where it is not JSON, InvalidInput where a text holds what cannot be kept."""
        text = (await self.body()).decode("utf-8")
        value = json.loads(text, parse_constant=_not_json, parse_float=_finite, object_pairs_hook=_each_once)
        # Such characters can only have come in escaped.
        if "\\u" in text:
            faults = [FieldError(place, "characters", "Take out the control characters.") for place in _bad(value, [])]
            if faults:
                raise InvalidInput(errors=faults)
        return value


def _not_json(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice: of two readers, each may keep another of its values (RFC 8259 §4)."""
    value = dict(pairs)
    if len(value) < len(pairs):
        raise InvalidInput(errors=[FieldError("", "repeated-name", "An object has the same name twice.")])
    return value


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _not_json("a number this large")
    return number


def _bad(value: Any, steps: list[Any]) -> Iterator[str]:
    """Find the texts that PostgreSQL has no way to keep: those with a NUL or half a surrogate pair."""
    if isinstance(value, str) and _cannot_be_kept(value):
        yield written(steps)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _bad(part, [*steps, place])
    elif isinstance(value, dict):
        if any(_cannot_be_kept(name) for name in value):
            yield written(steps)
        for name, part in value.items():
            if not _cannot_be_kept(name):
                yield from _bad(part, [*steps, name])


def _cannot_be_kept(text: str) -> bool:
    return any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)
