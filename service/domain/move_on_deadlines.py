"""What must be done before somebody leaves approved premises: a plan early on, and a confirmed home before the day.

Both are counted from the stay as it is recorded, so that they move when its day of leaving moves. The referrals that a
move-on needs are planned with the others, in `housing_deadlines`.
"""

from datetime import date

from service.domain.deadlines import DeadlineName, KeyDates, Plan, Window
from service.domain.eligibility.periods import day_after, day_before, first_day_within
from service.domain.eligibility.situations import Situation
from service.domain.eligibility.thresholds import Thresholds
from service.domain.housing_deadlines import NO_DAY_A_HOME_IS_NEEDED, needed_on

NOT_IN_PREMISES = "Not needed: the person is not in approved premises."
NO_ARRIVAL = "No day of arrival at the premises is recorded, so this has no date yet."


def move_on_plan(dates: KeyDates, situation: Situation) -> Plan:
    """Plan the move-on plan: looked at again once the person has come, whatever was planned in prison."""
    due, arrived_on, planned_on = (
        situation.thresholds.move_on_plan_due,
        dates.premises_arrived_on,
        dates.move_on_planned_on,
    )
    return Plan(
        name=DeadlineName.MOVE_ON_PLAN,
        window=Window(arrived_on, planned_by(arrived_on, situation.thresholds)) if arrived_on else None,
        why=f"Where the person goes next is planned within {due.period} of arriving at approved premises.",
        thresholds=(due,),
        missing=NO_ARRIVAL,
        done=arrived_on is not None and planned_on is not None and planned_on >= arrived_on,
        not_needed=None if situation.in_approved_premises else NOT_IN_PREMISES,
    )


def planned_by(arrived_on: date, thresholds: Thresholds) -> date:
    """Return the last day on which a plan is in time."""
    return day_after(arrived_on, thresholds.move_on_plan_due.period)


def next_home_confirmed(dates: KeyDates, situation: Situation) -> Plan:
    """Plan the confirmation of a home, from when a council may be told until shortly before the day of leaving."""
    opens, due = situation.thresholds.duty_to_refer_may_start, situation.thresholds.next_home_confirmed_due
    leaves_on = needed_on(dates, situation) if situation.in_approved_premises else None
    window = Window(first_day_within(leaves_on, opens.period), day_before(leaves_on, due.period)) if leaves_on else None
    return Plan(
        name=DeadlineName.NEXT_HOME_CONFIRMED,
        window=window,
        why=f"A home to go to is confirmed at least {due.period} before the person leaves approved premises.",
        thresholds=(due, opens),
        missing=NO_DAY_A_HOME_IS_NEEDED,
        done=situation.in_approved_premises and situation.has_next_home,
        not_needed=None if situation.in_approved_premises else NOT_IN_PREMISES,
    )
