"""The life cycle as callers are shown it: the statuses, the one table, each pack's words and coded reasons."""

from pydantic import BaseModel, Field

from service.catalogue.reasons import PackReasons, Reason, Reasons
from service.domain.lifecycle import HELD_BY_RECALL, OPEN_STATUSES, TRANSITIONS, Action, Condition, Side, Status


class StatusShown(BaseModel):
    """A status, and whether a second such referral would be a duplicate while it lasts."""

    code: Status
    open: bool


class TransitionShown(BaseModel):
    """One line of the table. Where two share action and status, the first whose condition holds counts."""

    action: Action
    from_status: Status
    to_status: Status
    sides: list[Side] = Field(description="Whose act it is.")
    needs_reason: bool
    condition: Condition | None
    held_by_recall: bool = Field(description="Refused while a fixed-term recall suspends the referral.")


class StatusWord(BaseModel):
    """The recipient's own word for a status, and whether its own material has been seen to use it."""

    label: str
    verified: bool


class ReasonShown(BaseModel):
    """One coded reason. `theirs` is the recipient's own code; an empty `only_from` means any status."""

    code: str
    label: str
    group: str | None
    source: str
    verified: bool
    needs_note: bool
    theirs: str | None
    only_from: list[str]


class PackLifeCycle(BaseModel):
    """One pack's words for the statuses, and its reasons by action."""

    statuses: dict[Status, StatusWord]
    reasons: dict[Action, list[ReasonShown]]


class LifeCycle(BaseModel):
    """How referrals move, for every pack."""

    statuses: list[StatusShown]
    transitions: list[TransitionShown]
    packs: dict[str, PackLifeCycle]
    person_events: list[ReasonShown]


def life_cycle(reasons: Reasons) -> LifeCycle:
    """Return the table and the reasons of this release as callers are shown them."""
    return LifeCycle(
        statuses=[StatusShown(code=status, open=status in OPEN_STATUSES) for status in Status],
        transitions=[
            TransitionShown(
                action=line.action,
                from_status=line.from_status,
                to_status=line.to_status,
                sides=list(line.sides),
                needs_reason=line.needs_reason,
                condition=line.condition,
                held_by_recall=line.action in HELD_BY_RECALL,
            )
            for line in TRANSITIONS
        ],
        packs={name: _pack(pack) for name, pack in reasons.packs.items()},
        person_events=[_reason(reason) for reason in reasons.person_events.values()],
    )


def _pack(pack: PackReasons) -> PackLifeCycle:
    return PackLifeCycle(
        statuses={
            Status(code): StatusWord(label=word.label, verified=word.verified) for code, word in pack.statuses.items()
        },
        reasons={
            Action(action): [_reason(found) for found in offered.values()] for action, offered in pack.actions.items()
        },
    )


def _reason(reason: Reason) -> ReasonShown:
    return ReasonShown(
        code=reason.code,
        label=reason.label,
        group=reason.group,
        source=reason.source,
        verified=reason.verified,
        needs_note=reason.needs_note,
        theirs=reason.theirs,
        only_from=list(reason.only_from),
    )
