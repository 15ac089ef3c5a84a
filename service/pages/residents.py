"""A resident's page: the stay as a line, nights left, the next home, whose move is next, and the shared work."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from service.access.callers import Role
from service.access.scopes import lets
from service.domain.calendar import british_day
from service.domain.move_on import HomeKind, HomeState
from service.domain.move_on_dangers import NEAR
from service.errors import InvalidInput
from service.operations import move_on as operations
from service.operations.actors import Actor
from service.pages import stay_pictures
from service.pages.forms import Form, FormDep, claim
from service.pages.move_on_words import HOME_STATES, HOMES, WORDS
from service.pages.page_routes import also, pages_of
from service.pages.rendering import page
from service.pages.stay_pictures import Marked, Picture
from service.routes import shared_work as api
from service.routes.dependencies import ActorDep, RecordDep, SessionDep, VisibleStay
from service.schemas.move_on import HomeGiven, MoveOnPage, PlanGiven
from service.schemas.stays import StayPage, stay_page
from service.store import stays as store

router = pages_of("residents")
RESIDENT = "/residents/{stay_id}"
ACTS = {
    "expectation": "Expected",
    "rescheduling": "Arrival moved",
    "arrival": "Arrived",
    "extension": "Stay extended",
    "transfer": "Moved premises",
    "departure": "Left",
    "non_arrival": "Did not arrive",
    "cancellation": "Cancelled",
    "key_worker": "Key worker named",
    "recall": "Recalled",
    "re_release": "Released again",
    "death": "Died",
    "merge": "Records merged",
    "plan": "Plan written",
    "home": "Home recorded",
    "outcome": "Outcome recorded",
}
ON_THE_LINE = {"rescheduling", "extension", "transfer", "recall", "re_release"}
CHOOSE, WRITE = "Choose one of the options.", "Write a sentence or more."


@router.get(RESIDENT, operation_id="read_move_on", dependencies=[also("read_stay", "list_stay_referrals")])
async def show_resident(
    request: Request, stay: VisibleStay, session: SessionDep, actor: ActorDep, record: RecordDep
) -> Response:
    """Show one resident: the stay, where the person goes next, and the referrals that are made for it."""
    return await _resident(request, stay, actor, Form(list), {})


async def _resident(
    request: Request, stay: Mapping[str, Any], actor: Actor, form: Form, errors: Mapping[str, str]
) -> Response:
    state, today = request.state, british_day(request.state.now)
    moving = await operations.read_move_on(state.session, stay, actor)
    steps = await store.steps_of(state.session, stay["id"])
    shown = stay_page(stay, store.as_stay(stay), steps, today)
    shared = await api.list_stay_referrals(stay, state.session, state.record)
    caller = state.caller
    return page(
        request,
        "resident",
        422 if errors else 200,
        stay=shown,
        moving=moving,
        states={one.id: one for one in moving.referrals},
        shared=shared.items,
        picture=_picture(shown, moving, today),
        acts=ACTS,
        words=WORDS,
        soon=NEAR,
        packs={name: actor.catalogue.pack(name).label for name in actor.catalogue.pack_names},
        is_premises=caller.role is Role.PREMISES,
        side="premises" if caller.role is Role.PREMISES else "practitioner",
        sees_case=lets("read_case", caller),
        may_pass=lets("pass_work", caller),
        may_write=lets("record_move_on_plan", caller) and shown.status in {"in_residence", "suspended", "expected"},
        said=form,
        errors=errors,
        home_kinds=HOMES,
        home_states=HOME_STATES,
        repeat_key=uuid.uuid4().hex,
    )


def _picture(stay: StayPage, moving: MoveOnPage, today: datetime.date) -> Picture | None:
    marked = [Marked(british_day(step.at), ACTS.get(step.act, step.act)) for step in _changes(stay)]
    if moving.next_deadline is not None and moving.next_deadline.name != "departure":
        marked.append(Marked(moving.next_deadline.due_on, "Due", "due"))
    if moving.next_home is not None and moving.next_home.begins_on is not None:
        marked.append(Marked(moving.next_home.begins_on, "Next home", "home"))
    begins, ends = stay.arrived_on or stay.expected_arrival_on, stay.ended_on or stay.expected_departure_on
    return stay_pictures.draw(begins, ends, today, marked)


def _changes(stay: StayPage) -> Sequence[Any]:
    return [step for step in stay.steps if step.act in ON_THE_LINE]


@router.post(RESIDENT + "/plan", operation_id="record_move_on_plan", dependencies=[also("read_move_on")])
async def write_plan(
    request: Request, stay: VisibleStay, form: FormDep, session: SessionDep, actor: ActorDep
) -> Response:
    """Write what is aimed for, and how."""
    errors = {name: said for name, said in (("aim", CHOOSE), ("text", WRITE)) if not form.one(name)}
    if form.one("aim") and form.one("aim") not in set(HomeKind):
        errors["aim"] = CHOOSE
    if errors:
        return await _resident(request, stay, actor, form, errors)
    try:
        body = PlanGiven.model_validate({"aim": form.one("aim"), "text": form.one("text")})
        async with session.begin_nested():
            await claim(request, form)
            await operations.record_plan(session, stay, body, actor)
    except (ValidationError, InvalidInput):
        request.state.repeatable = None
        return await _resident(request, stay, actor, form, {"text": WRITE + " At most 1,000 characters."})
    return RedirectResponse(f"/pages/residents/{stay['id']}", 303)


@router.post(RESIDENT + "/homes", operation_id="record_home", dependencies=[also("read_move_on")])
async def write_home(
    request: Request, stay: VisibleStay, form: FormDep, session: SessionDep, actor: ActorDep
) -> Response:
    """Write how it stands with a home that was found without a referral of ours."""
    known: dict[str, set[str]] = {"kind": set(HomeKind), "state": set(HomeState)}
    errors = {name: CHOOSE for name, codes in known.items() if form.one(name) not in codes}
    if errors:
        return await _resident(request, stay, actor, form, errors)
    day, month, year = (form.one(f"available_from-{part}") for part in ("day", "month", "year"))
    said: dict[str, Any] = {"kind": form.one("kind"), "state": form.one("state"), "note": form.one("note") or None}
    said["available_from"] = f"{year}-{month:0>2}-{day:0>2}" if day or month or year else None
    said["replaces"] = form.one("replaces") or None
    try:
        body = HomeGiven.model_validate(said)
        async with session.begin_nested():
            await claim(request, form)
            await operations.record_home(session, stay, body, actor)
    except ValidationError:
        return await _resident(request, stay, actor, form, {"available_from": "Enter a real date, like 27 3 2027."})
    except InvalidInput as refusal:
        request.state.repeatable = None
        return await _resident(request, stay, actor, form, {"kind": " ".join(fault.detail for fault in refusal.errors)})
    return RedirectResponse(f"/pages/residents/{stay['id']}", 303)
