"""What a change means to a provider: whether it raises the risk, and so has a clock."""

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
class Told:
    """That a referral was `added` or `removed`, and which of an organisation's workers that is not told."""

    kind: str
    not_for: list[str]


def told_of_restriction(*, restricted: bool, was_restricted: bool, named: Collection[str]) -> Told | None:
    """Return what an organisation is told where access to a person is restricted, or is so no more; None for neither.

    Workers named for the referral saw it before and see it after, so they are told nothing.
    """
    if restricted is was_restricted:
        return None
    return Told("removed" if restricted else "added", sorted(named))


def raises_risk(before: Mapping[str, Shown], after: Mapping[str, Shown], items: Sequence[str]) -> bool:
    """Whether any of these items now tells of more risk than before, in what the provider is shown of both."""
    return any(_rises(before.get(item, {}).get("value"), after.get(item, {}).get("value")) for item in items)


def _rises(before: Any, after: Any) -> bool:
    if isinstance(after, bool):
        return after and before is not True
    if isinstance(after, str):
        return LEVELS.get(after, 0) > LEVELS.get(before if isinstance(before, str) else "", 0)
    if isinstance(after, list) and all(isinstance(one, str) for one in after):
        return bool(set(after) - set(before if isinstance(before, list) else ()) - {"none"})
    return False
