"""Decisions about a case: how long an opening lasts, and who may see a case made of two."""

import datetime
from dataclasses import dataclass

# Design §5: a recorded reason opens a case for a day; the out-of-hours way in lasts until the morning.
OPENING_LASTS = {"reason": datetime.timedelta(hours=24), "break_glass": datetime.timedelta(hours=12)}
MONTHS_OF_PRACTITIONERS = 12


@dataclass(frozen=True, slots=True)
class AccessLists:
    """Who may see a case: `allowed` counts while it is restricted, `excluded` always."""

    restricted: bool
    allowed: frozenset[str]
    excluded: frozenset[str]


def expiry_of_opening(kind: str, now: datetime.datetime) -> datetime.datetime:
    """Return when an opening of this kind ends."""
    return now + OPENING_LASTS[kind]


def lists_of_both(staying: AccessLists, moving: AccessLists) -> AccessLists:
    """Return who may see a case that takes in another one: nobody who was kept from either of them.

    Two allow-lists leave those on both, which may be nobody until the record system says more: it fails closed.
    """
    if staying.restricted and moving.restricted:
        allowed = staying.allowed & moving.allowed
    else:
        allowed = staying.allowed if staying.restricted else moving.allowed
    restricted = staying.restricted or moving.restricted
    return AccessLists(restricted, allowed if restricted else frozenset(), staying.excluded | moving.excluded)
