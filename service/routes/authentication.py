"""Nobody unknown comes in: every path but a few public ones needs a good token, asked for before the body is read."""

import re
from urllib.parse import quote

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.callers import Caller, Role
from service.access.proofs import Asked, Proof, check_proof
from service.access.tokens import TokenRefused
from service.errors import (
    FieldError,
    HeadersTooLarge,
    InvalidInput,
    NotFound,
    PayloadTooLarge,
    Problem,
    Unauthenticated,
)
from service.observation import note_stranger
from service.routes import api_pages, challenges
from service.routes.problems import problem_response

# Told apart by the whole path: a prefix would let whatever is added below it be public too.
PUBLIC_PATHS = frozenset(
    {
        *api_pages.PATHS,
        *("/", "/openapi.json", "/health/live", "/health/ready", "/metrics"),
        *("/.well-known/jwks.json", "/.well-known/oauth-authorization-server"),
        "/.well-known/oauth-protected-resource",
        # Here a client says itself who it is.
        *("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"),
        *("/directory", "/directory/services", "/directory/organizations"),
    }
)
# One service of the directory, whatever its id: nothing lies below it.
PUBLIC_PATH = re.compile(r"^/directory/services/[^/]+$")
CREDENTIALS = re.compile(r"^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$", re.IGNORECASE)
DPOP = "dpop"
OF_PROOF = "proof_"  # how reasons about the proof begin
LARGEST_BODY = 1_000_000  # bytes: the longest form's every answer at its greatest length fits several times
LONGEST_LENGTH = 9  # digits: more are beyond any body, and beyond what Python makes a number of
MOST_HEADERS, LARGEST_HEADERS = 200, 65_536  # and bytes
TOO_LARGE = f"Send at most {LARGEST_BODY} bytes."


def install(app: FastAPI) -> None:
    """Put authentication before everything the app does."""
    app.add_middleware(Authentication)


class Authentication:
    """Refuses strangers, and says who everybody else is in `scope["state"]["caller"]`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            # Who looks at a page has a session instead of a token, and was recognised by it.
            is_known = "caller" in scope["state"]
            if not (is_known or scope["path"] in PUBLIC_PATHS or PUBLIC_PATH.match(scope["path"])):
                scope["state"]["caller"], scope["state"]["proof"] = await _identify(scope)
            _refuse_unreadable(scope)
        except Problem as problem:
            await problem_response(problem, scope)(scope, receive, send)
            return
        await self.app(scope, _measured(receive), send)


async def _identify(scope: Scope) -> tuple[Caller, Proof | None]:
    sent, state = Headers(scope=scope).getlist("authorization"), scope["app"].state
    address = state.settings.address
    if not sent:
        note_stranger("no_token")
        raise Unauthenticated(headers=challenges.to_a_stranger(address))
    found = CREDENTIALS.match(sent[0]) if len(sent) == 1 else None
    if found is None:
        raise _refused("not_a_token", address, is_dpop=False)
    is_dpop = found.group(1).lower() == DPOP
    try:
        caller: Caller = await state.issuer.identify(found.group(2), state.clock())
        proof = _proof(scope, caller, found.group(2), is_dpop=is_dpop)
    except TokenRefused as refusal:
        raise _refused(str(refusal), address, is_dpop=is_dpop) from None
    return caller, proof


def _refused(why: str, address: str, *, is_dpop: bool) -> Unauthenticated:
    """Return what is said of a token that is not good; why is for the metrics."""
    note_stranger(why)
    if is_dpop and why.startswith(OF_PROOF):
        return Unauthenticated("The token is not valid.", headers=challenges.to_a_bad_proof(address))
    return Unauthenticated("The token is not valid.", headers=challenges.to_a_bad_token(address, is_dpop=is_dpop))


def _proof(scope: Scope, caller: Caller, token: str, *, is_dpop: bool) -> Proof | None:
    """Return the proof that the caller holds the key their token is bound to; None where it is bound to none.

    A bound token without its proof is nobody's, and so is a provider's unbound one outside development.
    """
    settings, sent = scope["app"].state.settings, Headers(scope=scope).getlist(DPOP)
    if caller.bound_to is None:
        if is_dpop or sent:
            raise TokenRefused("not_bound")
        if caller.role is Role.PROVIDER and not settings.is_development:
            raise TokenRefused("must_be_bound")
        return None
    if not is_dpop or len(sent) != 1:
        raise TokenRefused("proof_missing")
    # Written out again: decoded, a question mark in the path would cut it short.
    asked = Asked(scope["method"], f"{settings.address}{quote(scope['path'])}", token)
    proof = check_proof(sent[0], asked, scope["app"].state.clock())
    if proof.thumbprint != caller.bound_to:
        raise TokenRefused("proof_of_another_key")
    return proof


def _refuse_unreadable(scope: Scope) -> None:
    """Refuse headers beyond all measure, an address with a NUL in it, and a body that says it is too large."""
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > LARGEST_HEADERS:
        raise HeadersTooLarge
    if "\0" in scope["path"]:
        raise NotFound
    if b"%00" in scope["query_string"]:
        raise InvalidInput(errors=[FieldError("/query", "characters", "Take out the control characters.")])
    length = Headers(scope=scope).get("content-length", "")
    if length.isdecimal() and (len(length) > LONGEST_LENGTH or int(length) > LARGEST_BODY):
        raise PayloadTooLarge(TOO_LARGE)


def _measured(receive: Receive) -> Receive:
    """Count the bytes of a body that did not say how large it is."""
    total = 0

    async def measured() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > LARGEST_BODY:
            # The framework lets only its own exceptions through while it reads a body.
            raise HTTPException(PayloadTooLarge.status) from PayloadTooLarge(TOO_LARGE)
        return message

    return measured
