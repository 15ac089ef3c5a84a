"""Who looks at a page is recognised by a session; who is not is shown where to sign in."""

import datetime
import re
from http.cookies import CookieError, SimpleCookie

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import Problem
from service.observation import note_stranger
from service.operations import browser_sessions
from service.operations.browser_sessions import Lives
from service.pages import assets
from service.pages.problem_pages import problem_page
from service.pages.rendering import page
from service.routes.problems import problem_response
from service.settings import Settings
from service.store import sessions as database

START = "/pages"
SIGN_IN, BEGIN, ANSWER, LINK = "/pages/sign-in", "/pages/sign-in/begin", "/pages/sign-in/answer", "/pages/sign-in/link"
# Told apart by the whole path, as everywhere.
PUBLIC_PAGES = frozenset({SIGN_IN, BEGIN, ANSWER, LINK})
SESSION, LEAVING, RETURNING = "broker_session", "broker_sign_in", "broker_return"
COOKIES_SECONDS = 600
SECRET = re.compile(r"^[A-Za-z0-9_-]{43}$")
# A page of ours and nothing else: what stands here is where a browser is sent after signing in.
PLACE = re.compile(r"^/pages(/[A-Za-z0-9_:.-]+){0,8}$")


def install(app: FastAPI) -> None:
    """Put recognition before everything the app does about pages; call it after the API's own authentication."""
    app.add_middleware(PageAuthentication)


def lives_of(settings: Settings) -> Lives:
    """Return how long a browser stays signed in."""
    return Lives(
        idle=datetime.timedelta(minutes=settings.session_idle_minutes),
        whole=datetime.timedelta(hours=settings.session_hours),
    )


def is_page(path: str) -> bool:
    """Whether a path is a page's."""
    return path == START or path.startswith(f"{START}/")


def shown_where_asked(problem: Problem, scope: Scope) -> Response:
    """Return a refusal as a page to whoever asked for a page, and as the API's to everybody else."""
    return problem_page(Request(scope), problem) if is_page(scope["path"]) else problem_response(problem, scope)


class PageAuthentication:
    """Says who looks at a page in `scope["state"]["caller"]`: None where anybody may look."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_page(scope["path"]):
            await self.app(scope, receive, send)
            return
        state = scope["state"]
        state["caller"] = state["proof"] = None
        if not scope["path"].startswith(assets.PREFIX) and (refusal := await _recognise(scope)) is not None:
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)


async def _recognise(scope: Scope) -> Response | None:
    """Note who is looking; return what is shown instead of the page to whoever must sign in first."""
    app, state = scope["app"], scope["state"]
    secret = cookie(Headers(scope=scope), SESSION)
    if secret is not None:
        lives, now = lives_of(app.state.settings), app.state.clock()
        try:
            state["caller"] = await browser_sessions.recognise(app.state.sessions, secret, lives, now)
        except database.TRANSIENT as failure:
            return problem_page(Request(scope), database.as_problem(failure))
        state["browser_secret"] = secret
    if state["caller"] is not None or scope["path"] in PUBLIC_PAGES:
        return None
    note_stranger("no_session" if secret is None else "session_ended")
    return _to_sign_in(scope, has_ended=secret is not None)


def _to_sign_in(scope: Scope, *, has_ended: bool) -> Response:
    request = Request(scope)
    if request.method not in {"GET", "HEAD"}:
        return page(request, "sign_in", 401, way=way_in(scope), has_ended=has_ended, was_sending=True)
    answer = RedirectResponse(f"{SIGN_IN}?ended=yes" if has_ended else SIGN_IN, 303)
    if PLACE.match(scope["path"]):
        set_cookie(answer, scope["app"].state.settings, RETURNING, scope["path"])
    if has_ended:
        answer.delete_cookie(SESSION, path=START)
    return answer


def way_in(scope: Scope) -> str:
    """Return how somebody signs in here: at the issuer, by a development machine's link, or not at all."""
    settings: Settings = scope["app"].state.settings
    if settings.issuer is not None and settings.sign_in_client_id is not None:
        return "issuer"
    return "link" if settings.is_development and settings.issuer is None else "none"


def cookie(headers: Headers, name: str) -> str | None:
    """Return a secret of ours that a browser sent; None for none, or for what cannot be one."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return found.value if found is not None and SECRET.match(found.value) else None


def place_to_return_to(request: Request) -> str:
    """Return the page somebody wanted to see before signing in; the first page where that cannot be told."""
    wanted = request.cookies.get(RETURNING, "")
    return wanted if PLACE.match(wanted) and wanted not in PUBLIC_PAGES else START


def set_cookie(answer: Response, settings: Settings, name: str, value: str, seconds: int = COOKIES_SECONDS) -> None:
    """Have a browser keep something, for this service's pages alone and out of every script's reach."""
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=START,
        httponly=True,
        samesite="lax",
        secure=not settings.is_development,
    )
