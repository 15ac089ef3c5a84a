"""What is sent about a stay in approved premises, and what is shown of it: what the stay needs and no more."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from service.catalogue.reasons import reasons
from service.domain import cursors
from service.domain.eligibility.facts import IsoDate
from service.domain.premises import Kind
from service.domain.stays import Act, MoveOn, Status, Stay, TransferReason, nights_left, nights_slept
from service.schemas.referrals import Input
from service.schemas.texts import CaseNumber, CatalogueName, Code, Words, WorkerId

PACK = "approved_premises"
# Move-on categories as Delius codes them; it has none for the other two services.
MOVE_ON_CODES: dict[MoveOn, str] = {
    MoveOn.BED_AND_BREAKFAST: "MC05",
    MoveOn.CUSTODY: "MC19",
    MoveOn.DEPORTED_OR_DETAINED: "MC10",
    MoveOn.FAMILY_OR_PARTNER: "MC07",
    MoveOn.SOCIAL_RENTED: "MC02",
    MoveOn.NO_FIXED_ABODE: "MC14",
    MoveOn.OWNER_OCCUPIED: "MC08",
    MoveOn.PRIVATE_RENTED: "MC04",
    MoveOn.SUPPORTED_HOUSING: "MC06",
}


class Expectation(Input):
    """Who is expected where, and from when."""

    crn: CaseNumber
    premises: Code
    expected_arrival_on: IsoDate
    key_worker: WorkerId | None = None
    note: Words | None = None


class Rescheduling(Input):
    """Another day on which the person is expected, and why."""

    expected_arrival_on: IsoDate
    reason: Words


class Arrival(Input):
    """The day the person came."""

    arrived_on: IsoDate
    note: Words | None = None


class Extension(Input):
    """Another day of leaving, and why."""

    expected_departure_on: IsoDate
    reason: Words


class Transfer(Input):
    """The premises the person goes on to, and the day they did; for somebody still expected, the day it was agreed."""

    premises: Code
    moved_on: IsoDate
    reason: TransferReason
    note: Words | None = None


class Departure(Input):
    """The day the person left for good, why, and, where the reason does not say it, where to."""

    departed_on: IsoDate
    reason: CatalogueName = Field(description="An outcome of approved premises, from `GET /v1/life-cycle`.")
    move_on_category: MoveOn | None = Field(
        default=None, description="For `planned_move_on`, `order_or_licence_expired` and `bed_withdrawn` alone."
    )
    note: Words | None = None


class Ending(Input):
    """Why somebody who was expected does not come."""

    reason: CatalogueName = Field(description="A cancellation of approved premises, from `GET /v1/life-cycle`.")
    note: Words | None = Field(default=None, description="Needed for the reasons that say so.")


class KeyWorker(Input):
    """The member of the premises' staff who works with the person."""

    worker_id: WorkerId


class PractitionerShown(BaseModel):
    """Who manages the case."""

    worker_id: str
    name: str | None


class StayShown(BaseModel):
    """A stay. Nights count the night of arrival and not the day of leaving; `nights_left` is below nought once past.

    While a fixed-term recall suspends it, nothing is left until a day of re-release is known.
    """

    id: uuid.UUID
    crn: str
    family_name: str | None
    given_names: str | None
    premises: str
    premises_name: str
    premises_kind: Kind
    status: Status
    expected_arrival_on: datetime.date
    arrived_on: datetime.date | None
    nights: int
    nights_left: int | None
    expected_departure_on: datetime.date | None
    departure_changed: bool
    recalled_on: datetime.date | None
    re_release_on: datetime.date | None
    ended_on: datetime.date | None
    end_reason: str | None
    end_reason_label: str | None
    end_reason_code: str | None = Field(description="The record system's code for it.")
    move_on_category: MoveOn | None
    move_on_code: str | None = Field(description="The record system's code for it.")
    key_worker: str | None
    practitioner: PractitionerShown | None
    revision: int


class StayStepShown(BaseModel):
    """One change to a stay. `premises` is where the person was placed then; `details` holds the days it named."""

    act: Act
    from_status: Status | None
    to_status: Status
    premises: str
    reason: str | None
    note: str | None
    details: dict[str, Any]
    by: str
    role: str
    at: datetime.datetime


class StayPage(StayShown):
    """A stay, and every change to it."""

    steps: list[StayStepShown]


class StayList(BaseModel):
    """Stays, the newest first, and where the next page starts."""

    items: list[StayShown]
    next: str | None


def _shown(row: Mapping[str, Any], stay: Stay, today: datetime.date) -> dict[str, Any]:
    offered = reasons().packs[PACK].offered("outcome")
    ending = offered.get(stay.end_reason or "")
    label = reasons().label(PACK, "outcome", stay.end_reason)
    if stay.status in (Status.NOT_ARRIVED, Status.CANCELLED):
        label = reasons().label(PACK, "cancellation", stay.end_reason)
    return {
        **row,
        "premises": row["premises_id"],
        "premises_kind": stay.kind,
        "nights": nights_slept(stay, today),
        "nights_left": nights_left(stay, today),
        "departure_changed": stay.departure_set,
        "end_reason_label": label,
        "end_reason_code": ending.theirs if ending else None,
        "move_on_code": MOVE_ON_CODES.get(row["move_on_category"]),
    }


def stay_shown(row: Mapping[str, Any], stay: Stay, today: datetime.date) -> StayShown:
    """Return a stored stay as it stands on a day."""
    return StayShown.model_validate(_shown(row, stay, today))


def stay_page(row: Mapping[str, Any], stay: Stay, steps: Sequence[Mapping[str, Any]], today: datetime.date) -> StayPage:
    """Return a stored stay with every change to it."""
    shown = [{**step, "premises": step["premises_id"], "by": step["actor"]} for step in steps]
    return StayPage.model_validate({**_shown(row, stay, today), "steps": shown})


def stay_list(rows: Sequence[tuple[Mapping[str, Any], Stay]], limit: int, today: datetime.date) -> StayList:
    """Return a page of rows; `rows` has one more than `limit` where there is a next page."""
    last = rows[limit - 1][0] if len(rows) > limit else None
    ending = cursors.encode(last["opened_at"].isoformat(), str(last["id"])) if last else None
    return StayList(items=[stay_shown(row, stay, today) for row, stay in rows[:limit]], next=ending)
