"""One shape for everything refused (RFC 9457): ours, the framework's, and what nobody meant.

The reasons are our own words: the framework's would quote what was sent.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.types import Scope

from service.errors import (
    FieldError,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Problem,
    Unauthenticated,
    UnsupportedMediaType,
)
from service.routes.pointers import pointer
from service.routes.reasons import reason_for

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100
PUT_IN_OUR_WORDS: dict[int, type[Problem]] = {
    401: Unauthenticated,
    404: NotFound,
    405: MethodNotAllowed,
    413: PayloadTooLarge,
    415: UnsupportedMediaType,
}


def install(app: FastAPI) -> None:
    """Have every refusal answered in the one shape; failures nobody meant are caught around the whole app."""
    app.exception_handlers[Problem] = _refused
    app.exception_handlers[RequestValidationError] = _invalid
    app.exception_handlers[HTTPException] = _refused_by_the_framework


def problem_response(problem: Problem, scope: Scope) -> JSONResponse:
    """Return a problem as an answer, with the trace id by which its log lines can be found."""
    body = problem.as_json() | {"trace_id": scope.get("state", {}).get("trace_id", "")}
    return JSONResponse(body, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def problems_of(*classes: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI responses for the problems an operation may answer with."""
    told: dict[int | str, list[str]] = {}
    for problem in classes:
        told.setdefault(problem.status, []).append(f"{problem.title} (`{problem.code}`).")
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": " ".join(reasons), "content": content} for status, reasons in told.items()}


async def _refused(request: Request, problem: Problem) -> Response:
    return problem_response(problem, request.scope)


async def _invalid(request: Request, refusal: RequestValidationError) -> Response:
    errors = refusal.errors()
    # The framework hands on as bytes what it did not take for JSON. To read the body again would be to wait for ever.
    if isinstance(refusal.body, bytes) and any(error["loc"][0] == "body" for error in errors):
        return problem_response(UnsupportedMediaType(), request.scope)
    faults = [_field_error(error, refusal.body) for error in errors[:MOST_ERRORS]]
    return problem_response(InvalidInput(errors=list(dict.fromkeys(faults))), request.scope)


def _field_error(error: Mapping[str, Any], body: Any) -> FieldError:
    code, detail = reason_for(error)
    return FieldError(pointer(error["loc"], body, missing=error["type"] == "missing"), code, detail)


async def _refused_by_the_framework(request: Request, refusal: HTTPException) -> Response:
    # What refused a body while it was read: the framework wraps it.
    if isinstance(refusal.__cause__, Problem):
        return problem_response(refusal.__cause__, request.scope)
    if refusal.status_code == MethodNotAllowed.status:
        return problem_response(MethodNotAllowed(headers={"Allow": ", ".join(_methods(request))}), request.scope)
    if (known := PUT_IN_OUR_WORDS.get(refusal.status_code)) is not None:
        return problem_response(known(headers=refusal.headers), request.scope)
    # What is left is a body that could not be read at all.
    unreadable = FieldError("", "json", "The body cannot be read as JSON.")
    return problem_response(InvalidInput(errors=[unreadable]), request.scope)


def _methods(request: Request) -> list[str]:
    """Return every method of a path: the framework names those of the first route alone."""
    here = [
        context
        for context in iter_route_contexts(request.app.routes)
        if context.path_regex.match(request.scope["path"])
    ]
    return sorted({method for context in here for method in context.methods or ()})
