"""The one shape that every refusal has."""

import re

from httpx import Response

MEMBERS = {"type", "title", "status", "code", "detail", "trace_id"}
CODE = re.compile(r"^[a-z]+([-_][a-z]+)*$")


def faults_in_shape(answer: Response) -> list[str]:
    """Return what is wrong with a refusal's shape (RFC 9457); empty when it is as every other."""
    if answer.headers.get("content-type") != "application/problem+json":
        return [f"{answer.status_code} is {answer.headers.get('content-type')}"]
    body = answer.json()
    faults = [f"it has no {member}" for member in MEMBERS - set(body)]
    if not faults:
        faults += ["its status is another"] if body["status"] != answer.status_code else []
        faults += ["its code is no code"] if not CODE.match(body["code"]) else []
        faults += ["its type is not its code's"] if body["type"] != f"/problems/{body['code']}" else []
        faults += ["its trace is another"] if body["trace_id"] != answer.headers["trace-id"] else []
    for error in body.get("errors", ()):
        faults += [] if set(error) == {"pointer", "code", "detail"} else [f"an error is {sorted(error)}"]
    return faults


def refused(answer: Response, *statuses: int) -> None:
    """Check that an answer is a refusal like any other, with one of these statuses."""
    assert answer.status_code in statuses, answer.text[:200]
    assert faults_in_shape(answer) == []
