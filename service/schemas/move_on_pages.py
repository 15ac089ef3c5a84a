"""A row of the move-on board, and a resident's own page, made from what was read and decided."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from service.domain import move_on as domain
from service.domain import move_on_moves as moves
from service.domain import move_on_outcomes as outcomes
from service.domain.board_deadlines import Deadline, Outlook
from service.domain.move_on import Referral, Resident
from service.domain.move_on_moves import Move, Mover
from service.domain.move_on_outcomes import Checkpoint, Outcome
from service.domain.stays import Act, Status, nights_left, nights_slept
from service.schemas.move_on import (
    BoardRow,
    DeadlineShown,
    HomeShown,
    MoveOnPage,
    MoveOnReferral,
    MoveShown,
    NextHomeShown,
    OutcomeShown,
    PlanShown,
)

Row = Mapping[str, Any]
Steps = Sequence[Mapping[str, Any]]


def board_row(row: Row, resident: Resident, outlook: Outlook, today: datetime.date) -> BoardRow:
    """Return a resident as the board shows them on a day."""
    return BoardRow.model_validate(_shown(row, resident, outlook, today))


def move_on_page(row: Row, resident: Resident, outlook: Outlook, today: datetime.date) -> MoveOnPage:
    """Return a resident's own page on a day."""
    written: Steps = row["written"]
    said = _outcomes(row, written)
    return MoveOnPage.model_validate(
        {
            **_shown(row, resident, outlook, today),
            "plan": _plan(written),
            "homes": [_home(step) for step in written if step["act"] == Act.HOME],
            "outcomes": said,
            "home_lost": outcomes.is_lost({one.checkpoint: one.outcome for one in said}),
        }
    )


def _shown(row: Row, resident: Resident, outlook: Outlook, today: datetime.date) -> dict[str, Any]:
    stay, home = resident.stay, domain.next_home_of(resident)
    stored = {one["id"]: one for one in row["referrals"]}
    return {
        **row,
        **_move(moves.move_of(resident) if stay.is_open else Move(Mover.NOBODY, None)),
        "stay_id": row["id"],
        "premises": row["premises_id"],
        "nights": nights_slept(stay, today),
        "nights_left": nights_left(stay, today),
        "state": domain.state_of(resident),
        "at_risk": bool(outlook.dangers),
        "dangers": outlook.dangers,
        "next_home": NextHomeShown(kind=home.kind, begins_on=home.begins_on) if home else None,
        "next_deadline": _deadline(outlook.next_deadline, today),
        "referrals": [_referral(stored[str(one.id)], one) for one in resident.referrals],
    }


def _deadline(deadline: Deadline | None, today: datetime.date) -> DeadlineShown | None:
    if deadline is None:
        return None
    return DeadlineShown(name=deadline.name, due_on=deadline.due_on, overdue=deadline.due_on < today)


def _move(move: Move) -> dict[str, Any]:
    return MoveShown(whose_move=move.mover, since=move.since, blocked_by=move.blocked_by).model_dump()


def _referral(stored: Row, referral: Referral) -> MoveOnReferral:
    return MoveOnReferral(
        id=referral.id,
        pack=referral.pack,
        recipient=stored["recipient_name"],
        status=str(referral.status),
        state=domain.state_of_referral(referral),
        **_move(moves.move_of_referral(referral)),
    )


def _plan(written: Steps) -> PlanShown | None:
    plans = [step for step in written if step["act"] == Act.PLAN]
    return (
        PlanShown.model_validate({**plans[-1], "aim": plans[-1]["details"]["aim"], "text": plans[-1]["note"]})
        if plans
        else None
    )


def _home(step: Row) -> HomeShown:
    return HomeShown.model_validate({"available_from": None, "replaces": None, **step["details"], **_by(step)})


def _by(step: Row) -> dict[str, Any]:
    return {name: step[name] for name in ("id", "note", "by", "at")}


def _outcomes(row: Row, written: Steps) -> list[OutcomeShown]:
    """Return what became of the person, in order; at departure what the reason says, until somebody says otherwise."""
    said: dict[Checkpoint, OutcomeShown] = {}
    departed = row["status"] == Status.DEPARTED
    derived = outcomes.outcome_at_departure(row["end_reason"], row["move_on_category"]) if departed else None
    if derived is not None:
        at = Checkpoint.DEPARTURE
        said[at] = OutcomeShown(checkpoint=at, outcome=derived, note=None, by=None, at=None)
    for step in written:
        if step["act"] == Act.OUTCOME:
            checkpoint = Checkpoint(step["details"]["checkpoint"])
            beside = {"checkpoint": checkpoint, "outcome": Outcome(step["details"]["outcome"])}
            said[checkpoint] = OutcomeShown.model_validate({**_by(step), **beside})
    return [said[checkpoint] for checkpoint in Checkpoint if checkpoint in said]
