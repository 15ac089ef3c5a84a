"""Where in a request something is wrong, as an RFC 6901 pointer: `/answers/x/value`, `/query/limit`, `/path/crn`."""

from collections.abc import Sequence
from typing import Any


def pointer(location: Sequence[Any], body: Any, *, missing: bool) -> str:
    """Return the pointer of a framework's location; one in the body leads through what was sent.

    The framework's own steps in between (which member of a union it tried) lead nowhere, and are left out.
    """
    place, *steps = location
    if place != "body":
        return written([place, *steps[:1]])
    return written(_steps_in(body, steps, missing=missing))


def written(steps: Sequence[Any]) -> str:
    """Return steps as a pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _steps_in(value: Any, steps: Sequence[Any], *, missing: bool) -> list[Any]:
    found: list[Any] = []
    for step in steps:
        is_name = isinstance(value, dict) and step in value
        is_place = isinstance(value, list) and isinstance(step, int) and step < len(value)
        if is_name or is_place:
            value = value[step]
            found.append(step)
    if missing and steps and isinstance(value, dict):
        found.append(steps[-1])
    return found
