"""What a change means to a provider: who comes to see a referral or does no more, and whether it raises the risk."""

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.domain.disclosure import Shown

LEVELS = {"low": 1, "medium": 2, "high": 3, "very_high": 4}
# Ours; nothing prescribes it. A risk that rose is to be acknowledged by the next day.
RAISED_TO_BE_ACKNOWLEDGED_WITHIN = datetime.timedelta(days=1)
FEED_KEPT_FOR = datetime.timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Sight:
    """Which of an organisation's workers see a referral: those `listed` alone, or everybody there but those."""

    listed: frozenset[str] = frozenset()
    all_but: bool = False

    @property
    def is_nobody_s(self) -> bool:
        """Whether no worker sees it."""
        return not self.all_but and not self.listed

    def __and__(self, other: "Sight") -> "Sight":
        """Return who is in both."""
        if self.all_but and other.all_but:
            return Sight(self.listed | other.listed, all_but=True)
        if self.all_but:
            return other & self
        return Sight(self.listed - other.listed if other.all_but else self.listed & other.listed)

    def __sub__(self, other: "Sight") -> "Sight":
        """Return who is in this and not in the other."""
        return self & Sight(other.listed, all_but=not other.all_but)


NOBODY = Sight()


def sight(*, restricted: bool, named: Collection[str], kept: Collection[str]) -> Sight:
    """Return who of an organisation on the contract sees a referral.

    `named` are those the practitioner named, who alone see a restricted person; `kept` those who are excluded from the
    person or stand on the must-not-receive list, who never do.
    """
    if restricted:
        return Sight(frozenset(named) - frozenset(kept))
    return Sight(frozenset(kept), all_but=True)


def changes_of_sight(before: Sight, after: Sight) -> list[tuple[str, Sight]]:
    """Return which workers are told that a referral was `removed` or `added`: for whom that is so, and nobody else."""
    changes = [("removed", before - after), ("added", after - before)]
    return [(kind, whose) for kind, whose in changes if not whose.is_nobody_s]


def raises_risk(before: Mapping[str, Shown], after: Mapping[str, Shown], items: Sequence[str]) -> bool:
    """Whether any of these items now tells of more risk than before, in what the provider is shown of both."""
    return any(_rises(before.get(item, {}).get("value"), after.get(item, {}).get("value")) for item in items)


def _rises(before: Any, after: Any) -> bool:
    if isinstance(after, bool):
        return after and before is not True
    if isinstance(after, str):
        return LEVELS.get(after, 0) > LEVELS.get(before if isinstance(before, str) else "", 0)
    if isinstance(after, list):
        held = before if isinstance(before, list) else []
        return any(isinstance(one, str) and one != "none" and one not in held for one in after)
    return False
