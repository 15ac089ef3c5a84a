"""Whose move is next for a resident of approved premises, since when, and what it waits for."""

import datetime
from dataclasses import dataclass
from enum import StrEnum

from service.domain.lifecycle import Status as Referred
from service.domain.move_on import HomeState, Referral, Resident, State, next_home_of, state_of
from service.domain.stays import Status

Day = datetime.date


class Mover(StrEnum):
    """Whose move is next."""

    PRACTITIONER = "practitioner"
    PREMISES = "premises"
    RECIPIENT = "recipient"
    PERSON = "person"
    NOBODY = "nobody"


class Block(StrEnum):
    """What stands in the way, or is waited for."""

    NO_PLAN = "no_plan"
    NOTHING_REFERRED = "nothing_referred"
    DRAFT_NOT_SENT = "draft_not_sent"
    NOT_RECEIVED = "not_received"
    NOT_DECIDED = "not_decided"
    QUERY_TO_ANSWER = "query_to_answer"
    NO_PLACE_YET = "no_place_yet"
    REJECTED = "rejected"
    SUSPENDED_BY_RECALL = "suspended_by_recall"
    HOME_TO_CONFIRM = "home_to_confirm"
    NOT_ARRIVED_YET = "not_arrived_yet"


@dataclass(frozen=True, slots=True)
class Move:
    """Whose move is next, since when, and what it waits for."""

    mover: Mover
    since: Day | None
    blocked_by: Block | None = None


_MOVES: dict[Referred, tuple[Mover, Block | None]] = {
    Referred.SUBMITTED: (Mover.RECIPIENT, Block.NOT_RECEIVED),
    Referred.RECEIVED: (Mover.RECIPIENT, Block.NOT_DECIDED),
    Referred.QUERY: (Mover.PRACTITIONER, Block.QUERY_TO_ANSWER),
    Referred.ACCEPTED: (Mover.RECIPIENT, Block.NO_PLACE_YET),
    Referred.SCHEDULED: (Mover.PERSON, None),
    Referred.REJECTED: (Mover.PRACTITIONER, Block.REJECTED),
}


def move_of_referral(referral: Referral) -> Move:
    """Return whose move a referral waits for, and since when."""
    if referral.suspended:
        return Move(Mover.PRACTITIONER, referral.since, Block.SUSPENDED_BY_RECALL)
    if referral.status is Referred.DRAFT:
        mover = Mover.PREMISES if referral.held_by_premises else Mover.PRACTITIONER
        return Move(mover, max(referral.since, referral.passed_on or referral.since), Block.DRAFT_NOT_SENT)
    mover, block = _MOVES.get(referral.status, (Mover.NOBODY, None))
    since = referral.asked_on if referral.status is Referred.QUERY and referral.asked_on else referral.since
    return Move(mover, since, block)


def move_of(resident: Resident) -> Move:
    """Return whose move is next for a resident: what is ours comes first, then what has waited longest."""
    stay = resident.stay
    if stay.status is Status.EXPECTED:
        return Move(Mover.NOBODY, None, Block.NOT_ARRIVED_YET)
    if stay.status is Status.SUSPENDED:
        return Move(Mover.PRACTITIONER, stay.recalled_on, Block.SUSPENDED_BY_RECALL)
    if next_home_of(resident) is not None:
        return Move(Mover.PERSON, None)
    if state_of(resident) is State.NO_PLAN:
        return Move(Mover.PREMISES, stay.resident_since, Block.NO_PLAN)
    return min(_waiting(resident), key=_urgency, default=_nothing_referred(resident))


def _nothing_referred(resident: Resident) -> Move:
    return Move(Mover.PRACTITIONER, resident.planned_on, Block.NOTHING_REFERRED)


def _waiting(resident: Resident) -> list[Move]:
    """Return what is waited for; a rejection counts only where nothing else is under way."""
    moves = [move_of_referral(one) for one in resident.referrals]
    looked_for = (HomeState.LOOKED_FOR, HomeState.OFFERED)
    moves += [
        Move(Mover.PREMISES, one.since, Block.HOME_TO_CONFIRM) for one in resident.homes if one.state in looked_for
    ]
    moves = [one for one in moves if one.mover in _URGENCY]
    under_way = [one for one in moves if one.blocked_by is not Block.REJECTED]
    return under_way or moves


_URGENCY = {Mover.PRACTITIONER: 0, Mover.PREMISES: 0, Mover.RECIPIENT: 1}


def _urgency(move: Move) -> tuple[int, Day]:
    return _URGENCY[move.mover], move.since or Day.max
