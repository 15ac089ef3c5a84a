"""One thing that must be done by a day: whether it is done, due, late or still ahead, and which guidance says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from service.domain.eligibility.facts import IsoDate
from service.domain.eligibility.thresholds import Threshold

NO_RELEASE_DATE = "No release date is recorded, so this has no date yet."


class DeadlineName(StrEnum):
    """The things a timeline keeps watch on, in the order in which a release is usually prepared."""

    MAPPA_REFERRAL = "mappa_referral"
    MAPPA_LEVEL = "mappa_level"
    APPROVED_PREMISES_APPLICATION = "approved_premises_application"
    OASYS_REVIEW = "oasys_review"
    COMMISSIONED_SERVICES_REFERRAL = "commissioned_services_referral"
    DUTY_TO_REFER = "duty_to_refer"
    DUTY_TO_REFER_EXPIRY = "duty_to_refer_expiry"
    CAS3_REFERRAL = "cas3_referral"
    MOVE_ON_PLAN = "move_on_plan"
    NEXT_HOME_CONFIRMED = "next_home_confirmed"


class DeadlineStatus(StrEnum):
    """Where a deadline stands today."""

    DONE = "done"
    DUE = "due"
    OVERDUE = "overdue"
    UPCOMING = "upcoming"
    NOT_NEEDED = "not_needed"
    DATE_NOT_KNOWN = "date_not_known"


class KeyDates(BaseModel):
    """The dates a timeline is worked back from, each as recorded; none is ever computed.

    Arrival in approved premises is the day somebody is expected there, else the day their form asks for, else the
    release date. For somebody who has left prison a home is
    needed from the day given, or else from the end of the present one; for somebody in approved premises, from the day
    on which their stay ends, and `move_on_planned_on` is when their plan was last looked at.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    release_on: IsoDate | None = None
    sentence_started_on: IsoDate | None = None
    approved_premises_arrival_on: IsoDate | None = None
    accommodation_needed_from_on: IsoDate | None = None
    oasys_completed_on: IsoDate | None = None
    premises_expected_on: IsoDate | None = None
    premises_arrived_on: IsoDate | None = None
    premises_departure_on: IsoDate | None = None
    move_on_planned_on: IsoDate | None = None


class Window(NamedTuple):
    """The first day on which something may be done, and the last day on which it is in time."""

    opens_on: date
    due_on: date


class Deadline(BaseModel):
    """One entry of a timeline.

    `window_opens_on` and `due_on` are inclusive, and missing when the day they are counted from is not known.
    `waiting_for` names the deadlines that must be met before this one can be. `why` holds nothing about the person.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)

    name: DeadlineName
    window_opens_on: date | None
    due_on: date | None
    status: DeadlineStatus
    why: str
    source: str
    waiting_for: list[DeadlineName]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A deadline before it is held against a day: its window if it has one, and what would settle it."""

    name: DeadlineName
    window: Window | None
    why: str
    thresholds: Sequence[Threshold]
    missing: str
    done: bool = False
    not_needed: str | None = None
    waiting_for: Sequence[DeadlineName] = ()

    @property
    def is_settled(self) -> bool:
        """Whether it is done, or need not be."""
        return self.done or self.not_needed is not None


def settle(plan: Plan, today: date) -> Deadline:
    """Hold a plan against a day: done wins over not needed, and not needed over a date nobody knows."""
    status = _status(plan, today)
    note = {DeadlineStatus.NOT_NEEDED: plan.not_needed, DeadlineStatus.DATE_NOT_KNOWN: plan.missing}.get(status)
    is_open = status not in {DeadlineStatus.DONE, DeadlineStatus.NOT_NEEDED}
    return Deadline(
        name=plan.name,
        window_opens_on=plan.window.opens_on if plan.window else None,
        due_on=plan.window.due_on if plan.window else None,
        status=status,
        why=f"{note} {plan.why}" if note else plan.why,
        source="; ".join(dict.fromkeys(threshold.source for threshold in plan.thresholds)),
        waiting_for=list(plan.waiting_for) if is_open else [],
    )


def _status(plan: Plan, today: date) -> DeadlineStatus:
    if plan.done:
        return DeadlineStatus.DONE
    if plan.not_needed is not None:
        return DeadlineStatus.NOT_NEEDED
    if plan.window is None:
        return DeadlineStatus.DATE_NOT_KNOWN
    if today > plan.window.due_on:
        return DeadlineStatus.OVERDUE
    return DeadlineStatus.UPCOMING if today < plan.window.opens_on else DeadlineStatus.DUE
