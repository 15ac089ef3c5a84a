"""What callers send when they act on a referral, and the history they are shown."""

import datetime
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field

from service.catalogue.reasons import Reasons
from service.domain.eligibility.facts import IsoDate
from service.domain.readiness import CHECK_CODES
from service.schemas.referrals import Input
from service.schemas.texts import Code, LongWords, Whole

# The parts of a step's details that both sides may read.
SHOWN_DETAILS = ("version", "query_id", "scheduled_on", "started_on", "re_release_on")


class Receipt(Input):
    """That the recipient has it: the newest version, which may be named so that an unseen one is not received."""

    version: Annotated[int, Field(strict=True, ge=1, le=1_000_000), Whole] | None = Field(
        default=None, description="The version you hold."
    )


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


class Resumption(Input):
    """When the person is now released, after a fixed-term recall: from that day the clock starts again."""

    re_release_on: IsoDate = Field(description="After the day of the recall; it may lie ahead.")
    note: LongWords | None = Field(default=None, description="The recipient reads it.")


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
    details: dict[str, Any] = Field(
        description="What belongs to the act: its day, version or question. Of a sending, `reasons` are those given "
        "to go on, by code; a recipient is told the `outstanding_checks` instead."
    )
    actor: str
    role: str
    at: datetime.datetime


class StepList(BaseModel):
    """A referral's steps, the oldest first."""

    items: list[StepShown]
    next: str | None


def step_shown(step: Mapping[str, Any], pack: str, reasons: Reasons, *, to_recipient: bool) -> StepShown:
    """Return a stored step with its reason and status in the pack's own words.

    The sender is shown the reasons given to go on past a check or without being eligible; the recipient only which of
    the two checks was outstanding when it was sent.
    """
    word = reasons.packs[pack].statuses.get(step["to_status"])
    return StepShown(
        **{
            name: step[name] for name in ("id", "action", "from_status", "to_status", "reason", "note", "actor", "role")
        },
        to_status_label=word.label if word else None,
        reason_label=reasons.label(pack, step["action"], step["reason"]),
        details=_details(step["details"], to_recipient=to_recipient),
        at=step["at"],
    )


def _details(kept: Mapping[str, Any], *, to_recipient: bool) -> dict[str, Any]:
    shown = {name: kept[name] for name in SHOWN_DETAILS if name in kept}
    given = kept.get("reasons") or {}
    if given and not to_recipient:
        shown["reasons"] = dict(given)
    outstanding = sorted(CHECK_CODES & given.keys())
    if outstanding and to_recipient:
        shown["outstanding_checks"] = outstanding
    return shown
