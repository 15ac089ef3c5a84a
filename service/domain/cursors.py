"""Where a page ended: an opaque text made of the last row's sort key."""

import base64
import binascii
import datetime
import json
import uuid
from typing import Any

from service.errors import FieldError, InvalidInput

LARGEST = 2**63 - 1
YEARS = range(1900, 3000)  # no row of ours is older or younger, and sums with these stay on the calendar
AFTER_ALL = ("infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff")


def encode(*key: Any) -> str:
    """Return the cursor after a row with this sort key (values that JSON can hold)."""
    return base64.urlsafe_b64encode(json.dumps(key, default=str).encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: type) -> list[Any]:
    """Return the sort key a cursor stands for, its parts of these types; InvalidInput when it is not one of ours."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        key = None
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds) or not all(map(_can_be_stored, key)):
        raise _not_ours()
    return key


def decode_instant_and_id(cursor: str | None) -> tuple[str, str]:
    """Return the instant (ISO, or `infinity` for none) and id that a page, newest first, ended with.

    Without a cursor that is a place before every row.
    """
    if cursor is None:
        return AFTER_ALL
    instant, row = decode(cursor, str, str)
    if instant != "infinity":
        instant_of(instant)
    return instant, id_of(row)


def decode_pinned(cursor: str | None, now: datetime.datetime) -> tuple[datetime.datetime, tuple[str, str]]:
    """Return the instant a list, newest first, was begun at, and the instant and id its last page ended with.

    A list without a cursor begins now, before every row.
    """
    if cursor is None:
        return now, AFTER_ALL
    pinned, instant, row = decode(cursor, str, str, str)
    return instant_of(pinned), decode_instant_and_id(encode(instant, row))


def decode_place(
    cursor: str | None, now: datetime.datetime
) -> tuple[datetime.datetime, tuple[int, datetime.datetime, str] | None]:
    """Return the instant a list by urgency was begun at, and the rank, instant and id its last page ended with."""
    if cursor is None:
        return now, None
    pinned, rank, instant, row = decode(cursor, str, int, str, str)
    return instant_of(pinned), (rank, instant_of(instant), id_of(row))


def decode_board_place(
    cursor: str | None, now: datetime.datetime
) -> tuple[datetime.datetime, tuple[int, int, str, str] | None]:
    """Return the instant a board was begun at, and the two ranks, day and id its last page ended with."""
    if cursor is None:
        return now, None
    pinned, changed, confirmed, day, row = decode(cursor, str, int, int, str, str)
    try:
        leaves = datetime.date.fromisoformat(day).isoformat()
    except ValueError:
        raise _not_ours() from None
    return instant_of(pinned), (changed, confirmed, leaves, id_of(row))


def id_of(written: str) -> str:
    """Return the id a cursor holds; InvalidInput when it holds none."""
    try:
        return str(uuid.UUID(written))
    except ValueError:
        raise _not_ours() from None


def instant_of(written: str) -> datetime.datetime:
    """Return the instant a cursor holds; InvalidInput when it holds none."""
    try:
        instant = datetime.datetime.fromisoformat(written)
    except ValueError:
        raise _not_ours() from None
    if instant.tzinfo is None or instant.year not in YEARS:
        raise _not_ours()
    return instant


def decode_day_instant_and_id(cursor: str | None) -> tuple[str, str, str]:
    """Return the day, instant and id that a page, newest first, ended with; without a cursor, a place before all."""
    if cursor is None:
        return ("infinity", *AFTER_ALL)
    day, instant, row = decode(cursor, str, str, str)
    try:
        return datetime.date.fromisoformat(day).isoformat(), *decode_instant_and_id(encode(instant, row))
    except ValueError:
        raise _not_ours() from None


def _can_be_stored(part: Any) -> bool:
    """Whether PostgreSQL could compare a column with it: a number of 64 bits, a text without NUL."""
    if isinstance(part, int):
        return -LARGEST <= part <= LARGEST
    return not isinstance(part, str) or ("\x00" not in part and part.isprintable())


def _not_ours() -> InvalidInput:
    return InvalidInput(errors=[FieldError("/query/cursor", "cursor", "Use the cursor a page gave you.")])
