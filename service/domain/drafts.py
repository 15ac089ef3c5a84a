"""Changing a draft: its own answers, its rewordings, its re-read ticks, its recipient; all of a change or none."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.catalogue.definitions import Pack, Question, QuestionKind, Reuse
from service.domain.narratives import Tick, Variant, read_now, words_for_recipient
from service.domain.population import OwnAnswer
from service.domain.profiles import Answers, given
from service.errors import FieldError

LONGEST_REASON = 1000
FIRST_REVISION = 1
# Kept among a draft's own answers whatever its form asks: MAPPA's form has the question, the others only the block.
MUST_NOT_RECEIVE = "must_not_receive"
# A practitioner may record that a manager must look, or has sent it back; that one approves is a manager's to say.
FOR_A_MANAGER = {"manager_approval": "approved"}


@dataclass(frozen=True, slots=True)
class Rewording:
    """A narrative's words for this referral, or why they are kept from its recipient; neither means the master."""

    text: Any = None
    redacted_because: str | None = None


@dataclass(frozen=True, slots=True)
class Barred:
    """Who must not receive a referral: rows of name and reason. None takes the list back, where it is `given`."""

    rows: list[dict[str, str]] | None = None
    given: bool = False


@dataclass(frozen=True, slots=True)
class DraftChange:
    """What a caller changes about a draft. None takes an own answer back, and a rewording back to the master."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    variants: Mapping[str, Rewording | None] = field(default_factory=dict)
    read: Mapping[str, bool] = field(default_factory=dict)
    must_not_receive: Barred = Barred()
    by_manager: bool = False


@dataclass(frozen=True, slots=True)
class DraftContent:
    """What a draft holds of its own, as stored."""

    own: Mapping[str, OwnAnswer]
    variants: Mapping[str, Variant]
    ticks: Mapping[str, Tick]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who changes a draft, when, and which revision of it the change makes."""

    by: str
    at: datetime.datetime
    draft_revision: int

    def own_answer(self, value: Any) -> OwnAnswer:
        """Return an own answer with its provenance."""
        return OwnAnswer(
            value=value, recorded_by=self.by, recorded_at=self.at.isoformat(), draft_revision=self.draft_revision
        )

    def variant(self, rewording: Rewording) -> Variant:
        """Return a rewording with its provenance."""
        variant = Variant(recorded_by=self.by, recorded_at=self.at.isoformat(), draft_revision=self.draft_revision)
        if rewording.redacted_because is not None:
            variant["redacted_because"] = rewording.redacted_because
        else:
            variant["text"] = rewording.text
        return variant


def faults_in(change: DraftChange, pack: Pack, answers: Answers) -> list[FieldError]:
    """Return everything wrong with a change, each fault pointing at its question or item."""
    faults: list[FieldError] = []
    for name, value in change.answers.items():
        faults.extend(_faults_in_answer(name, value, pack.by_id.get(name)))
        if not change.by_manager and value is not None and FOR_A_MANAGER.get(name) == value and name in pack.by_id:
            faults.append(FieldError(f"/answers/{name}/value", "for-a-manager", "Only a manager says this."))
    if change.must_not_receive.given and MUST_NOT_RECEIVE in change.answers:
        faults.append(FieldError(f"/{MUST_NOT_RECEIVE}", "given-twice", "Send this once: here, or as an answer."))
    for item, rewording in change.variants.items():
        faults.extend(_faults_in_rewording(item, rewording, pack.by_item.get(item), answers))
    for item in change.read:
        faults.extend(_faults_in_narrative(f"/read/{item}", item, pack.by_item.get(item), answers))
    return faults


def _faults_in_answer(name: str, value: Any, question: Question | None) -> list[FieldError]:
    place = f"/answers/{name}"
    if question is None:
        return [FieldError(place, "unknown-question", "This form has no such question.")]
    if question.kind is QuestionKind.RECIPIENT:
        return [FieldError(place, "recipient", "Name the recipient as `recipient`.")]
    if question.kind is QuestionKind.DERIVED:
        return [FieldError(place, "derived", "This is worked out from other answers.")]
    if question.shared:
        return [FieldError(place, "in-profile", "This is answered once, in the person's profile.")]
    return question.value.faults(value, f"{place}/value") if value is not None else []


def _faults_in_rewording(
    item: str, rewording: Rewording | None, question: Question | None, answers: Answers
) -> list[FieldError]:
    place = f"/variants/{item}"
    faults = _faults_in_narrative(place, item, question, answers)
    if faults or question is None or rewording is None:
        return faults
    if (rewording.text is None) == (rewording.redacted_because is None):
        return [FieldError(place, "text-or-reason", "Send either the text or why it is redacted.")]
    return question.value.faults(rewording.text, f"{place}/text") if rewording.text is not None else []


def _faults_in_narrative(place: str, item: str, question: Question | None, answers: Answers) -> list[FieldError]:
    if question is None or question.reuse is not Reuse.NARRATIVE:
        return [FieldError(place, "not-a-narrative", "This form has no such narrative.")]
    if given(answers.get(item)) is None:
        return [FieldError(place, "unanswered", "There is nothing to read yet: answer it in the profile first.")]
    return []


def apply_change(content: DraftContent, change: DraftChange, answers: Answers, signature: Signature) -> DraftContent:
    """Return the draft after a valid change. A rewording takes the tick away, unless the same change ticks it anew."""
    own, variants, ticks = dict(content.own), dict(content.variants), dict(content.ticks)
    barred = {MUST_NOT_RECEIVE: change.must_not_receive.rows} if change.must_not_receive.given else {}
    for name, value in {**change.answers, **barred}.items():
        own.pop(name, None)
        if value is not None:
            own[name] = signature.own_answer(value)
    for item, rewording in change.variants.items():
        _reword(variants, item, rewording, signature)
        if item in ticks and ticks[item]["text"] != words_for_recipient(answers[item], variants.get(item)):
            ticks.pop(item)
    for item, is_read in change.read.items():
        ticks.pop(item, None)
        if is_read:
            ticks[item] = read_now(
                answers[item],
                variants.get(item),
                by=signature.by,
                at=signature.at.isoformat(),
                draft_revision=signature.draft_revision,
            )
    return DraftContent(own, variants, ticks)


def for_another_recipient(content: DraftContent, pack: Pack, said_now: Collection[str]) -> DraftContent:
    """Return a draft's content once it is to go to somebody else: what was decided, agreed or declared must be anew.

    Consent to one referral is not consent to another. What the same change decides stays.
    """
    own = {
        name: answer
        for name, answer in content.own.items()
        if name in said_now or name not in pack.by_id or pack.by_id[name].reuse is not Reuse.DECISION
    }
    return DraftContent(own, content.variants, content.ticks)


def _reword(variants: dict[str, Variant], item: str, rewording: Rewording | None, signature: Signature) -> None:
    variants.pop(item, None)
    if rewording is not None:
        variants[item] = signature.variant(rewording)


def changed_since(content: DraftContent, draft_revision: int) -> list[str]:
    """Return what changed in a draft after one of its revisions: own answers, rewordings and ticks, as pointers."""
    parts: dict[str, Mapping[str, Any]] = {
        "answers": content.own,
        "variants": content.variants,
        "read": content.ticks,
    }
    return sorted(
        f"/{name}" if name == MUST_NOT_RECEIVE else f"/{part}/{name}"
        for part, entries in parts.items()
        for name, entry in entries.items()
        if entry["draft_revision"] > draft_revision
    )


def moved_to(content: DraftContent, pack: Pack) -> tuple[DraftContent, list[str]]:
    """Return a draft's content under another version of its pack, and which own answers that version cannot hold."""
    own: dict[str, OwnAnswer] = {}
    dropped: list[str] = []
    for name, answer in content.own.items():
        if name == MUST_NOT_RECEIVE or _holds(pack, name, answer):
            own[name] = answer
        else:
            dropped.append(name)
    variants = {item: variant for item, variant in content.variants.items() if item in pack.by_item}
    ticks = {item: tick for item, tick in content.ticks.items() if item in pack.by_item}
    return DraftContent(own, variants, ticks), sorted(dropped)


def _holds(pack: Pack, name: str, answer: OwnAnswer) -> bool:
    question = pack.by_id.get(name)
    return question is not None and not question.shared and not question.value.faults(answer["value"], "")


def started_from(earlier: Mapping[str, OwnAnswer], pack: Pack) -> dict[str, OwnAnswer]:
    """Return what a new draft takes over from the last one that came to nothing: never a decision, which is made anew.

    Each answer keeps who recorded it and when.
    """
    return {
        name: OwnAnswer(
            value=answer["value"],
            recorded_by=answer["recorded_by"],
            recorded_at=answer["recorded_at"],
            draft_revision=FIRST_REVISION,
        )
        for name, answer in earlier.items()
        if _holds(pack, name, answer) and pack.by_id[name].reuse is Reuse.DESTINATION
    }
