"""What is to be done next for a resident of approved premises: the first deadline of their timeline that is not met.

The board has no numbers and no rules of its own: it asks the functions that the person's timeline is made by, so that
both name the same day.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from service.domain.circumstances import Circumstances
from service.domain.deadlines import KeyDates, Plan
from service.domain.eligibility.situations import Situation
from service.domain.eligibility.thresholds import Thresholds
from service.domain.housing_deadlines import cas3_referral, duty_to_refer_referral
from service.domain.known_facts import facts_of, key_dates_of
from service.domain.move_on import Resident
from service.domain.move_on_dangers import Danger, dangers_of
from service.domain.move_on_deadlines import move_on_plan, next_home_confirmed
from service.domain.stays import Status, Stay

Day = datetime.date


class DeadlineName(StrEnum):
    """What is to be done by a day worked back from the day of leaving."""

    PLAN = "plan"
    DUTY_TO_REFER = "duty_to_refer"
    CAS3 = "cas3"
    NEXT_HOME = "next_home"
    DEPARTURE = "departure"


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that is to be done by a day, inclusive."""

    name: DeadlineName
    due_on: Day


@dataclass(frozen=True, slots=True)
class Outlook:
    """What threatens a resident, the worst first, and what is to be done next."""

    dangers: list[Danger]
    next_deadline: Deadline | None


# What the board calls each deadline of the timeline, and how that is planned.
PLANNED_BY: dict[DeadlineName, Callable[[KeyDates, Situation], Plan]] = {
    DeadlineName.PLAN: move_on_plan,
    DeadlineName.DUTY_TO_REFER: duty_to_refer_referral,
    DeadlineName.CAS3: cas3_referral,
    DeadlineName.NEXT_HOME: next_home_confirmed,
}


def outlook_of(resident: Resident, person: Circumstances, today: Day, thresholds: Thresholds) -> Outlook:
    """Return what threatens a resident on a day, and what is to be done next by what is known of the person."""
    return Outlook(dangers_of(resident, today, thresholds), next_deadline_of(resident.stay, person, today, thresholds))


def next_deadline_of(stay: Stay, person: Circumstances, today: Day, thresholds: Thresholds) -> Deadline | None:
    """Return the first thing not done, by the day it is due on; None where no day is known or the stay has ended.

    Whoever does not live there yet, or is recalled, has nothing to move on from: their timeline counts from the
    release, and only the day of leaving is named.
    """
    if not stay.is_open:
        return None
    undone = _undone(person, today, thresholds) if stay.status is Status.IN_RESIDENCE else []
    if stay.expected_departure_on is not None:
        undone.append(Deadline(DeadlineName.DEPARTURE, stay.expected_departure_on))
    return min(undone, key=lambda one: one.due_on, default=None)


def _undone(person: Circumstances, today: Day, thresholds: Thresholds) -> list[Deadline]:
    situation, dates = Situation.of(facts_of(person), today, thresholds), key_dates_of(person)
    planned = {name: plan(dates, situation) for name, plan in PLANNED_BY.items()}
    return [
        Deadline(name, plan.window.due_on)
        for name, plan in planned.items()
        if plan.window is not None and not plan.is_settled
    ]
