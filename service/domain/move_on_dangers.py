"""Why a resident of approved premises is at risk of leaving with nowhere to go.

What should have been done by a day is a danger from that day on, by the numbers the deadlines have.
"""

import datetime
from enum import StrEnum

from service.domain.eligibility.thresholds import Thresholds
from service.domain.housing_deadlines import council_told_by
from service.domain.move_on import NextHome, Resident, State, next_home_of, state_of
from service.domain.move_on_deadlines import planned_by
from service.domain.stays import Status, Stay, nights_left

Day = datetime.date
NEAR = 28  # nights (ours): within these, somebody should know where the person goes next


class Danger(StrEnum):
    """Why a resident is at risk, the worst first."""

    DEPARTURE_PASSED = "departure_passed"
    LEAVES_WITHIN_4_WEEKS = "leaves_within_4_weeks"
    NOTHING_SENT_IN_TIME = "nothing_sent_in_time"
    NO_PLAN_IN_TIME = "no_plan_in_time"
    GAP_BEFORE_NEXT_HOME = "gap_before_next_home"


_NOTHING_SENT = (State.NO_PLAN, State.PLAN)


def dangers_of(resident: Resident, today: Day, thresholds: Thresholds) -> list[Danger]:
    """Return why a resident is at risk, the worst first; nobody is who is not in residence."""
    stay, left = resident.stay, nights_left(resident.stay, today)
    leaves, since = stay.expected_departure_on, stay.resident_since
    if stay.status is not Status.IN_RESIDENCE or since is None or leaves is None or left is None:
        return []
    home, state = next_home_of(resident), state_of(resident)
    holds = {
        Danger.DEPARTURE_PASSED: left < 0,
        Danger.LEAVES_WITHIN_4_WEEKS: home is None and 0 <= left <= NEAR,
        Danger.NOTHING_SENT_IN_TIME: state in _NOTHING_SENT and today >= council_told_by(leaves, thresholds),
        Danger.NO_PLAN_IN_TIME: state is State.NO_PLAN and today >= planned_by(since, thresholds),
        Danger.GAP_BEFORE_NEXT_HOME: home is not None and _is_gap(home, stay),
    }
    return [danger for danger, held in holds.items() if held]


def _is_gap(home: NextHome, stay: Stay) -> bool:
    leaves = stay.expected_departure_on
    return home.begins_on is not None and leaves is not None and home.begins_on > leaves
