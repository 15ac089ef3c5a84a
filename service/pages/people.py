"""Pages about one person: who they are, their referrals, what is still to be asked, and making referrals."""

import uuid
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from service.catalogue.definitions import Catalogue
from service.conflicts import ReferralAlreadyOpen
from service.errors import Conflict, FieldError, InvalidInput
from service.operations import case_pages
from service.operations import referrals as operations
from service.operations.actors import Actor
from service.pages import outstanding
from service.pages.forms import Form, FormDep, claim
from service.pages.page_routes import also, pages_of
from service.pages.rendering import page
from service.routes.dependencies import ActorDep, CallerDep, Now, SessionDep, VisibleCase, VisibleCaseAnswers
from service.schemas import referral_pages
from service.schemas.cases import CaseHeader
from service.schemas.referrals import WantedReferral
from service.store import referrals as store

router = pages_of("people")
PERSON = "/people/{crn}"
CATEGORISED = "commissioned_services"
NEEDED = {"packs": "Choose at least one form."}


def name_of(header: Mapping[str, Any] | CaseHeader) -> str:
    """Return a person's name, or their CRN where no system has said it."""
    said = header.model_dump() if isinstance(header, CaseHeader) else header
    return " ".join(part for part in (said["given_names"], said["family_name"]) if part) or str(said["crn"])


@router.get(PERSON, operation_id="read_case", dependencies=[also("list_case_referrals", "list_questions")])
async def show_person(
    request: Request,
    case: VisibleCase,
    answers: VisibleCaseAnswers,
    session: SessionDep,
    caller: CallerDep,
    now: Now,
    actor: ActorDep,
) -> Response:
    """Show who the person is, their referrals, and how much is still to be asked."""
    shown = await case_pages.read_case(session, case["crn"], caller=caller, now=now)
    found = await store.referrals_of_case(session, case["crn"], caller, now)
    asked = await outstanding.find(session, answers, actor)
    actor.record.items.extend(question.id for question in asked.questions)
    return page(
        request,
        "person",
        person=shown,
        name=name_of(shown),
        referrals=[referral_pages.summary(referral) for referral in found],
        packs={name: actor.catalogue.pack(name).label for name in actor.catalogue.pack_names},
        asked=len(asked.questions),
    )


@router.get(PERSON + "/new-referrals", operation_id="create_referrals")
async def ask_which_referrals(request: Request, case: VisibleCase, actor: ActorDep) -> Response:
    """Ask which referrals to make."""
    return _which(request, case, actor.catalogue, Form(list), {})


def _which(
    request: Request, case: Mapping[str, Any], catalogue: Catalogue, form: Form, errors: Mapping[str, str]
) -> Response:
    return page(
        request,
        "new_referrals",
        422 if errors else 200,
        case=case,
        name=name_of(case),
        packs={name: catalogue.pack(name).label for name in catalogue.pack_names},
        chosen=form.get("packs", []),
        categories=outstanding.categories(),
        category=form.one("category"),
        categorised=CATEGORISED,
        repeat_key=uuid.uuid4().hex,
        errors=errors,
    )


@router.post(PERSON + "/new-referrals", operation_id="create_referrals")
async def make_referrals(
    request: Request,
    case: VisibleCase,
    answers: VisibleCaseAnswers,
    form: FormDep,
    session: SessionDep,
    actor: ActorDep,
) -> Response:
    """Make the referrals chosen, and go on to what they still lack."""
    wanted = [
        WantedReferral(pack=pack, service_category=(form.one("category") or None) if pack == CATEGORISED else None)
        for pack in form.get("packs", [])
        if pack in actor.catalogue.pack_names
    ]
    if not wanted:
        return _which(request, case, actor.catalogue, form, NEEDED)
    try:
        async with session.begin_nested():
            await claim(request, form)
            await operations.create_referrals(session, case["crn"], wanted, actor)
    except (InvalidInput, Conflict) as refusal:
        request.state.repeatable = None
        return _which(request, case, actor.catalogue, form, _refused(refusal, actor))
    return RedirectResponse(f"/pages/people/{case['crn']}/questions", 303)


def _refused(refusal: InvalidInput | Conflict, actor: Actor) -> dict[str, str]:
    if isinstance(refusal, ReferralAlreadyOpen):
        label = actor.catalogue.pack(str(refusal.context.get("pack", actor.catalogue.pack_names[0]))).label
        return {"packs": f"There is an open referral of this kind already: {label}."}
    faults = refusal.errors or (FieldError("", refusal.code, refusal.detail),)
    return {"packs": " ".join(fault.detail for fault in faults)}
