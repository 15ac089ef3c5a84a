"""A referral to check and send: every answer as its recipient will read it, what is still needed, and the sending."""

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response

from service.catalogue.definitions import Pack, QuestionKind, Reuse
from service.conflicts import RecipientBlocked
from service.documents.contents import ReferralContents
from service.documents.outlines import outline_referral
from service.errors import (
    Conflict,
    InvalidInput,
    Problem,
)
from service.operations import readings, submissions
from service.operations.fillings import CaseAnswers
from service.pages.forms import Form, FormDep, claim
from service.pages.page_routes import also, pages_of
from service.pages.rendering import page
from service.pages.seen_revisions import both_seen
from service.pages.shown_values import shown, source_in_words
from service.routes.dependencies import ActorDep, ReferralCase, SendersCase, SessionDep, VisibleReferral
from service.routes.documents import PDF, rendered
from service.schemas.referrals import DraftShown, Lack, QuestionShown, SentShown, Submission

router = pages_of("referrals")
REFERRAL = "/referrals/{referral_id}"
JustSent = Annotated[str, Query(pattern="^(now)?$")]
GOING_ON = "/reasons/"
QUESTION = "/questions/"


@router.get(REFERRAL, operation_id="read_referral")
async def show_referral(
    request: Request,
    referral: VisibleReferral,
    case: ReferralCase,
    session: SessionDep,
    actor: ActorDep,
    sent: JustSent = "",
) -> Response:
    """Show a referral: a draft to check and send, or what was sent."""
    found = await readings.referral_page(session, referral, case, actor)
    if isinstance(found, SentShown):
        contents = await readings.document_contents(session, referral, case, actor)
        return _sent(request, found, contents, is_new=sent == "now")
    return _draft(request, referral, found, case, actor.catalogue.pack(found.pack, found.pack_version), Form(list), ())


def _sent(request: Request, found: SentShown, contents: ReferralContents, *, is_new: bool) -> Response:
    return page(
        request,
        "referral_sent",
        referral=found,
        outline=outline_referral(contents, with_provenance=True, collapsed=True),
        person=contents.person,
        changed=found.changed_since_sent or [],
        is_new=is_new,
    )


def _draft(
    request: Request,
    referral: Mapping[str, Any],
    draft: DraftShown,
    case: CaseAnswers | None,
    pack: Pack,
    form: Form,
    against: Sequence[Lack],
    status: int = 200,
) -> Response:
    reasons = {warning.code: warning.detail for warning in draft.warnings}
    reasons |= {lack.code: lack.detail for lack in against if lack.pointer.startswith(GOING_ON)}
    errors = _errors(against)
    return page(
        request,
        "referral_check",
        status,
        draft=draft,
        label=pack.label,
        sections=[_section(section.label, section.questions, draft, pack) for section in draft.sections],
        lacks=[_needed(lack, draft, pack) for lack in draft.lacks],
        unread=sum(lack.code == "unread" for lack in draft.lacks),
        reasons=reasons,
        said={code: form.one(f"reason-{code}") for code in reasons},
        errors=errors,
        revision=f"{draft.revision}-{case.revision if case else 0}",
        repeat_key=uuid.uuid4().hex,
    )


def _errors(against: Sequence[Lack]) -> dict[str, str]:
    """Return what stands in the way of sending: the questions together, for they are listed, and each reason wanted."""
    needed = sum(not lack.pointer.startswith(GOING_ON) for lack in against)
    errors = {f"reason-{lack.code}": lack.detail for lack in against if lack.pointer.startswith(GOING_ON)}
    words = "1 thing is" if needed == 1 else f"{needed} things are"
    return ({"needed": f"It was not sent: {words} still needed."} if needed else {}) | errors


def _needed(lack: Lack, draft: DraftShown, pack: Pack) -> dict[str, Any]:
    """Return what is still needed with the page it is answered on."""
    name = lack.pointer.removeprefix(QUESTION)
    question = pack.by_id.get(name)
    label = question.label if question is not None else name
    return {
        "label": label,
        "detail": lack.detail,
        "code": lack.code,
        "address": address_of(name, lack.code, draft, pack),
    }


def address_of(name: str, code: str, draft: DraftShown, pack: Pack) -> str | None:
    """Return the page on which a question of a draft is answered; None for one that is worked out."""
    question = pack.by_id.get(name)
    if question is None or not question.typed:
        return None
    on_referral = not question.shared or (question.reuse is Reuse.NARRATIVE and code in {"unread", "over_length"})
    if on_referral:
        return f"/pages/referrals/{draft.id}/questions/{name}?back={draft.id}"
    return f"/pages/people/{draft.crn}/questions/{question.item}?back={draft.id}"


def _section(label: str, questions: Sequence[QuestionShown], draft: DraftShown, pack: Pack) -> dict[str, Any]:
    return {"label": label, "rows": [_row(question, draft, pack) for question in questions if question.asked]}


def _row(question: QuestionShown, draft: DraftShown, pack: Pack) -> dict[str, Any]:
    known, narrative = pack.by_id[question.id], question.narrative
    value = question.value
    if known.kind is QuestionKind.RECIPIENT:
        answer: Any = {"shape": "text", "paragraphs": [draft.recipient_name]} if draft.recipient_name else None
    else:
        answer = shown(known.value, value)
    kept_back = narrative is not None and narrative.redacted_because is not None
    lacking = question.reasons[0] if question.reasons else ""
    code = "unread" if narrative is not None and not lacking else lacking
    return {
        "id": question.id,
        "label": question.label,
        "answer": None if kept_back else answer,
        "kept_back": kept_back,
        "reworded": narrative is not None and narrative.reworded and not kept_back,
        "is_narrative": narrative is not None,
        "is_read": narrative is not None and narrative.read,
        "source": source_in_words(question.provenance.model_dump()) if question.provenance else "",
        "address": address_of(question.id, code, draft, pack),
        "lacking": lacking,
    }


@router.post(REFERRAL + "/submission", operation_id="submit_referral", dependencies=[also("read_referral")])
async def send_referral(
    request: Request,
    referral: VisibleReferral,
    case: SendersCase,
    form: FormDep,
    session: SessionDep,
    actor: ActorDep,
) -> Response:
    """Send a referral as it was checked; sent twice, it is sent once."""
    reasons = {
        name.removeprefix("reason-"): form.one(name) for name in form if name.startswith("reason-") and form.one(name)
    }
    seen = dataclasses.replace(actor, if_match=both_seen(form))
    try:
        async with session.begin_nested():
            await claim(request, form)
            body = Submission(reasons=reasons)
            await submissions.submit_referral(session, referral, body, case, seen)
    except (Conflict, InvalidInput) as refusal:
        if isinstance(refusal, RecipientBlocked) or not refusal.errors:
            raise
        request.state.repeatable = None
        pack = actor.catalogue.pack(referral["pack"], referral["pack_version"])
        draft = await readings.draft_page(session, referral, case, actor)
        return _draft(request, referral, draft, case, pack, form, _against(refusal), refusal.status)
    return RedirectResponse(f"/pages/referrals/{referral['id']}?sent=now", 303)


def _against(refusal: Problem) -> list[Lack]:
    return [Lack(pointer=fault.pointer, code=fault.code, detail=fault.detail) for fault in refusal.errors]


@router.get(REFERRAL + "/document", operation_id="read_referral_document")
async def show_document(
    request: Request, referral: VisibleReferral, case: ReferralCase, session: SessionDep, actor: ActorDep
) -> Response:
    """Give the referral as PDF, to print or to keep."""
    contents = await readings.document_contents(session, referral, case, actor)
    actor.record.details["format"] = PDF
    return await rendered(contents, PDF, with_provenance=False, collapsed=False)
