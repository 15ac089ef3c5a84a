"""What a provider may propose to change about a referral, and what stands once its practitioner has decided.

What stands is what the newest version says, with what was agreed since it was sent. Agreeing also changes the
referral's own answer, so that the next version says it too; what was sent stays as it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from service.catalogue.services import complexity_levels, outcomes_offered
from service.conflicts import ProposalAlreadyDecided, ProposalLapsed
from service.domain.lifecycle import IN_HAND
from service.errors import FieldError


class About(StrEnum):
    """What a proposal is about."""

    COMPLEXITY = "complexity"
    OUTCOME = "outcome"


class Decision(StrEnum):
    """What a practitioner says to it."""

    AGREED = "agreed"
    KEPT = "kept"


# The questions of the form that these are answers to.
QUESTIONS = {About.COMPLEXITY: "complexity", About.OUTCOME: "desired_outcomes"}


@dataclass(frozen=True, slots=True)
class Proposed:
    """A level for a category, or an outcome in it, which may stand in the place of another."""

    about: About
    category: str
    proposed: str
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The level that stands for each category, and the outcomes, in the order they were asked for."""

    levels: Mapping[str, str] = field(default_factory=dict)
    outcomes: tuple[str, ...] = ()

    def of(self, proposed: Proposed) -> list[str]:
        """Return what stands where something is proposed: the category's level, or its outcomes."""
        if proposed.about is About.COMPLEXITY:
            return [self.levels[proposed.category]] if proposed.category in self.levels else []
        return [one for one in self.outcomes if _category_of(one) == proposed.category]

    def with_agreed(self, proposed: Proposed) -> "Standing":
        """Return what stands once something has been agreed; agreed again, it changes nothing."""
        if proposed.about is About.COMPLEXITY:
            return Standing({**self.levels, proposed.category: proposed.proposed}, self.outcomes)
        rest = [one for one in self.outcomes if one not in {proposed.instead_of, proposed.proposed}]
        return Standing(self.levels, (*rest, proposed.proposed))

    def answer_to(self, about: About) -> Any:
        """Return it as the form's question has it."""
        return dict(self.levels) if about is About.COMPLEXITY else list(self.outcomes)


def _category_of(outcome: str) -> str:
    return outcome.partition("_")[0]


def standing(sections: Iterable[Mapping[str, Any]], agreed: Iterable[Proposed] = ()) -> Standing:
    """Return what stands: what the sections of a version say, as far as their reader is shown it, and what was agreed.

    `agreed` are those agreed since that version was sent, in the order they were decided.
    """
    said = {question["id"]: question.get("value") for section in sections for question in section["questions"]}
    levels, outcomes = said.get(QUESTIONS[About.COMPLEXITY]), said.get(QUESTIONS[About.OUTCOME])
    now = Standing(
        dict(levels) if isinstance(levels, Mapping) else {}, tuple(outcomes) if isinstance(outcomes, list) else ()
    )
    for one in agreed:
        now = now.with_agreed(one)
    return now


def faults_in_proposal(proposed: Proposed, now: Standing, area: str | None) -> list[FieldError]:
    """Return what is wrong with a proposal: it names a category of the referral, and something else than stands."""
    if proposed.category not in now.levels:
        return [FieldError("/category", "not-in-referral", "The referral does not ask for this category.")]
    if proposed.about is About.COMPLEXITY:
        return _faults_in_level(proposed, now)
    return _faults_in_outcome(proposed, now, area)


def _faults_in_level(proposed: Proposed, now: Standing) -> list[FieldError]:
    faults, levels = [], complexity_levels(proposed.category)
    if proposed.proposed not in levels:
        faults.append(FieldError("/proposed", "unknown-level", f"Choose one of {', '.join(levels)}."))
    elif proposed.proposed == now.levels[proposed.category]:
        faults.append(FieldError("/proposed", "stands-already", "This level stands already."))
    if proposed.instead_of is not None:
        faults.append(FieldError("/instead_of", "only-for-outcomes", "A level takes the place of the one there is."))
    return faults


def _faults_in_outcome(proposed: Proposed, now: Standing, area: str | None) -> list[FieldError]:
    faults, offered = [], outcomes_offered(proposed.category, area)
    if proposed.proposed not in offered:
        faults.append(FieldError("/proposed", "not-offered", f"Choose one of {', '.join(offered)}."))
    elif proposed.proposed in now.outcomes:
        faults.append(FieldError("/proposed", "stands-already", "This outcome is asked for already."))
    if proposed.instead_of is not None and proposed.instead_of not in now.of(proposed):
        faults.append(FieldError("/instead_of", "not-in-referral", "The referral asks for no such outcome here."))
    return faults


def is_about_the_same(one: Proposed, other: Proposed) -> bool:
    """Whether two proposals cannot both be put: levels of one category, or one outcome twice, either way round."""
    if one.about is not other.about or one.category != other.category:
        return False
    named = ({each.proposed, each.instead_of} - {None} for each in (one, other))
    return one.about is About.COMPLEXITY or bool(set.intersection(*named))


def require_undecided(status: str, decision: str | None) -> None:
    """Refuse a second decision, ProposalAlreadyDecided, and one about a referral that is over, ProposalLapsed."""
    if decision is not None:
        raise ProposalAlreadyDecided
    if status not in IN_HAND:
        raise ProposalLapsed(status_now=str(status))


def in_order(rows: Sequence[Mapping[str, Any]], version: int) -> list[Proposed]:
    """Return what was agreed of proposals, about the version given, in the order it was decided."""
    agreed = [row for row in rows if row["decision"] == Decision.AGREED and row["decided_version"] == version]
    return [proposed_in(row) for row in sorted(agreed, key=lambda row: row["decided_at"])]


def proposed_in(row: Mapping[str, Any]) -> Proposed:
    """Return what a stored proposal proposes."""
    return Proposed(About(row["about"]), row["category"], row["proposed"], row["instead_of"])
