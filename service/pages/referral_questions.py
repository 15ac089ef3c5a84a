"""Questions that one referral alone asks, one a page: its own answers, its recipient, a narrative's words for it."""

import dataclasses
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from service.catalogue.definitions import Question, QuestionKind, Reuse
from service.domain.profiles import given
from service.errors import (
    FieldError,
    InvalidInput,
    NotFound,
    RevisionStale,
)
from service.operations import drafts
from service.operations.actors import Actor
from service.operations.fillings import CaseAnswers
from service.pages import answers
from service.pages.forms import Form, FormDep
from service.pages.page_routes import also, pages_of
from service.pages.questions import FIELD, Back, Skipped, where_next
from service.pages.rendering import page
from service.pages.seen_revisions import save_from_seen
from service.pages.shown_values import shown, source_in_words
from service.routes.dependencies import ActorDep, SendersCase, SessionDep, VisibleReferral
from service.schemas.referrals import DraftChanges
from service.store import recipients

router = pages_of("questions")
REFERRAL = "/referrals/{referral_id}"
QuestionName = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,79}$")]
WORDS, READ, KEPT_BECAUSE, MASTER = "words", "read", "kept_because", "master_revision"
MOST_RECIPIENTS = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A question of one referral, and what its page is about."""

    question: Question
    referral: Mapping[str, Any]
    case: CaseAnswers
    actor: Actor
    recipients: Mapping[str, str]

    @property
    def is_narrative(self) -> bool:
        """Whether its words are shared and this referral may have its own: then it is re-read here."""
        return self.question.reuse is Reuse.NARRATIVE and self.question.item is not None


async def _asked(name: str, referral: Mapping[str, Any], case: CaseAnswers, session: SessionDep, actor: Actor) -> Asked:
    pack = actor.catalogue.pack(referral["pack"], referral["pack_version"])
    question = pack.by_id.get(name) or pack.by_item.get(name)
    if question is None or not question.typed or referral["status"] != "draft":
        raise NotFound
    if question.shared and question.reuse is not Reuse.NARRATIVE:  # answered once, for every form
        raise NotFound
    known = {}
    if question.kind is QuestionKind.RECIPIENT:
        known = await recipients_of(session, referral["pack"])
    actor.record.items.append(question.id)
    return Asked(question, referral, case, actor, known)


@router.get(REFERRAL + "/questions/{question}", operation_id="read_referral", dependencies=[also("change_draft")])
async def ask_referral_question(
    request: Request,
    question: QuestionName,
    referral: VisibleReferral,
    case: SendersCase,
    session: SessionDep,
    actor: ActorDep,
    skipped: Skipped = 0,
    back: Back = "",
) -> Response:
    """Ask one question of this referral, or show a narrative to be read again for its recipient."""
    asked = await _asked(question, referral, case, session, actor)
    form = _present(asked)
    form["skipped"], form["back"] = [str(skipped)], [back]
    return _asking(request, asked, form, {})


def _present(asked: Asked) -> Form:
    """Return what the referral says now, as a form would send it."""
    question, referral = asked.question, asked.referral
    if asked.is_narrative:
        item = str(question.item)
        variant, answer = referral["variants"].get(item), given(asked.case.answers.get(item))
        words = variant.get("text", "") if variant else answer["value"] if answer else ""
        form = Form(list, {WORDS: [words if isinstance(words, str) else ""]})
        form[MASTER] = [str(answer["revision"]) if answer else ""]
        form[KEPT_BECAUSE] = [variant.get("redacted_because", "") if variant else ""]
        return form
    if question.kind is QuestionKind.RECIPIENT:
        return Form(list, {FIELD: [referral["recipient_id"] or ""]})
    own = referral["own"].get(question.id)
    return Form(list, answers.written(question.value, FIELD, own["value"] if own else None))


def _drawn(asked: Asked, form: Form) -> answers.Drawn:
    question = asked.question
    if question.kind is QuestionKind.RECIPIENT:
        return draw_recipients(asked.recipients, form, question.label, question.help)
    return answers.draw(question.value, FIELD, form, question.label, question.help)


async def recipients_of(session: SessionDep, pack: str) -> dict[str, str]:
    """Return whom a referral of this kind can go to, by id."""
    found = await recipients.list_recipients(session, pack, "", MOST_RECIPIENTS)
    return {row["id"]: row["name"] for row in found[:MOST_RECIPIENTS]}


def draw_recipients(known: Mapping[str, str], form: Form, label: str, hint: str) -> answers.Drawn:
    """Draw the choice of a recipient."""
    chosen = form.one(FIELD)
    choices = tuple(answers.Choice(code, words, code == chosen) for code, words in known.items())
    return answers.Drawn("choice", FIELD, label, hint, choices=choices)


def _asking(
    request: Request, asked: Asked, form: Form, errors: Mapping[str, str], *, overtaken: bool = False
) -> Response:
    referral, question = asked.referral, asked.question
    pack = asked.actor.catalogue.pack(referral["pack"], referral["pack_version"])
    narrative = asked.is_narrative
    drawn = None if narrative else _drawn(asked, form)
    held = given(asked.case.answers.get(question.item or ""))
    return page(
        request,
        "narrative" if narrative else "question",
        409 if overtaken else 422 if errors else 200,
        name=str(referral["crn"]),
        crn=referral["crn"],
        action=f"/pages/referrals/{referral['id']}/questions/{question.id}",
        label=question.label,
        drawn=drawn,
        errors=errors,
        anchors=answers.anchors(drawn) if drawn else {WORDS: WORDS, READ: READ, KEPT_BECAUSE: KEPT_BECAUSE},
        revision=referral["revision"],
        skipped=form.number("skipped") or 0,
        back=form.one("back"),
        left=None,
        needed_by=[pack.label],
        reason="",
        may_retraumatise=False,
        mark=None,
        held=_held(asked),
        overtaken=overtaken,
        words=form.one(WORDS),
        is_text=question.value.textual,
        master_revision=str(held["revision"]) if narrative and held else "",
        kept_because=form.one(KEPT_BECAUSE),
        is_read=bool(form.one(READ)),
        longest=question.max_length or question.value.max_length,
        master=shown(question.value, held["value"]) if narrative and held else None,
        master_source=source_in_words(held) if narrative and held else "",
        recipient=referral["recipient_name"] or "the recipient",
    )


def _held(asked: Asked) -> dict[str, Any] | None:
    own = asked.referral["own"].get(asked.question.id)
    if own is None or own["value"] is None or asked.is_narrative:
        return None
    value = own["value"]
    if asked.question.kind is QuestionKind.RECIPIENT:
        return None
    return {"shown": shown(asked.question.value, value), "source": str(own["recorded_by"]), "other": None}


@router.post(REFERRAL + "/questions/{question}", operation_id="change_draft", dependencies=[also("read_referral")])
async def answer_referral_question(
    request: Request,
    question: QuestionName,
    referral: VisibleReferral,
    case: SendersCase,
    form: FormDep,
    session: SessionDep,
    actor: ActorDep,
) -> Response:
    """Save an answer of this referral and go on; where somebody answered the same meanwhile, show both."""
    asked = await _asked(question, referral, case, session, actor)
    if form.one(f"{FIELD}-more"):
        return _asking(request, asked, form, {})
    try:
        async with session.begin_nested():
            await _save(session, asked, form)
    except InvalidInput as refusal:
        return _asking(request, asked, form, _errors(asked, form, refusal))
    except RevisionStale:
        return _asking(request, asked, form, {}, overtaken=True)
    return RedirectResponse(where_next(form, referral["crn"]), 303)


def _errors(asked: Asked, form: Form, refusal: InvalidInput) -> dict[str, str]:
    if asked.is_narrative:
        placed = {"variants": WORDS, "read": READ}
        return {
            placed.get(fault.pointer.split("/")[1] if "/" in fault.pointer else "", WORDS): fault.detail
            for fault in refusal.errors
        }
    above = f"/answers/{asked.question.id}/value"
    return answers.placed(refusal.errors, above, FIELD, _drawn(asked, form))


async def _save(session: SessionDep, asked: Asked, form: Form) -> None:
    """Save a change from the revision its page was made at; others' changes to other questions are no obstacle."""
    body, touched = _body(asked, form)
    save = partial(drafts.change_draft, session, asked.referral, body, asked.case.answers)
    await save_from_seen(form, asked.actor, touched, save)


def _body(asked: Asked, form: Form) -> tuple[DraftChanges, set[str]]:
    """Return what a form changes of the draft, and the pointers of what it changes."""
    question = asked.question
    if asked.is_narrative:
        return _rewording(asked, form)
    said = form.one(FIELD) if asked.recipients else answers.read(question.value, FIELD, form)
    if said is answers.MISSING or said == "":
        raise InvalidInput(errors=[FieldError(f"/answers/{question.id}/value", "missing", "Answer the question.")])
    if question.kind is QuestionKind.RECIPIENT:
        if said not in asked.recipients:
            raise InvalidInput(errors=[FieldError("/recipient", "unknown", "Choose one of the options.")])
        return DraftChanges(recipient=said), {"/recipient"}
    return DraftChanges.model_validate({"answers": {question.id: {"value": said}}}), {f"/answers/{question.id}"}


def _rewording(asked: Asked, form: Form) -> tuple[DraftChanges, set[str]]:
    item = str(asked.question.item)
    held, words, because = given(asked.case.answers.get(item)), form.one(WORDS), form.one(KEPT_BECAUSE)
    if held is None:
        raise NotFound
    # Nobody ticks words that they were not shown.
    if form.one(MASTER) != str(held["revision"]):
        raise RevisionStale(changed_since=[f"/variants/{item}", f"/read/{item}"])
    if not form.one(READ) and not because:
        raise InvalidInput(errors=[FieldError(f"/read/{item}", "unread", "Read it again and tick that you have.")])
    is_text = asked.question.value.textual
    if is_text and not words and not because:
        raise InvalidInput(errors=[FieldError(f"/variants/{item}", "missing", "Say it in words, or leave it out.")])
    variant: dict[str, str] | None = {"text": words} if is_text and words != str(held["value"]).strip() else None
    if because:
        variant = {"redacted_because": because}
    body = {"variants": {item: variant}, "read": {item: True}}
    return DraftChanges.model_validate(body), {f"/variants/{item}", f"/read/{item}"}
