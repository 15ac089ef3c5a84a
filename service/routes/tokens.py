"""The embedded issuer over HTTP: tokens for registered clients, what a token says, and its end."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request

from service.access.oauth_problems import ClientRefused, TokenRequestRefused
from service.errors import (
    NotFound,
    PayloadTooLarge,
    TooManyRequests,
    Unavailable,
    UnsupportedMediaType,
)
from service.operations import client_authentication
from service.operations import tokens as operations
from service.operations.client_authentication import ASSERTION_TYPE, Knock, KnownClient
from service.operations.tokens import CLIENT_CREDENTIALS, TOKEN_EXCHANGE, Granting
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.tokens import Introspection, Revocation, TokenAnswer
from service.store import sessions

router = APIRouter(route_class=TransactionalRoute, prefix="/oauth2", tags=["issuer"])
FORM = "application/x-www-form-urlencoded"
LARGEST_FORM = 50_000  # bytes
REFUSALS = problems_of(
    *(TokenRequestRefused, ClientRefused, NotFound, PayloadTooLarge, UnsupportedMediaType, TooManyRequests, Unavailable)
)
LONGEST_VALUE = 8192
_TEXT = {"type": "string", "minLength": 1, "maxLength": LONGEST_VALUE}
_BY_CLIENT: dict[str, Any] = {
    "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
    "client_assertion": _TEXT,
    "client_id": _TEXT,
    "client_secret": _TEXT | {"description": "In development only."},
}
Answer = TypeVar("Answer")
Work = Callable[[Any, dict[str, str], KnownClient, Granting], Awaitable[Answer]]


def _form(required: list[str], **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": _BY_CLIENT | properties}
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema}}}}


@router.post(
    "/token",
    responses=REFUSALS,
    response_model_exclude_none=True,
    openapi_extra=_form(
        ["grant_type"],
        grant_type={"type": "string", "enum": [CLIENT_CREDENTIALS, TOKEN_EXCHANGE]},
        scope=_TEXT,
        subject_token=_TEXT,
        subject_token_type={"type": "string", "enum": [operations.ACCESS_TOKEN]},
        requested_token_type={"type": "string", "enum": [operations.ACCESS_TOKEN, operations.JWT]},
        resource=_TEXT | {"description": "The one referral to narrow a token to, by its address."},
        audience=_TEXT | {"description": "The subcontractor to narrow a token to, by its id."},
    ),
)
async def issue_token(request: Request) -> TokenAnswer:
    """Get a token of ten minutes: for the worker named in the client's assertion, or a narrower one for one you hold.

    The client signs its assertion with a registered key (`private_key_jwt`); with a DPoP proof, the token is bound to
    the proof's key, which a provider's must be outside development. Ask for fewer scopes, one referral (`resource`) or
    the contracts shared with a subcontractor (`audience`), at once or in exchange for a token you hold (RFC 8693):
    never for more, and for no longer. An exchanged token ends with each that it came from.
    """
    return TokenAnswer.model_validate(await _work(request, operations.grant))


@router.post(
    "/introspect",
    responses=REFUSALS,
    response_model_exclude_none=True,
    openapi_extra=_form(["token"], token=_TEXT),
)
async def introspect_token(request: Request) -> Introspection:
    """Ask what one of the client's own tokens says, and whether it is good now (RFC 7662)."""

    async def introspect(session: Any, asked: dict[str, str], client: KnownClient, by: Granting) -> Any:
        return await operations.introspect(session, _token(asked), client, by)

    return Introspection.model_validate(await _work(request, introspect))


@router.post("/revoke", responses=REFUSALS, openapi_extra=_form(["token"], token=_TEXT))
async def revoke_token(request: Request) -> Revocation:
    """End one of the client's own tokens, and those narrowed from it, from the next request on (RFC 7009)."""

    async def revoke(session: Any, asked: dict[str, str], client: KnownClient, by: Granting) -> None:
        await operations.revoke(session, _token(asked), client, by)

    await _work(request, revoke)
    return Revocation()


def _token(asked: dict[str, str]) -> str:
    if "token" not in asked:
        raise TokenRequestRefused("invalid_request", "Send the token.")
    return asked["token"]


async def _work(request: Request, work: Work[Answer]) -> Answer:
    """Do a client's work in one transaction, once the client is known."""
    state = request.app.state
    if state.own_issuer is None:
        raise NotFound
    asked, settings, now = await _asked(request), state.settings, state.clock()
    granting = Granting(state.own_issuer, now, request.state.trace_id)
    knock = Knock(
        *(request.method, f"{settings.address}{request.url.path}", granting.address),
        proofs=tuple(request.headers.getlist("dpop")),
        is_for_a_token=request.url.path.endswith("/token"),
        most=settings.client_requests_per_minute,
        is_development=settings.is_development,
        now=now,
        note_limit=partial(setattr, request.state, "rate_limit"),
    )
    try:
        async with state.sessions() as session:
            client = await client_authentication.known_client(session, asked, knock)
            answer = await work(session, asked, client, granting)
            await session.commit()
    except sessions.TRANSIENT as failure:
        raise sessions.as_problem(failure) from failure
    return answer


async def _asked(request: Request) -> dict[str, str]:
    """Read the form; TokenRequestRefused for a parameter that stands twice: two readers might keep another each."""
    body = await request.body()
    if len(body) > LARGEST_FORM:
        raise PayloadTooLarge(f"Send at most {LARGEST_FORM} bytes.")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise UnsupportedMediaType(f"Send the parameters as {FORM}.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=30)
    except ValueError:
        raise TokenRequestRefused("invalid_request", "The form cannot be read.") from None
    asked = dict(pairs)
    if len(asked) < len(pairs) or any("\0" in value or not 0 < len(value) <= LONGEST_VALUE for value in asked.values()):
        raise TokenRequestRefused("invalid_request", "Send each parameter once and with a value, or leave it out.")
    return asked
