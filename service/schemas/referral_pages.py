"""A referral as a caller reads it: the draft over its profile, or what was sent and what has changed since."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from service.catalogue import differences
from service.catalogue.conditions import UNKNOWN, Unknown
from service.catalogue.definitions import Catalogue, Question, QuestionKind, Section
from service.domain import narratives, readiness
from service.domain.calendar import british_day
from service.domain.checks import Standing
from service.domain.population import Entry, Populated
from service.domain.readiness import Caution
from service.errors import FieldError
from service.schemas.referrals import (
    BarredShown,
    CheckState,
    Difference,
    DraftMade,
    DraftShown,
    Lack,
    NarrativeShown,
    PackChange,
    PackMoved,
    Provenance,
    QuestionShown,
    ReferralSummary,
    SectionShown,
    SentShown,
    WarningShown,
    WordingShown,
)

THIS_REFERRAL = "this referral"  # the source of an answer that no other referral shares


def summary_fields(referral: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields every view of a stored referral begins with."""
    names = set(ReferralSummary.model_fields) - {"recipient"}
    return {name: referral[name] for name in names} | {"recipient": referral["recipient_id"]}


def summary(referral: Mapping[str, Any]) -> ReferralSummary:
    """Return a stored referral as a list shows it."""
    return ReferralSummary.model_validate(summary_fields(referral))


def draft_made(referral: Mapping[str, Any], populated: Populated) -> DraftMade:
    """Return a new draft with how far the profile has filled it."""
    asked = [entry for entry in populated.entries.values() if entry.asked is True and entry.question.covers]
    return DraftMade(
        **summary_fields(referral),
        asked=len(asked),
        answered=sum(entry.answered for entry in asked),
        lacks=[_lack(fault) for fault in readiness.reasons_against(populated)],
    )


def draft_page(
    referral: Mapping[str, Any],
    populated: Populated,
    warnings: list[Caution],
    checks: Sequence[Standing],
    catalogue: Catalogue,
) -> DraftShown:
    """Return a draft as it stands: every question with its answer, provenance, rewording and what it lacks."""
    newest = catalogue.current_versions[populated.pack.name]
    return DraftShown(
        **summary_fields(referral),
        newer_pack_version=newest if newest != populated.pack.version else None,
        sections=[_section(section, populated) for section in populated.pack.sections],
        lacks=[_lack(fault) for fault in readiness.reasons_against(populated)],
        warnings=[warning_shown(warning) for warning in warnings],
        checks=[CheckState(kind=one.kind, status=one.status, due_on=one.due_on) for one in checks],
        first_possible_on=readiness.first_possible_on(populated),
        must_not_receive=[BarredShown.model_validate(row) for row in readiness.barred_rows(referral["own"])],
    )


def warning_shown(caution: Caution) -> WarningShown:
    """Return a warning as callers see it."""
    return WarningShown(code=caution.code, detail=caution.detail, item=caution.item)


def sent_page(
    referral: Mapping[str, Any], version: Mapping[str, Any], changed_since: list[dict[str, Any]] | None
) -> SentShown:
    """Return a referral as it was last sent; `changed_since` is None for a recipient, who never sees the profile."""
    return SentShown(
        **summary_fields(referral),
        content=version["content"],
        digest=version["digest"],
        differences_from_previous=[Difference.model_validate(difference) for difference in version["differences"]],
        amendment_reason=version["reason"],
        changed_since_sent=None
        if changed_since is None
        else [Difference.model_validate(difference) for difference in changed_since],
    )


def pack_moved(draft: DraftShown, changes: Sequence[differences.Difference], dropped: list[str]) -> PackMoved:
    """Return a draft moved to another version of its pack, with what that version changed."""
    shown = [
        PackChange(question=change.question, change=str(change.change), before=change.before, after=change.after)
        for change in changes
    ]
    return PackMoved(referral=draft, changes=shown, answers_dropped=dropped)


def _lack(fault: FieldError) -> Lack:
    return Lack(pointer=fault.pointer, code=fault.code, detail=fault.detail)


def _section(section: Section, populated: Populated) -> SectionShown:
    inputs = [question for question in populated.pack.inputs if question.section == section.id]
    return SectionShown(
        id=section.id,
        label=section.label,
        questions=[question_page(populated.entries[question.id]) for question in (*section.questions, *inputs)],
    )


def question_page(entry: Entry) -> QuestionShown:
    """Return one question of a populated pack as a caller reads it."""
    question = entry.question
    return QuestionShown(
        id=question.id,
        item=question.item,
        kind=str(question.kind),
        label=question.label,
        help=question.help,
        value_schema=question.value.json_schema(),
        asked=_known(entry.asked),
        required=_known(entry.required),
        reuse=str(question.reuse),
        value=entry.value,
        provenance=_provenance(entry),
        narrative=_narrative(question, entry),
        max_length=question.max_length or question.value.max_length,
        reasons=[str(reason) for reason in entry.reasons],
    )


def _known(truth: bool | Unknown) -> bool | None:
    return None if truth is UNKNOWN else bool(truth)


def _provenance(entry: Entry) -> Provenance | None:
    if entry.own is not None:
        recorded = datetime.datetime.fromisoformat(entry.own["recorded_at"])
        by = entry.own["recorded_by"]
        return Provenance(source=THIS_REFERRAL, as_of=british_day(recorded), recorded_by=by, recorded_at=recorded)
    if entry.answer is None or not entry.answered:
        return None
    names = ("source", "as_of", "recorded_by", "recorded_at")
    return Provenance.model_validate({name: entry.answer[name] for name in names})  # type: ignore[literal-required]


def _narrative(question: Question, entry: Entry) -> NarrativeShown | None:
    if (
        question.reuse != "narrative"
        or question.kind is QuestionKind.DERIVED
        or entry.answer is None
        or not entry.answered
    ):
        return None
    master = entry.answer["value"]
    variant, tick = entry.variant, entry.tick
    read = narratives.is_read(entry.answer, variant, tick)
    reworded = variant is not None and "text" in variant
    difference = _compared(master, variant["text"]) if variant is not None and "text" in variant else []
    return NarrativeShown(
        master=master,
        reworded=reworded,
        redacted_because=variant.get("redacted_because") if variant is not None else None,
        difference_from_master=difference,
        read=read,
        changed_since_read=None if tick is None or read else _compared(tick["master"], master),
    )


def _compared(before: Any, after: Any) -> list[WordingShown]:
    wordings = narratives.compare_words(narratives.as_text(before), narratives.as_text(after))
    return [WordingShown(change=wording["change"], text=wording["text"]) for wording in wordings]
