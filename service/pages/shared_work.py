"""The work that practitioner and premises share: taking over a referral, answering its questions, sending it."""

import dataclasses
import uuid
from functools import partial
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from service.catalogue.definitions import Pack, QuestionKind, Reuse
from service.conflicts import RecipientBlocked
from service.domain.shared_work import Side
from service.errors import (
    Conflict,
    FieldError,
    InvalidInput,
    NotFound,
    Problem,
    RevisionStale,
)
from service.operations import shared_work as operations
from service.pages import answers
from service.pages.forms import Form, FormDep, claim
from service.pages.page_routes import also, pages_of
from service.pages.questions import FIELD
from service.pages.referral_questions import draw_recipients, recipients_of
from service.pages.rendering import page
from service.pages.seen_revisions import both_seen, save_from_seen
from service.pages.shown_values import shown
from service.routes.dependencies import ActorDep, Oldest, SessionDep, SettingsDep, VisibleReferral
from service.schemas.referrals import Submission
from service.schemas.shared_work import PassedOn, SharedAnswers, SharedQuestion, SharedQuestions

router = pages_of("shared work")
REFERRAL = "/referrals/{referral_id}"
QuestionName = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,79}$")]
GOING_ON = "/reasons/"


@router.post(REFERRAL + "/holding", operation_id="pass_work")
async def pass_referral(
    request: Request, referral: VisibleReferral, form: FormDep, session: SessionDep, actor: ActorDep
) -> Response:
    """Take a referral over, or hand it to the other side; both see who has it."""
    to = form.one("to")
    if to not in set(Side):
        raise InvalidInput(errors=[FieldError("/to", "side", "Choose one of the two sides.")])
    async with session.begin_nested():
        await claim(request, form)
        await operations.pass_work(session, referral, PassedOn(to=Side(to)), actor)
    stay = form.id("stay")
    back = f"/pages/residents/{stay}" if stay else "/pages/board"
    onward = f"/pages/referrals/{referral['id']}/shared" if to == str(Side.PREMISES) and form.one("go_on") else back
    return RedirectResponse(onward, 303)


@router.get(REFERRAL + "/shared", operation_id="read_shared_questions")
async def show_shared_referral(
    request: Request, referral: VisibleReferral, session: SessionDep, actor: ActorDep, oldest: Oldest
) -> Response:
    """Show a draft as staff of the premises work on it."""
    found, case = await operations.shared_questions(session, referral, actor, oldest)
    pack = actor.catalogue.pack(referral["pack"], referral["pack_version"])
    return _shared(request, found, pack, f"{referral['revision']}-{case.revision}", Form(list), [])


def _shared(
    request: Request,
    found: SharedQuestions,
    pack: Pack,
    revision: str,
    form: Form,
    against: list[FieldError],
    status: int = 200,
) -> Response:
    mine = [one for one in found.questions if one.asked]
    reasons = {fault.code: fault.detail for fault in against if fault.pointer.startswith(GOING_ON)}
    needed = [fault for fault in against if not fault.pointer.startswith(GOING_ON)]
    errors = {"needed": _said_of(needed)} if needed else {}
    return page(
        request,
        "shared_referral",
        status,
        referral=found,
        label=pack.label,
        rows=[_row(one, pack) for one in mine],
        lacks={lack.pointer.rpartition("/")[2]: lack.detail for lack in found.lacks},
        reasons=reasons,
        said={code: form.one(f"reason-{code}") for code in reasons},
        errors=errors | {f"reason-{code}": said for code, said in reasons.items()},
        revision=revision,
        repeat_key=uuid.uuid4().hex,
    )


def _said_of(faults: list[FieldError]) -> str:
    ours = [fault for fault in faults if fault.code != "for-the-practitioner"]
    words = f"{len(ours)} {'thing is' if len(ours) == 1 else 'things are'} still needed from you. " if ours else ""
    return "It was not sent. " + words + ("" if len(ours) == len(faults) else "Something is left for the practitioner.")


def _row(question: SharedQuestion, pack: Pack) -> dict[str, Any]:
    known = pack.by_id[question.id]
    narrative = question.narrative
    if known.kind is QuestionKind.RECIPIENT:
        answer: Any = {"shape": "text", "paragraphs": [str(question.value)]} if question.value else None
    else:
        answer = shown(known.value, question.value)
    return {
        "id": question.id,
        "label": question.label,
        "answer": answer,
        "is_ours": question.held_by is Side.PREMISES,
        "is_typed": known.typed,
        "to_read": narrative is not None and not narrative.read and question.value is not None,
    }


@router.get(REFERRAL + "/shared/{question}", operation_id="read_shared_questions")
async def ask_shared_question(
    request: Request,
    question: QuestionName,
    referral: VisibleReferral,
    session: SessionDep,
    actor: ActorDep,
    oldest: Oldest,
) -> Response:
    """Ask one question of a draft that the premises have."""
    found, _ = await operations.shared_questions(session, referral, actor, oldest)
    asked, choices = await _asked(session, found, question, referral["pack"])
    pack = actor.catalogue.pack(referral["pack"], referral["pack_version"])
    value = pack.by_id[question].value
    form = Form(list, {FIELD: [str(asked.value or "")]} if choices else answers.written(value, FIELD, asked.value))
    return _asking(request, asked, referral, pack, choices, form, {})


async def _asked(
    session: SessionDep, found: SharedQuestions, name: str, pack: str
) -> tuple[SharedQuestion, dict[str, str]]:
    """Return a question the premises may answer, and for the choice of a recipient, whom there is."""
    asked = next((one for one in found.questions if one.id == name and one.kind != "derived"), None)
    if asked is None:
        raise NotFound
    if asked.kind != str(QuestionKind.RECIPIENT):
        return asked, {}
    return asked, await recipients_of(session, pack)


def _drawn(asked: SharedQuestion, pack: Pack, choices: dict[str, str], form: Form) -> answers.Drawn:
    if choices:
        return draw_recipients(choices, form, asked.label, asked.help)
    return answers.draw(pack.by_id[asked.id].value, FIELD, form, asked.label, asked.help)


def _asking(
    request: Request,
    asked: SharedQuestion,
    referral: Any,
    pack: Pack,
    choices: dict[str, str],
    form: Form,
    errors: dict[str, str],
    *,
    overtaken: bool = False,
) -> Response:
    drawn = _drawn(asked, pack, choices, form)
    return page(
        request,
        "shared_question",
        409 if overtaken else 422 if errors else 200,
        drawn=drawn,
        referral_id=referral["id"],
        crn=referral["crn"],
        label=pack.label,
        action=f"/pages/referrals/{referral['id']}/shared/{asked.id}",
        revision=referral["revision"],
        errors=errors,
        anchors=answers.anchors(drawn),
        is_narrative=asked.narrative is not None and asked.value is not None,
        answer=shown(pack.by_id[asked.id].value, asked.value) if asked.value is not None and not choices else None,
        overtaken=overtaken,
    )


@router.post(
    REFERRAL + "/shared/{question}",
    operation_id="answer_shared_questions",
    dependencies=[also("read_shared_questions")],
)
async def answer_shared_question(
    request: Request,
    question: QuestionName,
    referral: VisibleReferral,
    form: FormDep,
    session: SessionDep,
    actor: ActorDep,
    oldest: Oldest,
) -> Response:
    """Save an answer and go back to the referral; where somebody changed the same meanwhile, show both."""
    found, _ = await operations.shared_questions(session, referral, actor, oldest)
    asked, choices = await _asked(session, found, question, referral["pack"])
    pack = actor.catalogue.pack(referral["pack"], referral["pack_version"])
    if form.one(f"{FIELD}-more"):
        return _asking(request, asked, referral, pack, choices, form, {})
    try:
        body = _body(asked, pack, choices, form)
        async with session.begin_nested():
            await _save(session, referral, body, form, actor, oldest)
    except InvalidInput as refusal:
        drawn = _drawn(asked, pack, choices, form)
        name = asked.item if pack.by_id[question].shared else question
        errors = answers.placed(refusal.errors, f"/answers/{name}/value", FIELD, drawn)
        return _asking(request, asked, referral, pack, choices, form, errors)
    except RevisionStale:
        return _asking(request, asked, referral, pack, choices, form, {}, overtaken=True)
    return RedirectResponse(f"/pages/referrals/{referral['id']}/shared#question-{question}", 303)


def _body(asked: SharedQuestion, pack: Pack, choices: dict[str, str], form: Form) -> SharedAnswers:
    """Return what a form says of one question: an answer, a recipient, or that a narrative was read again."""
    value = pack.by_id[asked.id].value
    said = form.one(FIELD) if choices else answers.read(value, FIELD, form)
    if said is answers.MISSING or said == "" or (choices and said not in choices):
        raise InvalidInput(errors=[FieldError("/answers", "missing", "Answer the question.")])
    if choices:
        return SharedAnswers(recipient=said)
    is_narrative = pack.by_id[asked.id].reuse is Reuse.NARRATIVE
    body: dict[str, Any] = {"read": {asked.id: True}} if is_narrative and form.one("read") else {}
    is_same = not value.faults(said, "") and value.normalised(said) == asked.value
    if not (is_same and body):
        body["answers"] = {asked.id: {"value": said}}
    return SharedAnswers.model_validate(body)


async def _save(
    session: SessionDep, referral: Any, body: SharedAnswers, form: Form, actor: ActorDep, oldest: Oldest
) -> None:
    """Save from the revision the page was made at; others' changes to other questions are no obstacle."""
    touched = {f"/answers/{name}" for name in body.answers}
    save = partial(operations.answer_questions, session, referral, body, oldest=oldest)
    await save_from_seen(form, actor, touched, save)


@router.post(
    REFERRAL + "/shared-submission",
    operation_id="submit_shared_referral",
    dependencies=[also("read_shared_questions")],
)
async def send_shared_referral(
    request: Request,
    referral: VisibleReferral,
    form: FormDep,
    session: SessionDep,
    actor: ActorDep,
    oldest: Oldest,
    settings: SettingsDep,
) -> Response:
    """Send a referral that the premises have; sent twice, it is sent once."""
    reasons = {name.removeprefix("reason-"): form.one(name) for name in form if name.startswith("reason-")}
    body = Submission(reasons={code: said for code, said in reasons.items() if said})
    seen = dataclasses.replace(actor, if_match=both_seen(form))
    regions = settings.premises_may_send_cas3_in
    try:
        async with session.begin_nested():
            await claim(request, form)
            await operations.send(session, referral, body, seen, oldest=oldest, cas3_regions=regions)
    except (Conflict, InvalidInput) as refusal:
        if isinstance(refusal, RecipientBlocked) or not refusal.errors:
            raise
        return await _refused(request, referral, form, refusal, actor, oldest)
    return RedirectResponse("/pages/board", 303)


async def _refused(
    request: Request, referral: Any, form: Form, refusal: Problem, actor: ActorDep, oldest: Oldest
) -> Response:
    request.state.repeatable = None
    found, case = await operations.shared_questions(request.state.session, referral, actor, oldest)
    pack = actor.catalogue.pack(referral["pack"], referral["pack_version"])
    revision = f"{referral['revision']}-{case.revision}"
    return _shared(request, found, pack, revision, form, list(refusal.errors), refusal.status)
