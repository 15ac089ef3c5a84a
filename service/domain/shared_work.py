"""Who has the work on a move-on referral: the practitioner or the staff of the premises, whole or question by question.

Either side may pass what it has to the other, and either may take over what the other has: nobody waits for somebody
busy (design §8). What was passed is never forgotten, so both see who has it and since when.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from service.catalogue.definitions import Pack, Question, Tier
from service.catalogue.disclosures import DisclosureTable, Form, View

# The referrals for moving on that are made here; other homes are recorded as found (design §8).
SHARED_PACKS = ("cas3", "duty_to_refer", "supported_housing")
# What is the form's own is nobody's item and stands in no table; of these tiers it is kept back all the same.
KEPT_BACK = frozenset({Tier.VICTIM, Tier.MAPPA, Tier.INTELLIGENCE_FLAG})
CAS3 = "cas3"


class Side(StrEnum):
    """The two sides that share the work."""

    PRACTITIONER = "practitioner"
    PREMISES = "premises"


class Act(StrEnum):
    """What became of the work: passed on by who had it, taken by who had it not, or passed back."""

    GIVEN = "given"
    TAKEN_OVER = "taken_over"
    HANDED_BACK = "handed_back"


Passed = Mapping[str, Any]


def holder_of(passed: Iterable[Passed], question: str | None = None) -> Side:
    """Return who has a question, or the whole referral: whoever was last passed it; the practitioner to begin with.

    `passed` is in order of time. A whole referral that is passed takes each of its questions along.
    """
    side = Side.PRACTITIONER
    for one in passed:
        if one["question"] is None or one["question"] == question:
            side = Side(one["side"])
    return side


def act_of(passed: Sequence[Passed], by: Side, to: Side, question: str | None = None) -> Act | None:
    """Return what passing something to a side would be; None where that side has it already."""
    held = holder_of(passed, question)
    if held is to:
        return None
    if to is by:
        return Act.TAKEN_OVER
    was_theirs = any(one["question"] in (None, question) for one in passed)
    return Act.HANDED_BACK if was_theirs else Act.GIVEN


def shown_to_premises(pack: Pack, table: DisclosureTable) -> list[Question]:
    """Return the questions of a pack that staff of the premises may see and answer, in the form's order.

    It turns on the pack and the table alone, never on whether there is a value.
    """
    return [
        question
        for question in pack.questions
        if (
            question.tier not in KEPT_BACK
            if question.item is None
            else table.rule(View.LIVE, question.item).form is Form.FULL
        )
    ]


def may_send(pack: str, side: Side, region: str | None, regions: Collection[str]) -> bool:
    """Whether a side may send a referral of this pack (design §8): CAS3 the premises only where the region allows."""
    return side is Side.PRACTITIONER or pack != CAS3 or (region is not None and region in regions)
