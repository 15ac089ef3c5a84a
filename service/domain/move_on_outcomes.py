"""What became of somebody who left approved premises: at departure, after four weeks, and after twelve."""

import datetime
from collections.abc import Mapping
from enum import StrEnum

from service.domain.calendar import days_after
from service.domain.stays import MoveOn
from service.errors import FieldError


class Checkpoint(StrEnum):
    """When it is asked what became of somebody who left."""

    DEPARTURE = "departure"
    DAY_28 = "day_28"
    DAY_84 = "day_84"


class Outcome(StrEnum):
    """What became of them."""

    SETTLED = "settled"
    TRANSIENT = "transient"
    HOMELESS = "homeless"
    RECALLED = "recalled"
    UNKNOWN = "unknown"


DAYS_AFTER: dict[Checkpoint, int] = {Checkpoint.DEPARTURE: 0, Checkpoint.DAY_28: 28, Checkpoint.DAY_84: 84}
# Ours: the record system does not say whether a stay with family lasts, so it counts as one that may not.
_BY_CATEGORY: dict[MoveOn, Outcome] = {
    MoveOn.SOCIAL_RENTED: Outcome.SETTLED,
    MoveOn.PRIVATE_RENTED: Outcome.SETTLED,
    MoveOn.OWNER_OCCUPIED: Outcome.SETTLED,
    MoveOn.SUPPORTED_HOUSING: Outcome.SETTLED,
    MoveOn.FAMILY_OR_PARTNER: Outcome.TRANSIENT,
    MoveOn.BED_AND_BREAKFAST: Outcome.TRANSIENT,
    MoveOn.CAS2: Outcome.TRANSIENT,
    MoveOn.CAS3: Outcome.TRANSIENT,
    MoveOn.NO_FIXED_ABODE: Outcome.HOMELESS,
    MoveOn.CUSTODY: Outcome.RECALLED,
}
_BACK_IN_PRISON = frozenset(
    {
        *("recalled", "arrested_or_sentenced", "temporary_release_ended", "behaviour_or_rising_risk"),
        *("curfew_broken", "condition_broken", "positive_drug_test", "positive_alcohol_test"),
    }
)
_HOUSED = frozenset({Outcome.SETTLED, Outcome.TRANSIENT})


def outcome_at_departure(reason: str | None, category: str | None) -> Outcome | None:
    """Return what a departure's reason and category say; None for a death, after which nothing is asked."""
    if reason == "died":
        return None
    if category is not None:
        return _BY_CATEGORY.get(MoveOn(category), Outcome.UNKNOWN)
    return Outcome.RECALLED if reason in _BACK_IN_PRISON else Outcome.UNKNOWN


def is_lost(outcomes: Mapping[Checkpoint, Outcome]) -> bool:
    """Whether a home somebody had when they left, or after it, was lost within twelve weeks."""
    said = [outcomes[checkpoint] for checkpoint in Checkpoint if checkpoint in outcomes]
    return any(
        before in _HOUSED and after is Outcome.HOMELESS for place, before in enumerate(said) for after in said[place:]
    )


def faults_in_outcome(checkpoint: Checkpoint, left_on: datetime.date, today: datetime.date) -> list[FieldError]:
    """Return what is wrong with saying what became of somebody before the day on which it is asked."""
    asked_on = days_after(left_on, DAYS_AFTER[checkpoint])
    if today < asked_on:
        return [FieldError("/checkpoint", "not-yet", f"This is asked from {asked_on.isoformat()} on.")]
    return []
