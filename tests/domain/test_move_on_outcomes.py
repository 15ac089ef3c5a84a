"""What became of somebody who left: at departure by the reason, later as it is said."""

import pytest

from service.domain import move_on_outcomes as outcomes
from service.domain.move_on_outcomes import Checkpoint, Outcome
from service.domain.stays import MoveOn
from tests.domain.moving import TODAY, day


@pytest.mark.parametrize(
    ("reason", "category", "outcome"),
    [
        ("planned_move_on", MoveOn.SOCIAL_RENTED, Outcome.SETTLED),
        ("planned_move_on", MoveOn.SUPPORTED_HOUSING, Outcome.SETTLED),
        ("planned_move_on", MoveOn.CAS3, Outcome.TRANSIENT),
        ("planned_move_on", MoveOn.FAMILY_OR_PARTNER, Outcome.TRANSIENT),
        ("bed_withdrawn", MoveOn.NO_FIXED_ABODE, Outcome.HOMELESS),
        ("order_or_licence_expired", MoveOn.DEPORTED_OR_DETAINED, Outcome.UNKNOWN),
        ("recalled", None, Outcome.RECALLED),
        ("curfew_broken", None, Outcome.RECALLED),
        ("absconded", None, Outcome.UNKNOWN),
        ("hospital", None, Outcome.UNKNOWN),
        ("died", None, None),
    ],
)
def test_what_became_of_somebody_at_departure_follows_from_why_and_where_to(
    reason: str, category: MoveOn | None, outcome: Outcome | None
) -> None:
    assert outcomes.outcome_at_departure(reason, category) is outcome


@pytest.mark.parametrize(
    ("said", "lost"),
    [
        ({Checkpoint.DEPARTURE: Outcome.SETTLED, Checkpoint.DAY_28: Outcome.HOMELESS}, True),
        ({Checkpoint.DEPARTURE: Outcome.TRANSIENT, Checkpoint.DAY_84: Outcome.HOMELESS}, True),
        ({Checkpoint.DEPARTURE: Outcome.HOMELESS, Checkpoint.DAY_28: Outcome.SETTLED}, False),
        ({Checkpoint.DEPARTURE: Outcome.SETTLED, Checkpoint.DAY_28: Outcome.RECALLED}, False),
        ({Checkpoint.DEPARTURE: Outcome.SETTLED}, False),
        ({}, False),
    ],
)
def test_a_home_is_lost_when_somebody_housed_is_homeless_within_twelve_weeks(
    said: dict[Checkpoint, Outcome], *, lost: bool
) -> None:
    assert outcomes.is_lost(said) is lost


@pytest.mark.parametrize(
    ("checkpoint", "left", "asked"),
    [
        (Checkpoint.DEPARTURE, 0, True),
        (Checkpoint.DAY_28, -27, False),
        (Checkpoint.DAY_28, -28, True),
        (Checkpoint.DAY_84, -83, False),
        (Checkpoint.DAY_84, -84, True),
    ],
)
def test_what_became_of_somebody_is_asked_from_its_day_on(checkpoint: Checkpoint, left: int, *, asked: bool) -> None:
    assert (outcomes.faults_in_outcome(checkpoint, day(left), TODAY) == []) is asked
