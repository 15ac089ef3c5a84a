"""Signing in and out over pages: at the issuer with a code and PKCE, or in one step on a development machine."""

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from service.access.issuers import Issuer
from service.errors import NotFound, Problem
from service.gateways.browser_sign_ins import SignInClient
from service.observation import note_stranger
from service.operations import browser_sessions
from service.operations.browser_sessions import ComingBack, SignInAt, SignInRefused
from service.pages import authentication as sessions
from service.pages.authentication import ANSWER, BEGIN, LINK, RETURNING, SIGN_IN, START, set_cookie
from service.pages.forms import read_form
from service.pages.problem_pages import problem_page
from service.pages.rendering import page
from service.settings import Settings
from service.store import sessions as database

SIGN_OUT = "/pages/sign-out"
LONGEST = 4096  # characters of what an issuer sends back


def install(app: FastAPI) -> None:
    """Serve the ways in and out."""
    app.add_route(SIGN_IN, _show, include_in_schema=False)
    app.add_route(BEGIN, _begin, include_in_schema=False)
    app.add_route(ANSWER, _finish, include_in_schema=False)
    app.add_route(LINK, _follow, include_in_schema=False)
    app.add_route(SIGN_OUT, _sign_out, methods=["POST"], include_in_schema=False)


async def _show(request: Request) -> Response:
    if request.state.caller is not None:
        return RedirectResponse(START, 303)
    has_ended = request.query_params.get("ended") == "yes"
    way = sessions.way_in(request.scope)
    return page(request, "sign_in", way=way, has_ended=has_ended, was_sending=False)


def _sign_in_at(request: Request) -> SignInAt:
    settings: Settings = request.app.state.settings
    if settings.issuer is None or settings.sign_in_client_id is None:
        raise NotFound
    issuer: Issuer = getattr(request.app.state.issuer, "other", request.app.state.issuer)
    transport = getattr(request.app.state, "issuer_transport", None)
    client = SignInClient(settings.issuer, settings.sign_in_client_id, settings.sign_in_client_secret, transport)
    return SignInAt(issuer, client, f"{settings.address}{ANSWER}", settings.sign_in_scope)


async def _begin(request: Request) -> Response:
    state = request.app.state
    try:
        address, browser = await browser_sessions.begin_sign_in(state.sessions, _sign_in_at(request), state.clock())
    except (Problem, *database.TRANSIENT) as failure:
        return _failed(request, failure)
    answer = RedirectResponse(address, 303)
    set_cookie(answer, state.settings, sessions.LEAVING, browser)
    return answer


async def _finish(request: Request) -> Response:
    """Take a browser back from the issuer; whatever does not fit is the same refusal."""
    state = request.app.state
    try:
        at = _sign_in_at(request)
        back, lives = _coming_back(request, at), sessions.lives_of(state.settings)
        secret = await browser_sessions.finish_sign_in(state.sessions, at, back, lives, state.clock())
    except (Problem, SignInRefused, *database.TRANSIENT) as failure:
        return _failed(request, failure)
    return _signed_in(request, secret)


def _coming_back(request: Request, at: SignInAt) -> ComingBack:
    asked, browser = request.query_params, sessions.cookie(request.headers, sessions.LEAVING)
    code, about, issuer = asked.get("code", ""), asked.get("state", ""), asked.get("iss")
    if browser is None or not (0 < len(code) <= LONGEST and 0 < len(about) <= LONGEST):
        raise SignInRefused("sign_in_incomplete")
    # Another issuer's answer, handed to us in this one's place (RFC 9207).
    if issuer is not None and issuer not in at.issuer.expected.issuers:
        raise SignInRefused("sign_in_of_another_issuer")
    return ComingBack(code, about, browser)


async def _follow(request: Request) -> Response:
    state = request.app.state
    link = request.query_params.get("key", "")
    try:
        if sessions.way_in(request.scope) != "link":
            raise NotFound
        lives = sessions.lives_of(state.settings)
        secret = await browser_sessions.follow_link(state.sessions, link, lives, state.clock())
    except (Problem, SignInRefused, *database.TRANSIENT) as failure:
        return _failed(request, failure)
    return _signed_in(request, secret)


def _signed_in(request: Request, secret: str) -> Response:
    """Send a browser on with its session, to the page it asked for first."""
    settings: Settings = request.app.state.settings
    answer = RedirectResponse(sessions.place_to_return_to(request), 303)
    set_cookie(answer, settings, sessions.SESSION, secret, seconds=settings.session_hours * 3600)
    for left in (RETURNING, sessions.LEAVING):
        answer.delete_cookie(left, path=START)
    return answer


def _failed(request: Request, failure: Exception) -> Response:
    if isinstance(failure, SignInRefused):
        note_stranger(str(failure))
        return page(request, "sign_in_refused", 401, way=sessions.way_in(request.scope))
    return problem_page(request, failure if isinstance(failure, Problem) else database.as_problem(failure))


async def _sign_out(request: Request) -> Response:
    state = request.app.state
    try:
        await read_form(request)
        await browser_sessions.sign_out(state.sessions, request.state.browser_secret)
    except (Problem, *database.TRANSIENT) as failure:
        return _failed(request, failure)
    answer = RedirectResponse(SIGN_IN, 303)
    answer.delete_cookie(sessions.SESSION, path=START)
    return answer
