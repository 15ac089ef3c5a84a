"""The life of a referral, as one table: which act leads from where to where, whose act it is, what it needs."""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from service.catalogue.reasons import Reason
from service.conflicts import ReferralSuspended, TransitionNotAllowed
from service.errors import FieldError


class Status(StrEnum):
    """Where a referral stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RECEIVED = "received"
    QUERY = "query"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SCHEDULED = "scheduled"
    STARTED = "started"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


# Those in which a second such referral is a duplicate (the unique index `uq_referral_open` says the same).
OPEN_STATUSES = (
    Status.DRAFT,
    Status.SUBMITTED,
    Status.RECEIVED,
    Status.QUERY,
    Status.ACCEPTED,
    Status.SCHEDULED,
    Status.STARTED,
)
# Those in which what was sent can still be amended by a new version.
AMENDABLE = tuple(status for status in OPEN_STATUSES if status is not Status.DRAFT)
# Those in which a recipient has received it and still works on it, so that a newer version can reach them.
IN_HAND = (Status.RECEIVED, Status.QUERY, Status.ACCEPTED, Status.SCHEDULED, Status.STARTED)


class Action(StrEnum):
    """What can be done to a referral; also the name of the address that does it."""

    SUBMISSION = "submission"
    RECEIPT = "receipt"
    QUERY = "query"
    ANSWER = "answer"
    ACCEPTANCE = "acceptance"
    REJECTION = "rejection"
    SCHEDULING = "scheduling"
    CANCELLATION = "cancellation"
    START = "start"
    OUTCOME = "outcome"
    REOPENING = "reopening"
    WITHDRAWAL = "withdrawal"
    RESUMPTION = "resumption"
    EXPIRY = "expiry"


class Side(StrEnum):
    """Whose act it is."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    SYSTEM = "system"


class Condition(StrEnum):
    """What must hold besides the status."""

    NEWER_VERSION = "newer_version"  # a version sent since the last receipt is waiting
    OTHER_QUERIES_OPEN = "other_queries_open"  # another question is still without an answer
    SUSPENDED = "suspended_by_recall"  # a fixed-term recall suspends it; also the reason that then stands on it


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table."""

    action: Action
    from_status: Status
    to_status: Status
    sides: tuple[Side, ...]
    needs_reason: bool = False
    condition: Condition | None = None


# A decision is made on what was sent last, so these wait until the newest version has been received.
NEEDS_NEWEST_VERSION = frozenset({Action.ACCEPTANCE, Action.REJECTION, Action.SCHEDULING, Action.START})

# What a suspended referral does not take: nothing is promised for somebody recalled until they are due out again.
HELD_BY_RECALL = frozenset({Action.ACCEPTANCE, Action.SCHEDULING, Action.START})

_SENDER, _RECIPIENT, _SYSTEM = (Side.SENDER,), (Side.RECIPIENT,), (Side.SYSTEM,)
_EITHER = (Side.SENDER, Side.RECIPIENT)

# Where two lines share action and status, the first whose condition holds counts.
TRANSITIONS: tuple[Transition, ...] = (
    Transition(Action.SUBMISSION, Status.DRAFT, Status.SUBMITTED, _SENDER),
    Transition(Action.RECEIPT, Status.SUBMITTED, Status.RECEIVED, _RECIPIENT),
    *(Transition(Action.RECEIPT, held, held, _RECIPIENT, condition=Condition.NEWER_VERSION) for held in IN_HAND),
    Transition(Action.QUERY, Status.RECEIVED, Status.QUERY, _RECIPIENT),
    Transition(Action.QUERY, Status.QUERY, Status.QUERY, _RECIPIENT),
    Transition(Action.ANSWER, Status.QUERY, Status.QUERY, _SENDER, condition=Condition.OTHER_QUERIES_OPEN),
    Transition(Action.ANSWER, Status.QUERY, Status.RECEIVED, _SENDER),
    Transition(Action.ACCEPTANCE, Status.RECEIVED, Status.ACCEPTED, _RECIPIENT),
    Transition(Action.REJECTION, Status.RECEIVED, Status.REJECTED, _RECIPIENT, needs_reason=True),
    Transition(Action.REJECTION, Status.ACCEPTED, Status.REJECTED, _RECIPIENT, needs_reason=True),
    Transition(Action.SCHEDULING, Status.ACCEPTED, Status.SCHEDULED, _RECIPIENT),
    Transition(Action.CANCELLATION, Status.SCHEDULED, Status.ACCEPTED, _RECIPIENT, needs_reason=True),
    Transition(Action.START, Status.SCHEDULED, Status.STARTED, _RECIPIENT),
    Transition(Action.OUTCOME, Status.STARTED, Status.COMPLETED, _RECIPIENT, needs_reason=True),
    Transition(Action.REOPENING, Status.REJECTED, Status.RECEIVED, _EITHER, needs_reason=True),
    *(Transition(Action.WITHDRAWAL, open_, Status.WITHDRAWN, _SENDER, needs_reason=True) for open_ in OPEN_STATUSES),
    *(Transition(Action.RESUMPTION, open_, open_, _SENDER, condition=Condition.SUSPENDED) for open_ in OPEN_STATUSES),
    *(Transition(Action.EXPIRY, open_, Status.EXPIRED, _SYSTEM) for open_ in OPEN_STATUSES),
)


def move(status: str, action: Action, holds: Collection[Condition] = (), side: Side | None = None) -> Transition:
    """Return the line of the table that an act follows from a status, given the conditions that hold.

    Raises TransitionNotAllowed, naming what the caller's side may do from here instead (whoever's act it is, where
    `side` is not given), and ReferralSuspended for what a fixed-term recall holds up.
    """
    for transition in _from(status, holds):
        if transition.action is action:
            if action in HELD_BY_RECALL and Condition.SUSPENDED in holds:
                raise ReferralSuspended
            return transition
    sides = _sides_of(action) if side is None else (side,)
    raise TransitionNotAllowed(status_now=str(status), allowed=_names(allowed_from(status, holds, sides)))


def allowed_from(status: str, holds: Collection[Condition] = (), sides: Collection[Side] = tuple(Side)) -> list[Action]:
    """Return the acts of some sides that lead on from a status, in the table's order; none from where it has ended."""
    held = HELD_BY_RECALL if Condition.SUSPENDED in holds else frozenset()
    lines = [line for line in _from(status, holds) if line.action not in held and set(line.sides) & set(sides)]
    return list(dict.fromkeys(line.action for line in lines))


def _sides_of(action: Action) -> set[Side]:
    return {side for line in TRANSITIONS if line.action is action for side in line.sides}


def _names(actions: Iterable[Action]) -> list[str]:
    return [str(action) for action in actions]


def require_amendable(status: str) -> None:
    """Refuse a new version of what was never sent, or has ended: TransitionNotAllowed."""
    if status not in AMENDABLE:
        detail = "A draft is changed, not amended." if status == Status.DRAFT else "The referral has ended."
        allowed = _names(allowed_from(status, sides=_SENDER))
        raise TransitionNotAllowed(detail, status_now=str(status), allowed=allowed)


def _from(status: str, holds: Collection[Condition]) -> Iterable[Transition]:
    return (
        transition
        for transition in TRANSITIONS
        if transition.from_status == status and (transition.condition is None or transition.condition in holds)
    )


def faults_in_reason(
    code: str | None, note: str | None, offered: Mapping[str, Reason], status: str
) -> list[FieldError]:
    """Return what is wrong with a coded reason among those a pack offers; a pack that offers none takes none."""
    reason = offered.get(code or "")
    if reason is None:
        if code is None and not offered:
            return []
        choices = ", ".join(offered) or "nothing: no reason is given here"
        missing = "missing" if code is None else "unknown-reason"
        return [FieldError("/reason", missing, f"Choose one of {choices}.")]
    if reason.only_from and status not in reason.only_from:
        return [
            FieldError("/reason", "not-offered", f"This is offered only once it is {' or '.join(reason.only_from)}.")
        ]
    if reason.needs_note and note is None:
        return [FieldError("/note", "missing", "This reason needs a note that explains it.")]
    return []


def faults_in_day(
    day: datetime.date, field: str, *, sent_on: datetime.date, today: datetime.date | None = None
) -> list[FieldError]:
    """Return what is wrong with a day something happens on: before the referral was sent, or after `today` if given."""
    if day < sent_on:
        return [FieldError(f"/{field}", "before-sending", "This is before the referral was sent.")]
    if today is not None and day > today:
        return [FieldError(f"/{field}", "in-the-future", "This date is in the future.")]
    return []
