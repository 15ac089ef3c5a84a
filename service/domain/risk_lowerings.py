"""A risk level that is lowered: when that asks for a manager's view, and why."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from service.domain.checks import CheckKind, Standing, not_current
from service.domain.profiles import Answers, given
from service.domain.provider_changes import LEVELS

LEVEL_ITEMS = (
    *("risk_overall_level", "risk_children_level", "risk_public_level"),
    *("risk_known_adult_level", "risk_staff_level", "risk_prisoners_level"),
)
# Ours; nothing prescribes it. A release is where a risk judged too low does harm first.
NEAR_RELEASE = datetime.timedelta(weeks=4)


class Because(StrEnum):
    """Why a manager is to look at it."""

    NO_DOMESTIC_ABUSE_CHECK = "no_current_domestic_abuse_check"
    NO_CHILD_SAFEGUARDING_CHECK = "no_current_child_safeguarding_check"
    NEAR_RELEASE = "near_release"


_WITHOUT = {
    CheckKind.DOMESTIC_ABUSE: Because.NO_DOMESTIC_ABUSE_CHECK,
    CheckKind.CHILD_SAFEGUARDING: Because.NO_CHILD_SAFEGUARDING_CHECK,
}


class View(StrEnum):
    """What a manager thinks of it."""

    AGREED = "agreed"
    NOT_AGREED = "not_agreed"


@dataclass(frozen=True, slots=True)
class Lowered:
    """One level that is lower than it was; `after` is None where it was taken back. `part` is where it holds."""

    item: str
    part: str | None
    before: str
    after: str | None


def lowered(before: Answers, after: Answers) -> list[Lowered]:
    """Return every level that is lower than it was, or was taken back from above low."""
    found = []
    for item in LEVEL_ITEMS:
        were, are = _levels(before, item), _levels(after, item)
        for part, level in were.items():
            now = are.get(part)
            # A level taken back leaves nobody judging it: above low, that is a lowering too.
            if LEVELS.get(level, 0) > (LEVELS["low"] if now is None else LEVELS.get(now, 0)):
                found.append(Lowered(item, part, level, now))
    return found


def _levels(answers: Answers, item: str) -> dict[str | None, str]:
    answer = given(answers.get(item))
    value: Any = answer["value"] if answer is not None else None
    if isinstance(value, dict):
        return {part: str(level) for part, level in value.items() if level is not None}
    return {None: str(value)} if value is not None else {}


def reasons_to_ask(found: Iterable[Standing], release_on: datetime.date | None, today: datetime.date) -> list[Because]:
    """Return why a manager is to look at a lowered level: no current check, or near a release; empty for neither."""
    reasons = [_WITHOUT[kind] for kind in not_current(found)]
    if release_on is not None and abs(release_on - today) <= NEAR_RELEASE:
        reasons.append(Because.NEAR_RELEASE)
    return reasons
