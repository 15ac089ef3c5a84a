"""What the answers for all services come to for the case: the next steps in order, and whether a home is at risk."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from service.domain.eligibility.facts import HomeKind
from service.domain.eligibility.lines import Action, Line, Service, Status

SERVICES_IN_ORDER_OF_ACTION = (
    Service.DUTY_TO_REFER,
    Service.COMMISSIONED_SERVICES,
    Service.APPROVED_PREMISES,
    Service.CAS3,
    Service.PROPOSED_ADDRESS,
)


class NextStep(BaseModel):
    """One thing the practitioner can do for the case, for which service, and from when (no date: now)."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)

    service: Service
    action: Action
    starts_on: date | None = None


class AccommodationStatus(StrEnum):
    """How safe the person's home is."""

    NO_FIXED_ABODE = "no_fixed_abode"
    RISK_OF_NO_FIXED_ABODE = "risk_of_no_fixed_abode"


def next_steps(lines: Mapping[str, Line]) -> list[NextStep]:
    """Merge the lines' actions: dated ones first by date, then undated ones, each in the services' order.

    What cannot start yet is left out: the service it waits for has an action of its own.
    """
    steps = [
        NextStep(service=service, action=line.action, starts_on=line.starts_on)
        for service in SERVICES_IN_ORDER_OF_ACTION
        if (line := lines.get(service.value)) and line.action and line.status is not Status.CANNOT_START_YET
    ]
    return sorted(steps, key=lambda step: step.starts_on or date.max)


def accommodation_status(current: HomeKind | None, next_homes: Sequence[HomeKind]) -> AccommodationStatus | None:
    """Say whether the person has, or risks having, nowhere to live; None when neither.

    Every home that is neither settled nor homelessness is transient, so a booked approved-premises or CAS3 place is
    still a risk. A settled home with nothing after it is none.
    """
    if current is None or current is HomeKind.HOMELESS:
        return AccommodationStatus.NO_FIXED_ABODE
    if current is not HomeKind.SETTLED and not next_homes:
        return AccommodationStatus.RISK_OF_NO_FIXED_ABODE
    if current is HomeKind.SETTLED and HomeKind.HOMELESS in next_homes:
        return AccommodationStatus.RISK_OF_NO_FIXED_ABODE
    if any(home not in {HomeKind.SETTLED, HomeKind.HOMELESS} for home in next_homes):
        return AccommodationStatus.RISK_OF_NO_FIXED_ABODE
    return None
