"""What chance cannot know of the service, for Schemathesis: who may call what, and what an Idempotency-Key names."""

import json
import os
import uuid
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

from service.access.callers import Role
from service.routes.examples import PARAMETERS
from tests.contract.example_people import TRIED_ON, as_of_today, caller_of

KEY, REVISION = "Idempotency-Key", "If-Match"
AUTHORIZATION = {
    entry["name"]: entry["fixedHeaders"][0]["value"]
    for entry in json.loads(Path(os.environ["FUZZ_TOKENS"]).read_text(encoding="utf-8"))["auth"]
}


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Call as somebody who may, and on what it can be done to; leave alone what was made to be refused."""
    operation = str(case.operation.definition.raw["operationId"])
    if case.headers.get("Authorization") == AUTHORIZATION[Role.PRACTITIONER]:
        case.headers["Authorization"] = AUTHORIZATION[caller_of(operation)]
    if case.meta and case.meta.phase.name is TestPhase.EXAMPLES:
        _use_what_there_is(case, operation)
    if case.meta and not case.meta.is_negative_at(ParameterLocation.HEADER):
        _use_true_headers(case)


def _use_what_there_is(case: schemathesis.Case[Any], operation: str) -> None:
    case.path_parameters = (case.path_parameters or {}) | TRIED_ON.get(operation, {})
    case.body = as_of_today(case.body)
    if case.query:
        case.query.pop("after", None)  # only the service can make a cursor


def _use_true_headers(case: schemathesis.Case[Any]) -> None:
    """Give each different request a key of its own (the same one is a repeat), and no revision that nobody read."""
    if case.headers.get(REVISION) == PARAMETERS[REVISION]:
        case.headers[REVISION] = "*"
    if KEY in case.headers:
        request = json.dumps([case.formatted_path, case.body], sort_keys=True, default=repr)
        case.headers[KEY] = str(uuid.uuid5(uuid.NAMESPACE_URL, request))
