"""Writing a move-on plan, the homes found and what became of people; and reading the board they make."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from service.domain import move_on as domain
from service.domain import move_on_outcomes as outcomes
from service.domain.calendar import british_day
from service.domain.lifecycle import Status as Referred
from service.domain.move_on import Home, HomeKind, HomeState, Referral, Resident
from service.domain.shared_work import Side
from service.domain.stays import Act, Stay
from service.errors import FieldError
from service.operations import stays
from service.operations.actors import Actor
from service.operations.check_standings import standings_of_people
from service.operations.stays import Change
from service.schemas.move_on import HomeGiven, OutcomeGiven, PlanGiven
from service.store import move_on as store
from service.store.stays import as_stay

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Placed:
    """A resident with the row they were read from, and the place on the board that they have."""

    row: Row
    resident: Resident
    place: tuple[int, int, str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page of the board begins: the instant its first page was read at, the place after which, and how many."""

    as_of: datetime.datetime
    after: tuple[int, int, str, str] | None
    limit: int


async def read_board(
    session: AsyncSession, actor: Actor, narrowed: Mapping[str, str | None], page: Page, *, at_risk: bool | None
) -> tuple[list[Placed], bool]:
    """Return a page of the board in the order of danger, and whether more follow; the record names all shown.

    Whatever changed since the first page was read stands at the end: it may be shown twice, and is never missed.
    """
    rows = await store.board(session, actor.caller, actor.now, narrowed)
    today = british_day(page.as_of)
    placed = [_placed(row, page.as_of) for row in rows]
    if at_risk is not None:
        placed = [one for one in placed if bool(domain.dangers_of(one.resident, today)) is at_risk]
    left = sorted((one for one in placed if page.after is None or one.place > page.after), key=lambda one: one.place)
    shown = left[: page.limit]
    await _add_checks(session, [one.row for one in shown], actor)
    actor.record.shows(one.row["crn"] for one in shown)
    return shown, len(left) > page.limit


def _placed(row: Row, as_of: datetime.datetime) -> Placed:
    resident = resident_of(row)
    is_confirmed, leaves = domain.place_of(resident)
    place = (int(row["changed_at"] > as_of), is_confirmed, leaves.isoformat(), str(row["id"]))
    return Placed(row, resident, place)


def resident_of(row: Mapping[str, Any]) -> Resident:
    """Return a stored stay, its referrals and what was written of it as the decisions take them."""
    plans = [step for step in row["written"] if step["act"] == Act.PLAN]
    return Resident(
        stay=as_stay(row),
        planned_on=_day(plans[-1]["at"]) if plans else None,
        referrals=[_referral(one) for one in row["referrals"]],
        homes=[_home(step) for step in standing_homes(row["written"])],
    )


def standing_homes(written: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the homes that no later word stands in for."""
    homes = [step for step in written if step["act"] == Act.HOME]
    replaced = {step["details"].get("replaces") for step in homes}
    return [step for step in homes if step["id"] not in replaced]


def _home(step: Mapping[str, Any]) -> Home:
    said = step["details"]
    begins = said.get("available_from")
    return Home(
        uuid.UUID(step["id"]),
        HomeKind(said["kind"]),
        HomeState(said["state"]),
        _day(step["at"]),
        datetime.date.fromisoformat(begins) if begins else None,
    )


def _referral(stored: Mapping[str, Any]) -> Referral:
    held = stored["held_by"] or {}
    return Referral(
        id=uuid.UUID(stored["id"]),
        pack=stored["pack"],
        status=Referred(stored["status"]),
        since=_day(stored["since"]),
        suspended=domain.is_suspended(stored["status_reason"]),
        asked_on=_day(stored["asked_at"]) if stored["asked_at"] else None,
        begins_on=datetime.date.fromisoformat(stored["begins_on"]) if stored["begins_on"] else None,
        held_by_premises=held.get("side") == Side.PREMISES,
        passed_on=_day(held["at"]) if held else None,
    )


def _day(instant: str) -> datetime.date:
    return british_day(datetime.datetime.fromisoformat(instant))


async def read_move_on(session: AsyncSession, stay: Mapping[str, Any], actor: Actor) -> Row:
    """Return one visible stay as the board has it."""
    return await _resident(session, stay["id"], actor)


async def _resident(session: AsyncSession, stay_id: uuid.UUID, actor: Actor) -> Row:
    row = await store.find_resident(session, stay_id, actor.caller, actor.now)
    await _add_checks(session, [row], actor)
    return row


async def _add_checks(session: AsyncSession, rows: Sequence[Row], actor: Actor) -> None:
    """Add to each resident how the two checks stand, and nothing of what came back."""
    found = await standings_of_people(session, [row["crn"] for row in rows], actor)
    for row in rows:
        row["checks"] = [
            {"kind": one.kind, "status": one.status, "due_on": one.due_on} for one in found.get(row["crn"], ())
        ]


async def record_plan(session: AsyncSession, shown: Mapping[str, Any], body: PlanGiven, actor: Actor) -> Row:
    """Write what is aimed for; the last word is the plan. Raises TransitionNotAllowed once the stay has ended."""
    row, stay = await stays.hold(session, shown, actor)
    stays.refuse([], Act.PLAN, row, actor)
    return await _write(session, row, Change(Act.PLAN, stay, note=body.text, details={"aim": str(body.aim)}), actor)


async def record_home(session: AsyncSession, shown: Mapping[str, Any], body: HomeGiven, actor: Actor) -> Row:
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


async def record_outcome(session: AsyncSession, shown: Mapping[str, Any], body: OutcomeGiven, actor: Actor) -> Row:
    """Say what became of somebody who left. Raises InvalidInput before it is asked, TransitionNotAllowed."""
    row, stay = await stays.hold(session, shown, actor)
    wrong = [] if stay.ended_on is None else _faults_in_outcome(body, stay, actor)
    stays.refuse(wrong, Act.OUTCOME, row, actor)
    details = {"checkpoint": str(body.checkpoint), "outcome": str(body.outcome)}
    return await _write(session, row, Change(Act.OUTCOME, stay, note=body.note, details=details), actor)


def _faults_in_outcome(body: OutcomeGiven, stay: Stay, actor: Actor) -> list[FieldError]:
    ended_on = stay.ended_on or british_day(actor.now)
    return outcomes.faults_in_outcome(body.checkpoint, ended_on, british_day(actor.now))


async def _write(session: AsyncSession, row: Row, change: Change, actor: Actor) -> Row:
    await stays.take(session, row, change, actor)
    return await _resident(session, row["id"], actor)
