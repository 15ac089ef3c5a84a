"""What is still to be asked, as callers see it."""

import uuid
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from service.catalogue.definitions import Catalogue
from service.domain.questions import Filling, Outstanding, count, outstanding_questions
from service.domain.readiness import Caution
from service.errors import FieldError, InvalidInput
from service.schemas.referral_pages import warning_shown
from service.schemas.referrals import WarningShown


class QuestionToAsk(BaseModel):
    """One thing still to be answered, and every form that wants it."""

    id: str = Field(description="The item's name where the forms share it; `pack:question` where one form alone asks.")
    item: str | None = Field(description="The shared item behind it; null for a question of one form alone.")
    answer_in: Literal["profile", "referral"] = Field(
        description="Where to answer: a reading tick and a rewording belong to the referral, under the item's name."
    )
    referral_id: uuid.UUID | None
    label: str
    help: str
    value_schema: dict[str, Any] = Field(serialization_alias="schema")
    reason: str
    reasons: list[str]
    decides_others: bool
    do_not_ask_again: bool
    may_retraumatise: bool
    needed_by: list[str]
    required_by: list[str]


class QuestionCounts(BaseModel):
    """How much asking the shared profile saves."""

    asked_by_forms: int
    distinct: int
    already_answered: int
    outstanding: int


class QuestionList(BaseModel):
    """Everything still to be asked for a set of packs, each thing once, what decides most first."""

    crn: str
    profile_revision: int
    packs: list[str]
    questions: list[QuestionToAsk]
    warnings: list[WarningShown] = Field(
        description="Checks without an answer: not asked of the person, but sending past one needs a recorded reason."
    )
    counts: QuestionCounts


def question_list(
    crn: str,
    revision: int,
    packs: Sequence[str],
    filled: Sequence[Filling],
    cautions: Sequence[Caution],
    catalogue: Catalogue,
) -> QuestionList:
    """Return what is outstanding for packs filled for a case."""
    found = outstanding_questions(filled, catalogue.items)
    counts = count(filled, found)
    return QuestionList(
        crn=crn,
        profile_revision=revision,
        packs=list(packs),
        questions=[_question_to_ask(question, catalogue) for question in found],
        warnings=[warning_shown(caution) for caution in cautions],
        counts=QuestionCounts(
            asked_by_forms=counts.asked_by_forms,
            distinct=counts.distinct,
            already_answered=counts.already_answered,
            outstanding=counts.outstanding,
        ),
    )


def _question_to_ask(outstanding: Outstanding, catalogue: Catalogue) -> QuestionToAsk:
    question = outstanding.question
    item = catalogue.items.get(question.item or "")
    return QuestionToAsk(
        id=outstanding.id,
        item=question.item,
        answer_in="profile" if outstanding.in_profile else "referral",
        referral_id=uuid.UUID(outstanding.referral) if outstanding.referral else None,
        label=question.label,
        help=question.help,
        value_schema=question.value.json_schema(),
        reason=str(outstanding.reason),
        reasons=sorted(str(reason) for reason in outstanding.reasons),
        decides_others=outstanding.decides,
        do_not_ask_again=outstanding.do_not_ask_again,
        may_retraumatise=item is not None and item.may_retraumatise,
        needed_by=outstanding.needed_by,
        required_by=outstanding.required_by,
    )


def listed_packs(written: str, catalogue: Catalogue) -> list[str]:
    """Return the pack names of a comma-separated list, each once; InvalidInput names one there is not."""
    names = list(dict.fromkeys(name.strip() for name in written.split(",") if name.strip()))
    if not names or set(names) - set(catalogue.pack_names):
        known = ", ".join(catalogue.pack_names)
        raise InvalidInput(errors=[FieldError("/query/packs", "unknown-pack", f"Choose from {known}.")])
    return names
