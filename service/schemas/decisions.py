"""What callers send when they act on a referral, and the history they are shown."""

import datetime
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from service.catalogue.reasons import Reasons
from service.domain.eligibility.facts import IsoDate
from service.schemas.referrals import Input
from service.schemas.texts import Code, LongWords

# The parts of a step's details that both sides may read.
SHOWN_DETAILS = ("version", "query_id", "scheduled_on", "started_on")


class Receipt(Input):
    """That the recipient has it: the newest version, which may be named so that an unseen one is not received."""

    version: int | None = Field(default=None, strict=True, ge=1, le=1_000_000, description="The version you hold.")


class Acceptance(Input):
    """That it is accepted. Where the pack offers reasons for this (MAPPA: the level), one is needed."""

    reason: Code | None = Field(default=None, description="A code from `GET /v1/life-cycle`.")
    note: LongWords | None = None


class Reasoned(Input):
    """A coded reason of the pack's, from `GET /v1/life-cycle`, and a note where the code alone does not say it."""

    reason: Code = Field(description="A code from `GET /v1/life-cycle`.")
    note: LongWords | None = Field(
        default=None, description="Needed for the reasons that say so. The other side reads it."
    )


class Reopening(Input):
    """Why a rejected referral is opened again; the note is always needed."""

    reason: Code = Field(description="A code from `GET /v1/life-cycle`.")
    note: LongWords


class Scheduling(Input):
    """The day the person is expected: an arrival, a first appointment, a meeting."""

    scheduled_on: IsoDate
    note: LongWords | None = None


class Start(Input):
    """The day it began."""

    started_on: IsoDate


class StepShown(BaseModel):
    """One step of a referral's life."""

    id: int
    action: str
    from_status: str | None
    to_status: str
    to_status_label: str | None = Field(description="The recipient's own word for the status.")
    reason: str | None
    reason_label: str | None
    note: str | None
    details: dict[str, Any]
    actor: str
    role: str
    at: datetime.datetime


class StepList(BaseModel):
    """A referral's steps, the oldest first."""

    items: list[StepShown]
    next: str | None


def step_shown(step: Mapping[str, Any], pack: str, reasons: Reasons) -> StepShown:
    """Return a stored step with its reason and status in the pack's own words."""
    word = reasons.packs[pack].statuses.get(step["to_status"])
    return StepShown(
        **{
            name: step[name] for name in ("id", "action", "from_status", "to_status", "reason", "note", "actor", "role")
        },
        to_status_label=word.label if word else None,
        reason_label=reasons.label(pack, step["action"], step["reason"]),
        details={name: step["details"][name] for name in SHOWN_DETAILS if name in step["details"]},
        at=step["at"],
    )
