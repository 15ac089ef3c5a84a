"""The outstanding questions, one a page: each Continue saves by the operation that changing a profile is."""

from functools import partial
from typing import Annotated, Any

from fastapi import Path, Query, Request
from starlette.responses import RedirectResponse, Response

from service.catalogue.definitions import Item
from service.domain.profiles import Answers, Change, given
from service.errors import (
    FieldError,
    InvalidInput,
    NotFound,
    RevisionStale,
)
from service.operations import profiles as operations
from service.operations.actors import Actor
from service.operations.fillings import CaseAnswers
from service.pages import answers, outstanding
from service.pages.forms import Form, FormDep
from service.pages.page_routes import also, pages_of
from service.pages.people import PERSON, name_of
from service.pages.rendering import page
from service.pages.seen_revisions import save_from_seen
from service.pages.shown_values import shown, source_in_words
from service.routes.dependencies import ActorDep, SessionDep, VisibleCase, VisibleCaseAnswers
from service.schemas.questions import QuestionToAsk

router = pages_of("questions")
ItemName = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,79}$")]
# How many questions at the head of the list somebody has passed over: an answered one leaves the list by itself.
Skipped = Annotated[int, Query(ge=0, le=1000)]
# The referral somebody came from to change one answer, and goes back to.
Back = Annotated[str, Query(pattern="^([0-9a-f-]{36})?$")]
FIELD = "answer"


def address_of(question: QuestionToAsk, crn: str) -> str:
    """Return the page a question is answered on."""
    if question.answer_in == "profile":
        return f"/pages/people/{crn}/questions/{question.item}"
    return f"/pages/referrals/{question.referral_id}/questions/{question.id.partition(':')[2]}"


@router.get(PERSON + "/questions", operation_id="list_questions")
async def show_questions(
    request: Request, case: VisibleCase, found: VisibleCaseAnswers, session: SessionDep, actor: ActorDep
) -> Response:
    """List everything still to be asked, what decides most first."""
    asked = await outstanding.find(session, found, actor)
    actor.record.items.extend(question.id for question in asked.questions)
    return page(
        request,
        "questions",
        case=case,
        name=name_of(case),
        asked=asked,
        addresses={
            (question.id, question.referral_id): address_of(question, case["crn"]) for question in asked.questions
        },
        packs={name: actor.catalogue.pack(name).label for name in actor.catalogue.pack_names},
    )


@router.get(PERSON + "/questions/next", operation_id="list_questions")
async def go_to_next_question(
    request: Request, found: VisibleCaseAnswers, session: SessionDep, actor: ActorDep, skipped: Skipped = 0
) -> Response:
    """Go to the first question that was not passed over; to the list where there is none left."""
    asked = await outstanding.find(session, found, actor)
    actor.record.items.extend(question.id for question in asked.questions)
    if skipped >= len(asked.questions):
        return RedirectResponse(f"/pages/people/{found.crn}/questions", 303)
    address = address_of(asked.questions[skipped], found.crn)
    return RedirectResponse(f"{address}?skipped={skipped}", 303)


@router.get(
    PERSON + "/questions/{item}", operation_id="read_profile", dependencies=[also("list_questions", "amend_profile")]
)
async def ask_question(
    request: Request,
    item: ItemName,
    case: VisibleCase,
    found: VisibleCaseAnswers,
    session: SessionDep,
    actor: ActorDep,
    skipped: Skipped = 0,
    back: Back = "",
) -> Response:
    """Ask one question of the person's profile, with the present answer where there is one."""
    asked = _item(item, actor)
    actor.record.items.append(item)
    held = given(found.answers.get(item))
    form = Form(list, answers.written(asked.value, FIELD, held["value"] if held else None))
    form["skipped"], form["back"] = [str(skipped)], [back]
    return await _asking(request, asked, case["crn"], found, form, {}, actor, name_of(case))


def _item(name: str, actor: Actor) -> Item:
    found = actor.catalogue.items.get(name)
    if found is None or not found.reuse.shared:
        raise NotFound
    return found


async def _asking(
    request: Request,
    item: Item,
    crn: str,
    found: CaseAnswers,
    form: Form,
    errors: dict[str, str],
    actor: Actor,
    name: str,
    *,
    overtaken: bool = False,
) -> Response:
    drawn = answers.draw(item.value, FIELD, form, item.label, item.help)
    asked = await outstanding.find(request.state.session, found, actor)
    place = next((number for number, one in enumerate(asked.questions) if one.item == item.name), None)
    one = asked.questions[place] if place is not None else None
    held = found.answers.get(item.name)
    return page(
        request,
        "question",
        409 if overtaken else 422 if errors else 200,
        name=name,
        crn=crn,
        action=f"/pages/people/{crn}/questions/{item.name}",
        drawn=drawn,
        errors=errors,
        anchors=answers.anchors(drawn),
        revision=found.revision,
        skipped=form.number("skipped") or 0,
        back=form.one("back"),
        left=len(asked.questions),
        needed_by=[actor.catalogue.pack(pack).label for pack in one.needed_by] if one else [],
        reason=one.reason if one else "",
        may_retraumatise=item.may_retraumatise,
        mark=held.get("do_not_ask_again") if held else None,
        held=_held(item, found.answers),
        overtaken=overtaken,
    )


def _held(item: Item, held: Answers) -> dict[str, Any] | None:
    """Return the present answer and any record system's that disagrees, as they are shown."""
    answer = given(held.get(item.name))
    if answer is None:
        return None
    conflict = answer.get("conflict")
    return {
        "shown": shown(item.value, answer["value"]),
        "source": source_in_words(answer),
        "other": None
        if conflict is None
        else {
            "shown": shown(item.value, conflict["value"]),
            "source": source_in_words({**conflict, "recorded_by": ""}),
        },
    }


@router.post(PERSON + "/questions/{item}", operation_id="amend_profile", dependencies=[also("list_questions")])
async def answer_question(
    request: Request,
    item: ItemName,
    case: VisibleCase,
    found: VisibleCaseAnswers,
    form: FormDep,
    session: SessionDep,
    actor: ActorDep,
) -> Response:
    """Save an answer and go on; where somebody answered the same meanwhile, show both."""
    asked, name = _item(item, actor), name_of(case)
    if form.one(f"{FIELD}-more"):
        return await _asking(request, asked, case["crn"], found, form, {}, actor, name)
    try:
        async with session.begin_nested():
            await _save(request, asked, found, form, actor)
    except InvalidInput as refusal:
        drawn = answers.draw(asked.value, FIELD, form, asked.label)
        errors = answers.placed(refusal.errors, f"/answers/{item}/value", FIELD, drawn)
        return await _asking(request, asked, case["crn"], found, form, errors, actor, name)
    except RevisionStale:
        actor.record.items.append(item)
        return await _asking(request, asked, case["crn"], found, form, {}, actor, name, overtaken=True)
    return RedirectResponse(where_next(form, case["crn"]), 303)


def where_next(form: Form, crn: str) -> str:
    """Return where Continue leads: back to the referral somebody came from, or to the next question."""
    if form.one("back"):
        back = form.id("back")
        return f"/pages/referrals/{back}" if back else "/pages"
    return f"/pages/people/{crn}/questions/next?skipped={form.number('skipped') or 0}"


async def _save(request: Request, item: Item, found: CaseAnswers, form: Form, actor: Actor) -> None:
    """Save an answer from the revision its page was made at; others' answers to other questions are no obstacle."""
    change = _change(item, found.answers, form)
    save = partial(operations.amend_profile, request.state.session, found.crn, [change])
    await save_from_seen(form, actor, [item.name], save)


def _change(item: Item, held: Answers, form: Form) -> Change:
    """Return what a form says of an item: another value, or that the present one still holds."""
    said = answers.read(item.value, FIELD, form)
    if said is answers.MISSING:
        raise InvalidInput(errors=[FieldError(f"/answers/{item.name}/value", "missing", "Answer the question.")])
    present = given(held.get(item.name))
    is_sound = not item.value.faults(said, "")
    if present is not None and is_sound and item.value.normalised(said) == present["value"]:
        return Change(item=item.name, confirmed=True)
    return Change(item=item.name, value=said, has_value=True)
