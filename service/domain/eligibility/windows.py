"""When a referral may first be started, counted back from the day the present home ends."""

from service.domain.eligibility.lines import Action, Line, Status
from service.domain.eligibility.periods import first_day_within, is_within
from service.domain.eligibility.situations import Situation
from service.domain.eligibility.thresholds import Threshold


def home_ends_within(situation: Situation, threshold: Threshold) -> bool:
    """Tell whether the present home ends within the period: exactly that far ahead, and no end date, count as in."""
    ends_on = situation.home.ends_on
    return ends_on is None or is_within(ends_on, situation.on, threshold.period)


def upcoming(situation: Situation, threshold: Threshold, action: Action) -> Line:
    """Say that it is too early, and name the first day on which the action may be taken."""
    ends_on = situation.home.ends_on
    starts_on = None if ends_on is None else first_day_within(ends_on, threshold.period)
    return Line(status=Status.UPCOMING, action=action, starts_on=starts_on)
