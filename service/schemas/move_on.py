"""What is sent about moving on from approved premises, and what the board shows."""

import csv
import datetime
import io
import uuid
from typing import Any

from pydantic import BaseModel, Field

from service.domain.board_deadlines import DeadlineName
from service.domain.eligibility.facts import IsoDate
from service.domain.move_on import HomeKind, HomeState, State
from service.domain.move_on_dangers import Danger
from service.domain.move_on_moves import Block, Mover
from service.domain.move_on_outcomes import Checkpoint, Outcome
from service.domain.stays import Status
from service.schemas.referrals import CheckState, Input
from service.schemas.stays import PractitionerShown
from service.schemas.texts import Words


class PlanGiven(Input):
    """What is aimed for, and how."""

    aim: HomeKind
    text: Words


class HomeGiven(Input):
    """A home found without a referral of ours. Said again, it names in `replaces` what it stands in for."""

    kind: HomeKind
    state: HomeState
    available_from: IsoDate | None = None
    note: Words | None = None
    replaces: uuid.UUID | None = None


class OutcomeGiven(Input):
    """What became of somebody, four or twelve weeks after they left. Said again, the last word counts."""

    checkpoint: Checkpoint
    outcome: Outcome
    note: Words | None = None


class MoveShown(BaseModel):
    """Whose move is next, since when, and what it waits for."""

    whose_move: Mover
    since: datetime.date | None
    blocked_by: Block | None


class MoveOnReferral(MoveShown):
    """A referral that looks for a next home."""

    id: uuid.UUID
    pack: str
    recipient: str | None
    status: str
    state: State


class HomeShown(BaseModel):
    """A home found without a referral of ours, as it was said to stand."""

    id: uuid.UUID
    kind: HomeKind
    state: HomeState
    available_from: datetime.date | None
    note: str | None
    replaces: uuid.UUID | None
    by: str
    at: datetime.datetime


class NextHomeShown(BaseModel):
    """Where the person goes: the pack of a referral, or the kind of a home found otherwise."""

    kind: str
    begins_on: datetime.date | None


class DeadlineShown(BaseModel):
    """The first thing not done yet: a deadline of the person's timeline, or the day of leaving."""

    name: DeadlineName
    due_on: datetime.date
    overdue: bool


class BoardRow(MoveShown):
    """A resident: when they leave, whether anything is confirmed, and whose move is next.

    `state` is derived: no_plan, plan, referred, offered, confirmed, moved. `at_risk` holds while `dangers` names any.
    """

    stay_id: uuid.UUID
    crn: str
    family_name: str | None
    given_names: str | None
    premises: str
    premises_name: str
    region: str
    status: Status
    expected_arrival_on: datetime.date
    arrived_on: datetime.date | None
    nights: int
    expected_departure_on: datetime.date | None
    nights_left: int | None
    state: State
    at_risk: bool
    dangers: list[Danger]
    next_home: NextHomeShown | None
    next_deadline: DeadlineShown | None
    referrals: list[MoveOnReferral]
    checks: list[CheckState] = Field(description="How the two checks stand; what came back is in none of it.")
    key_worker: str | None
    practitioner: PractitionerShown | None


class Board(BaseModel):
    """Residents, and those expected, in the order of danger: soonest departure with nothing confirmed first."""

    items: list[BoardRow]
    next: str | None


class PlanShown(BaseModel):
    """What is aimed for, and how, as it was last written."""

    aim: HomeKind
    text: str | None
    by: str
    at: datetime.datetime


class OutcomeShown(BaseModel):
    """What became of the person, as it was last said; at departure it follows from why they left."""

    checkpoint: Checkpoint
    outcome: Outcome
    note: str | None
    by: str | None
    at: datetime.datetime | None


class MoveOnPage(BoardRow):
    """One resident's move-on: what the board shows, the plan, every home found, and what became of the person.

    `home_lost`: somebody who had a home when they left, or since, had none within twelve weeks.
    """

    plan: PlanShown | None
    homes: list[HomeShown]
    outcomes: list[OutcomeShown]
    home_lost: bool


COLUMNS = (
    *("crn", "family_name", "given_names", "premises", "premises_name", "region", "status"),
    *("expected_arrival_on", "arrived_on"),
    *("expected_departure_on", "nights_left", "state", "at_risk", "dangers", "next_home", "next_home_begins_on"),
    *("whose_move", "since", "blocked_by", "next_deadline", "next_deadline_on", "referrals", "checks", "key_worker"),
    "practitioner",
)
# A spreadsheet would take a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: list[BoardRow]) -> str:
    """Return the board as CSV (RFC 4180), one line a resident; a cell is never a formula."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(COLUMNS)
    lines.writerows([_cell(value) for value in _line(row)] for row in rows)
    return written.getvalue()


def _line(row: BoardRow) -> list[Any]:
    beside = {
        "dangers": " ".join(row.dangers),
        "next_home": row.next_home.kind if row.next_home else None,
        "next_home_begins_on": row.next_home.begins_on if row.next_home else None,
        "next_deadline": row.next_deadline.name if row.next_deadline else None,
        "next_deadline_on": row.next_deadline.due_on if row.next_deadline else None,
        "referrals": " ".join(f"{one.pack}:{one.status}" for one in row.referrals),
        "checks": " ".join(f"{one.kind}:{one.status}" for one in row.checks),
        "practitioner": row.practitioner.worker_id if row.practitioner else None,
    }
    return [beside[name] if name in beside else getattr(row, name) for name in COLUMNS]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    said = str(value)
    return f"'{said}" if isinstance(value, str) and said.startswith(_FORMULA) else said
