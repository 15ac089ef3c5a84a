"""Whoever is refused as nobody we know is counted for where they come from, and told to wait when that is too often.

Who is known is never hindered, however many strangers share their address: only an answer that is 401 already becomes
429. Without the database it stays 401.
"""

from collections.abc import Callable

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.domain import request_limits
from service.domain.request_limits import STRANGER, Quota
from service.errors import Problem, TooManyRequests, Unauthenticated
from service.operations.strangers import Strangers

CHALLENGE = "WWW-Authenticate"
Shown = Callable[[Problem, Scope], Response]


def install(app: FastAPI, shown: Shown) -> None:
    """Put the limit around everything that may refuse a stranger; `shown` makes an answer of its refusal."""
    app.add_middleware(LimitedStrangers, shown=shown)


class LimitedStrangers:
    """Counts every 401 on its way out, whoever gave it, and answers 429 in its place beyond the limit."""

    def __init__(self, app: ASGIApp, shown: Shown) -> None:
        self.app = app
        self.shown = shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_replaced = False

        async def limited(message: Message) -> None:
            nonlocal is_replaced
            if message["type"] == "http.response.start" and message["status"] == Unauthenticated.status:
                problem = await _too_many(scope, message)
                if problem is not None:
                    is_replaced = True
                    await self.shown(problem, scope)(scope, receive, send)
            if not is_replaced:
                await send(message)

        await self.app(scope, receive, limited)


async def _too_many(scope: Scope, refused: Message) -> TooManyRequests | None:
    """Count a refusal, note what is left, and return what is answered in its place beyond the limit."""
    state = scope["app"].state
    strangers: Strangers = state.strangers
    now = state.clock()
    counted = await strangers.count(_host(scope), now)
    if counted is None:
        return None
    quotas, found = [Quota(STRANGER, "", strangers.most)], {STRANGER: counted}
    scope["state"]["rate_limit"] = request_limits.header_values(quotas, found, now)
    if not request_limits.exceeded(quotas, found):
        return None
    # How to be let in is still said (RFC 9110 section 11.6.1): whose token has ended need not wait to get another.
    challenge = Headers(raw=list(refused["headers"])).get(CHALLENGE)
    return request_limits.too_many(now, {CHALLENGE: challenge} if challenge else None)


def _host(scope: Scope) -> str:
    """Return the address somebody comes from, as the server was told to believe it; none over a local socket."""
    return scope["client"][0] if scope.get("client") else ""
