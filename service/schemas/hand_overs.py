"""What callers send about hand-overs and see of them, and the one page for the new officer."""

import datetime
import uuid
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, StrictBool

from service.catalogue.definitions import Item
from service.domain.ages import OldestFresh
from service.domain.eligibility.facts import IsoDate
from service.domain.hand_overs import HandOverStatus, Owned, Unowned, WorkKind, is_late
from service.domain.profiles import Answers, given, is_stale
from service.schemas.cases import Capacity
from service.schemas.referrals import Input
from service.schemas.texts import LeftOut, Words, WorkerId

Promises = Annotated[list[Words], Field(max_length=50)]


class MeetingSaid(Input):
    """The three-way meeting of the person and both officers: the day it was held, or why it was not."""

    held: StrictBool
    held_on: IsoDate | None = None
    because: Words | None = None


class HandOverPlanned(Input):
    """A hand-over to plan: from whoever has the case in one capacity."""

    from_capacity: Capacity
    to_capacity: Capacity
    to_worker_id: WorkerId | None = Field(default=None, description="May be named later, but before it is completed.")
    planned_on: IsoDate = Field(description="The last day it is to be done by.")
    promised: Promises = Field(default_factory=list, description="What was promised to the person.")


class HandOverChanged(Input):
    """What changes about a planned hand-over; what is left out stays."""

    to_worker_id: WorkerId | None = None
    planned_on: LeftOut[IsoDate] = None
    promised: LeftOut[Promises] = None
    meeting: LeftOut[MeetingSaid] = None


class HandOverCompleted(Input):
    """That it is done, and how the meeting went unless that has been said."""

    meeting: MeetingSaid | None = None


class HandOverCancelled(Input):
    """Why it is called off."""

    reason: Words


class MeetingShown(BaseModel):
    """Whether the three-way meeting was held: when, or why not."""

    held: bool
    held_on: datetime.date | None
    because: str | None


class HandOverShown(BaseModel):
    """A change of practitioner. One that nobody planned has no day and no meeting."""

    id: uuid.UUID
    crn: str
    status: HandOverStatus
    from_worker: str
    from_capacity: Capacity
    to_worker: str | None
    to_capacity: Capacity
    first_planned_on: datetime.date | None
    planned_on: datetime.date | None
    late: bool = Field(description="Whether its day has passed and it is still only planned.")
    meeting: MeetingShown | None
    promised: list[str]
    unowned: int = Field(description="How many pieces of work nobody has, of those that were handed over.")
    ended_because: str | None
    revision: int
    recorded_by: str
    recorded_at: datetime.datetime
    ended_by: str | None
    ended_at: datetime.datetime | None


class HandOverList(BaseModel):
    """A case's changes of practitioner, the latest first."""

    items: list[HandOverShown]
    next: str | None


class WorkShown(BaseModel):
    """A piece of work as it stands: whose it is, or why it is nobody's. What premises have, their staff go on with."""

    kind: WorkKind
    id: str
    why: str
    since: datetime.datetime | None
    due_on: datetime.date | None
    referral_id: uuid.UUID | None
    pack: str | None
    owner: str | None
    unowned: Unowned | None
    with_premises: bool


class WorkHandedOver(BaseModel):
    """A piece of work as it was handed over: whose it was, and whose it became."""

    kind: WorkKind
    id: str
    referral_id: uuid.UUID | None
    pack: str | None
    before: str | None
    owner: str | None
    unowned: Unowned | None
    with_premises: bool = Field(default=False, description="Not known of what was handed over before this was kept.")


class NotToAsk(BaseModel):
    """Something the person has told already; what they said stands in the profile."""

    item: str
    label: str
    as_of: datetime.date
    may_retraumatise: bool
    do_not_ask_again: str | None = Field(description="Why the person must not be asked again, where somebody said so.")


class PersonShown(BaseModel):
    """Whom it is about."""

    crn: str
    family_name: str | None
    given_names: str | None
    date_of_birth: datetime.date | None
    region: str | None


class HandOverPage(HandOverShown):
    """A hand-over as the new officer reads it: whom it is about, what is under way, promised, and not to be asked."""

    person: PersonShown
    practitioners_in_last_12_months: int
    outstanding: list[WorkShown] = Field(description="As it stands now, what nobody has first.")
    handed_over: list[WorkHandedOver] = Field(description="As it was when the hand-over was completed.")
    not_to_ask_again: list[NotToAsk]


def hand_over_shown(row: Mapping[str, Any], today: datetime.date) -> HandOverShown:
    """Return a stored hand-over as callers see it."""
    return HandOverShown.model_validate(_fields(row, today))


def _fields(row: Mapping[str, Any], today: datetime.date) -> dict[str, Any]:
    held = row["meeting_held"]
    meeting = {"held": held, "held_on": row["meeting_held_on"], "because": row["meeting_because"]}
    late = row["planned_on"] is not None and is_late(row["status"], row["planned_on"], today)
    unowned = sum(one["owner"] is None for one in row["outstanding"])
    return {**row, "meeting": meeting if held is not None else None, "late": late, "unowned": unowned}


def page_shown(
    row: Mapping[str, Any],
    person: Mapping[str, Any],
    outstanding: Iterable[Owned],
    not_to_ask: list[NotToAsk],
    today: datetime.date,
) -> HandOverPage:
    """Return the one page for the new officer."""
    return HandOverPage(
        **_fields(row, today)
        | {"handed_over": row["outstanding"]}
        | {"outstanding": [_work(one) for one in outstanding]},
        person=PersonShown.model_validate(person),
        practitioners_in_last_12_months=person["practitioners"],
        not_to_ask_again=not_to_ask,
    )


def _work(owned: Owned) -> dict[str, Any]:
    names = ("kind", "id", "why", "since", "due_on", "referral_id", "pack", "with_premises")
    return {name: getattr(owned.work, name) for name in names} | {"owner": owned.owner, "unowned": owned.unowned}


def not_to_ask(answers: Answers, items: Mapping[str, Item], oldest: OldestFresh) -> list[NotToAsk]:
    """Return what the person has told and need not be asked again: what they must not be asked comes first.

    An answer that is too old is left out, since a form will ask for it, unless it must not be asked.
    """
    found = [
        NotToAsk(
            item=name,
            label=items[name].label,
            as_of=datetime.date.fromisoformat(answer["as_of"]),
            may_retraumatise=items[name].may_retraumatise,
            do_not_ask_again=answer["do_not_ask_again"]["reason"] if "do_not_ask_again" in answer else None,
        )
        for name, answer in answers.items()
        if name in items
        and ("do_not_ask_again" in answer or (given(answer) and not is_stale(items[name], answer, oldest)))
    ]
    return sorted(found, key=lambda one: (one.do_not_ask_again is None, not one.may_retraumatise, one.label))
