"""Writing a move-on plan, the homes found and what became of people; and reading the board they make."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.db import Session
from service.domain import move_on as domain
from service.domain import move_on_outcomes as outcomes
from service.domain.board_deadlines import Outlook, outlook_of
from service.domain.calendar import british_day
from service.domain.circumstances import Circumstances, StayFact
from service.domain.move_on import Resident
from service.domain.move_on_dangers import dangers_of
from service.domain.stays import Act, Stay
from service.errors import FieldError
from service.operations import stays
from service.operations.actors import Actor
from service.operations.check_standings import standings_of_people
from service.operations.circumstances import referral_fact
from service.operations.prospects import prospects_of, standing_homes, standing_referrals
from service.operations.stays import Change
from service.schemas.move_on import BoardRow, HomeGiven, MoveOnPage, OutcomeGiven, PlanGiven
from service.schemas.move_on_pages import board_row, move_on_page
from service.store import move_on as store
from service.store.stays import as_stay

Row = dict[str, Any]
Place = tuple[int, int, str, str]


@dataclass(frozen=True, slots=True)
class Placed:
    """A resident with the row they were read from, and the place on the board that they have."""

    row: Row
    resident: Resident
    place: Place


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page of the board begins: the instant its first page was read at, the place after which, and how many."""

    as_of: datetime.datetime
    after: Place | None
    limit: int


async def read_board(
    session: Session, actor: Actor, narrowed: Mapping[str, str | None], page: Page, *, at_risk: bool | None
) -> tuple[list[BoardRow], Place | None]:
    """Return a page of the board in the order of danger, and after which place more follow; the record names all shown.

    Whatever changed since the first page was read stands at the end: it may be shown twice, and is never missed.
    """
    rows = await store.board(session, actor.caller, actor.now, narrowed)
    today, thresholds = british_day(page.as_of), actor.thresholds
    placed = [_placed(row, page.as_of) for row in rows]
    if at_risk is not None:
        placed = [one for one in placed if bool(dangers_of(one.resident, today, thresholds)) is at_risk]
    left = sorted((one for one in placed if page.after is None or one.place > page.after), key=lambda one: one.place)
    shown = left[: page.limit]
    await _add_checks(session, [one.row for one in shown], actor)
    actor.record.shows(one.row["crn"] for one in shown)
    lines = [board_row(one.row, one.resident, _outlook(one.row, one.resident, today, actor), today) for one in shown]
    return lines, shown[-1].place if len(left) > page.limit else None


def _placed(row: Row, as_of: datetime.datetime) -> Placed:
    resident = _resident_in(row)
    is_confirmed, leaves = domain.place_of(resident)
    place = (int(row["changed_at"] > as_of), is_confirmed, leaves.isoformat(), str(row["id"]))
    return Placed(row, resident, place)


def _resident_in(row: Mapping[str, Any]) -> Resident:
    """Return a stored stay, its referrals and what was written of it as the decisions take them."""
    standing = standing_referrals(row["referrals"], row["opened_at"])
    found = prospects_of(row["written"], standing, row["answers"], row["resident_since"])
    return Resident(as_stay(row), planned_on=found.planned_on, referrals=found.referrals, homes=found.homes)


def _outlook(row: Mapping[str, Any], resident: Resident, today: datetime.date, actor: Actor) -> Outlook:
    """Return what threatens a resident, and what is to be done next by their timeline."""
    stay = StayFact(row["resident_since"], row["expected_departure_on"], resident)
    person = Circumstances(row["answers"], [referral_fact(one) for one in row["referrals"]], stay=stay)
    return outlook_of(resident, person, today, actor.thresholds)


async def read_move_on(session: Session, stay: Mapping[str, Any], actor: Actor) -> MoveOnPage:
    """Return one visible stay as the board has it."""
    return await _page(session, stay["id"], actor)


async def _page(session: Session, stay_id: uuid.UUID, actor: Actor) -> MoveOnPage:
    row = await store.find_resident(session, stay_id, actor.caller, actor.now)
    await _add_checks(session, [row], actor)
    resident, today = _resident_in(row), british_day(actor.now)
    return move_on_page(row, resident, _outlook(row, resident, today, actor), today)


async def _add_checks(session: Session, rows: Sequence[Row], actor: Actor) -> None:
    """Add to each resident how the two checks stand, and nothing of what came back."""
    found = await standings_of_people(session, [row["crn"] for row in rows], actor)
    for row in rows:
        row["checks"] = [
            {"kind": one.kind, "status": one.status, "due_on": one.due_on} for one in found.get(row["crn"], ())
        ]


async def record_plan(session: Session, shown: Mapping[str, Any], body: PlanGiven, actor: Actor) -> MoveOnPage:
    """Write what is aimed for; the last word is the plan. Raises TransitionNotAllowed once the stay has ended."""
    row, stay = await stays.hold(session, shown, actor)
    stays.refuse([], Act.PLAN, row, actor)
    return await _write(session, row, Change(Act.PLAN, stay, note=body.text, details={"aim": str(body.aim)}), actor)


async def record_home(session: Session, shown: Mapping[str, Any], body: HomeGiven, actor: Actor) -> MoveOnPage:
    """Write how it stands with a home found without a referral of ours. Raises InvalidInput, TransitionNotAllowed."""
    row, stay = await stays.hold(session, shown, actor)
    found = await store.find_resident(session, row["id"], actor.caller, actor.now)
    standing = {step["id"] for step in standing_homes(found["written"])}
    wrong = []
    if body.replaces is not None and str(body.replaces) not in standing:
        wrong.append(FieldError("/replaces", "unknown-home", "No such home stands now."))
    stays.refuse(wrong, Act.HOME, row, actor)
    details = body.model_dump(mode="json", exclude={"note"}, exclude_none=True)
    return await _write(session, row, Change(Act.HOME, stay, note=body.note, details=details), actor)


async def record_outcome(session: Session, shown: Mapping[str, Any], body: OutcomeGiven, actor: Actor) -> MoveOnPage:
    """Say what became of somebody who left. Raises InvalidInput before it is asked, TransitionNotAllowed."""
    row, stay = await stays.hold(session, shown, actor)
    wrong = [] if stay.ended_on is None else _faults_in_outcome(body, stay, actor)
    stays.refuse(wrong, Act.OUTCOME, row, actor)
    details = {"checkpoint": str(body.checkpoint), "outcome": str(body.outcome)}
    return await _write(session, row, Change(Act.OUTCOME, stay, note=body.note, details=details), actor)


def _faults_in_outcome(body: OutcomeGiven, stay: Stay, actor: Actor) -> list[FieldError]:
    ended_on = stay.ended_on or british_day(actor.now)
    return outcomes.faults_in_outcome(body.checkpoint, ended_on, british_day(actor.now))


async def _write(session: Session, row: Row, change: Change, actor: Actor) -> MoveOnPage:
    await stays.take(session, row, change, actor)
    return await _page(session, row["id"], actor)
