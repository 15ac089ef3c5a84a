"""Around every request: its trace id, one log line, its numbers, safe headers, and an answer when all else fails."""

import re
import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import Problem
from service.observation import log, note_answer, note_failure
from service.routes.authentication import PUBLIC_PATHS
from service.routes.problems import problem_response

TRACE_HEADER = b"trace-id"
# W3C Trace Context: version, trace id, parent id, flags; an id of nothing but zeros is not one.
TRACE_PARENT = re.compile(r"^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$")
GONE = 499  # the caller left before there was an answer
NO_ROUTE = "none"

# Written as they go out, in ASGI's lower-case bytes: every answer has them.
_OURS = {b"cache-control": b"no-store", b"referrer-policy": b"no-referrer", b"x-content-type-options": b"nosniff"}
_LIMITS = (b"ratelimit-policy", b"ratelimit")
# The one thing a route may say about keeping: at an address that names its content, it never changes.
FOR_EVER = "public, max-age=31536000, immutable"
_KEPT = (b"cache-control", FOR_EVER.encode())
_POLICY = b"content-security-policy"
_CLOSED = b"default-src 'none'; frame-ancestors 'none'"
_STYLED = b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'"


class AnswerBroken(Exception):
    """A failure came after an answer had begun: the connection must be cut, and the failure's text go nowhere."""


def install(app: FastAPI) -> None:
    """Put observation around everything the app does; call it last, so that nothing is outside."""
    app.add_middleware(ObservedRequests)


class ObservedRequests:
    """Notes how each request ended. The line and the numbers hold the route's template, never the path."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace_id = trace_id_of(Headers(scope=scope).get("traceparent", ""))
        scope.setdefault("state", {})["trace_id"] = trace_id
        answer = _Answer(send, trace_id, scope["state"])
        started = time.perf_counter()
        try:
            await self._answer(scope, receive, answer)
        finally:
            _note(scope, answer.status, trace_id, time.perf_counter() - started)

    async def _answer(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self.app(scope, receive, answer.send)
        except Exception as failure:  # noqa: BLE001  whatever it is, the caller gets an answer and no text of it
            note_failure("request", failure, trace_id=answer.trace_id, route=route_of(scope))
            if answer.status != GONE:
                raise AnswerBroken from None
            await problem_response(Problem(), scope)(scope, receive, answer.send)


class _Answer:
    """An answer on its way out: gives it the headers every answer has, and remembers its status."""

    def __init__(self, send: Send, trace_id: str, state: Mapping[str, Any]) -> None:
        self.onward = send
        self.trace_id = trace_id
        self.state = state
        self.status = GONE

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._with_ours(message.get("headers", ()))
        await self.onward(message)

    def _with_ours(self, given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        headers = [header for header in given if header[0] not in _OURS or header == _KEPT]
        known = dict(headers)
        if _POLICY not in known:
            is_page = known.get(b"content-type", b"").startswith(b"text/html")
            headers.append((_POLICY, _STYLED if is_page else _CLOSED))
        if limits := self.state.get("rate_limit"):
            headers += [(name, value.encode()) for name, value in zip(_LIMITS, limits, strict=True)]
        ours = (header for header in _OURS.items() if header[0] not in known)
        return [*headers, *ours, (TRACE_HEADER, self.trace_id.encode())]


def trace_id_of(trace_parent: str) -> str:
    """Return the trace a caller says this request belongs to, or a new one."""
    found = TRACE_PARENT.match(trace_parent)
    return found.group(1) if found else secrets.token_hex(16)


def route_of(scope: Scope) -> str:
    """Return the template of the route a request came to."""
    route: Any = scope.get("route")
    template = getattr(route, "path_format", None)
    if template is None and scope["path"] in PUBLIC_PATHS:
        return str(scope["path"])
    return str(template or NO_ROUTE)


def _note(scope: Scope, status: int, trace_id: str, seconds: float) -> None:
    route, caller = route_of(scope), scope["state"].get("caller")
    note_answer(scope["method"], route, status, seconds)
    log().info(
        "answered",
        method=scope["method"],
        route=route,
        status=status,
        milliseconds=round(seconds * 1000, 1),
        trace_id=trace_id,
        role=str(caller.role) if caller else None,
    )
