"""JSON with one way to write each value (RFC 8785), so that a hash of it means the same to whoever works it out."""

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

# ECMAScript writes a number plainly when its decimal point lies within these many digits of the first.
_PLAIN_UP_TO = 21
_PLAIN_FROM = -6
# Beyond it not every whole number is a double, and RFC 8785 knows no other numbers.
_EXACT = 2**53


# The escapes that RFC 8785 asks for are those this writes, and no others.
_text = json.JSONEncoder(ensure_ascii=False).encode


def canonical_json(value: Any) -> bytes:
    """Return a value of JSON as RFC 8785 writes it; ValueError for what JSON cannot say."""
    return _written(value).encode()


def _written(value: Any) -> str:
    match value:
        case None | bool():
            return _text(value)
        case str():
            return _text(value)
        case int() if abs(value) <= _EXACT:
            return str(value)
        case int() | float():
            return _number(float(value))
        case Mapping():
            members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
            return "{" + ",".join(f"{_written(name)}:{_written(one)}" for name, one in members) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_written, value)) + "]"
    message = f"JSON has no way to write a {type(value).__name__}."
    raise ValueError(message)


def _number(value: float) -> str:
    """Write a double as ECMAScript does: the shortest digits that mean it, which Python's repr finds as well."""
    if not math.isfinite(value):
        message = "JSON has no way to write a number that is not finite."
        raise ValueError(message)
    if value == 0:
        return "0"
    _, digits, exponent = Decimal(repr(abs(value))).normalize().as_tuple()
    text, sign = "".join(map(str, digits)), "-" if value < 0 else ""
    point = len(text) + int(exponent)
    if len(text) <= point <= _PLAIN_UP_TO:
        return sign + text.ljust(point, "0")
    if 0 < point <= _PLAIN_UP_TO:
        return f"{sign}{text[:point]}.{text[point:]}"
    if _PLAIN_FROM < point <= 0:
        return f"{sign}0.{'0' * -point}{text}"
    fraction = f".{text[1:]}" if text[1:] else ""
    return f"{sign}{text[0]}{fraction}e{point - 1:+d}"
