"""The published description of the API (OpenAPI), with what holds for every operation said once, here."""

import re
from typing import Any

from fastapi import FastAPI

from service.access.permissions import PUBLIC
from service.errors import (
    HeadersTooLarge,
    IdempotencyKeyReused,
    InvalidInput,
    NotFound,
    NotPermitted,
    PayloadTooLarge,
    Problem,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from service.routes import examples
from service.routes.links import links_from
from service.routes.problems import problems_of

PROBLEM_SCHEMA = {
    "title": "Problem",
    "description": "What was refused and why (RFC 9457). Match on `code`, which is stable; `detail` is for people.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "trace_id"],
    "properties": {
        "type": {"type": "string", "description": "`/problems/` and the code."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "trace_id": {"type": "string", "description": "Quote this when you ask what happened."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
    },
}
FIELD_ERROR_SCHEMA = {
    "title": "FieldError",
    "description": "One thing wrong with what was sent.",
    "type": "object",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": {
            "type": "string",
            "description": "Where (RFC 6901): into the body, or `/query/…`, `/path/…`, `/header/…`.",
        },
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}
BEARER_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An access token (RFC 9068). In development, `referral-broker token ROLE` prints one.",
}
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")
EVERYWHERE: tuple[type[Problem], ...] = (
    *(Unauthenticated, NotPermitted, InvalidInput, HeadersTooLarge, TooManyRequests, Problem, Unavailable),
)
WITH_A_PATH_PARAMETER: tuple[type[Problem], ...] = (NotFound,)
WITH_A_BODY: tuple[type[Problem], ...] = (PayloadTooLarge, UnsupportedMediaType)
# Those that answer with the revision they leave a profile or a referral at.
REVISED = frozenset(
    {
        *("plan_hand_over", "read_hand_over", "change_hand_over"),
        *("read_profile", "amend_profile", "read_referral", "change_draft", "ask_query", "answer_query"),
        *("receive_referral", "accept_referral", "reject_referral", "schedule_referral", "cancel_schedule"),
        *("start_referral", "record_outcome", "reopen_referral", "resume_referral", "withdraw_referral"),
        *("receive_referral_as_provider", "accept_referral_as_provider", "reject_referral_as_provider"),
        *("schedule_referral_as_provider", "cancel_schedule_as_provider", "start_referral_as_provider"),
        *("record_outcome_as_provider", "ask_query_as_provider", "read_shared_questions"),
        *("expect_arrival", "read_stay", "record_arrival", "extend_stay", "transfer_stay", "record_departure"),
        "reschedule_arrival",
        *("record_non_arrival", "cancel_stay", "name_key_worker"),
        *("book_bed", "read_booking", "confirm_booking", "record_booking_arrival", "extend_booking"),
        *("record_booking_departure", "cancel_booking"),
    }
)
TAGS = {
    "cases": "Open a case, find one, hand it on, look in for a while, and record what happened to the person.",
    "profile": "What is known about a person: each thing once, with where it came from.",
    "checks": "Domestic abuse and child safeguarding checks: why each is due, asked, chased, answered; risk lowered.",
    "hand-overs": "From one practitioner to another: planned, met about, completed, and nothing lost on the way.",
    "questions": "What is still to be asked, each thing once.",
    "referrals": "Referrals made from the profile: drafts, what was sent, and amendments.",
    "documents": "A referral as PDF, as a page, and as the real form.",
    "closed loop": "What recipients and senders do to a referral until it ends.",
    "bookings": "CAS3 beds: booked, arrived in, extended, left; and the nights of each booking and each sentence.",
    "provision": "What a commissioned provider does for the person, from receiving the referral to its report.",
    "work list": "Everything that waits for the caller.",
    "eligibility and timing": "Which services a person may be referred to, and by when.",
    "moving on": "Work on moving on from approved premises that practitioner and premises share.",
    "stays": "Who lives in approved premises or is expected there, until they have left.",
    "move-on": "Who leaves approved premises when, with nowhere confirmed to go, and whose move is next.",
    "MAPPA screenings": "Which category and level was set, when, and why.",
    "providers": "What a commissioned provider sees: what was sent, how it stands now, what is disclosed besides.",
    "catalogue": "What can be known about a person, and what each form asks.",
    "reference data": "Recipients, contracts, organisations, workers, the systems that call for them, and premises.",
    "directory": "Commissioned services and their providers, in the Open Referral UK shape, for anybody.",
    "audit": "The record of access, for auditors.",
    "issuer": "The embedded issuer: tokens for the systems that call for workers.",
    "health": "For those who keep the service running.",
}
ABOUT = """Every request but those about health and the issuer carries a token; its role, and who holds the case,
decide what it may do. Refusals come in this order: 401, 404 (absent and not yours to see are the same answer), 403,
422, 409, 412 and 428. Send `If-Match` with a change, and `Idempotency-Key` with what you may have to repeat. Lists go
on at `next`, which is the `cursor` of the following page. A query parameter that an operation does not have is
refused: a filter misspelt would show more than was asked for."""
HEADERS: dict[str, Any] = {
    "ETag": {
        "description": "The revision, for `If-Match` and `If-None-Match`.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]+(-[0-9]+)?"$'},
    },
    "Location": {
        "description": "Where to read what was made.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Trace-Id": {
        "description": "By which the request's log lines are found.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    },
    "WWW-Authenticate": {
        "description": "How to be let in.",
        "required": True,
        "schema": {"type": "string", "pattern": "^(Bearer|DPoP)"},
    },
}
FIRST_CLAUSE = re.compile(r"^(.*?)[.:;](\s|$)", re.DOTALL)


def install(app: FastAPI) -> None:
    """Have the app publish its description with the security scheme and the problems that any operation may answer."""
    generate = app.openapi
    finished: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        description = generate()
        if finished.get("of") is not description:
            _finish(description)
            finished["of"] = description
        return description

    app.openapi = openapi  # type: ignore[method-assign]  # the framework's own way of changing it


def _finish(description: dict[str, Any]) -> None:
    description["info"]["description"] = ABOUT
    description["tags"] = [{"name": name, "description": about} for name, about in TAGS.items()]
    components = description.setdefault("components", {})
    components["securitySchemes"] = {"bearer": BEARER_SCHEME}
    components["headers"] = HEADERS
    schemas = components.setdefault("schemas", {})
    schemas |= {"Problem": PROBLEM_SCHEMA, "FieldError": FIELD_ERROR_SCHEMA}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            if method in METHODS:
                _finish_operation(operation, has_path_parameter="{" in path)
                _show_how(operation)
                _describe_successes(operation, schemas)
    for name in FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)


def _finish_operation(operation: dict[str, Any], *, has_path_parameter: bool) -> None:
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
    if operation["operationId"] not in PUBLIC:
        operation["security"] = [{"bearer": []}]
        for status, response in problems_of(*_problems(operation, has_path_parameter=has_path_parameter)).items():
            responses.setdefault(str(status), response)
        _add_header(responses["401"], "WWW-Authenticate")
    if "If-None-Match" in _parameters(operation):
        responses["304"] = {"description": "You hold it as it is."}
    for response in responses.values():
        _add_header(response, "Trace-Id")
    operation["responses"] = dict(sorted(responses.items()))


def _add_header(response: dict[str, Any], name: str) -> None:
    response.setdefault("headers", {})[name] = {"$ref": f"#/components/headers/{name}"}


def _problems(operation: dict[str, Any], *, has_path_parameter: bool) -> list[type[Problem]]:
    classes = list(EVERYWHERE)
    classes += WITH_A_PATH_PARAMETER if has_path_parameter else ()
    classes += WITH_A_BODY if "requestBody" in operation else ()
    classes += (IdempotencyKeyReused,) if "Idempotency-Key" in _parameters(operation) else ()
    return classes


def _parameters(operation: dict[str, Any]) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", ())}


def _show_how(operation: dict[str, Any]) -> None:
    """Add a heading, and examples of what to send."""
    clause = FIRST_CLAUSE.match(operation["description"])
    operation["summary"] = " ".join((clause.group(1) if clause else operation["description"]).split())
    for parameter in operation.get("parameters", ()):
        _require_text(parameter)
        if parameter["name"] in examples.PARAMETERS:
            parameter["example"] = examples.PARAMETERS[parameter["name"]]
    if "requestBody" in operation and operation["operationId"] in examples.BODIES:
        for content in operation["requestBody"]["content"].values():
            content["example"] = examples.BODIES[operation["operationId"]]


def _require_text(parameter: dict[str, Any]) -> None:
    """Say that a parameter is left out or given: an address and a header have no null."""
    schema = parameter["schema"]
    if "anyOf" in schema:
        schema |= next(choice for choice in schema.pop("anyOf") if choice != {"type": "null"})


def _describe_successes(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Say of each success what it holds, which revision it is, and where to go on from it."""
    for status, response in operation["responses"].items():
        if not status.startswith("2"):
            continue
        for content in response.get("content", {}).values():
            name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
            response["description"] = schemas.get(name, {}).get("description", response["description"])
        if links := links_from(operation["operationId"]):
            response["links"] = links
    for status, response in operation["responses"].items():
        if operation["operationId"] in REVISED and status in {"200", "201", "304"}:
            _add_header(response, "ETag")
        if operation["operationId"] == "open_case" and status == "201":
            _add_header(response, "Location")
