"""What nobody sends in good faith: always refused as a problem, never a failure of ours, and nothing is changed."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from fastapi import FastAPI

from service.access.callers import Role
from service.routes.authentication import LARGEST_BODY
from tests.contract.example_people import caller_of
from tests.contract.problems import refused
from tests.contract.relations import ORGANISATION, Operation, Person, Relation, operations_of
from tests.routes.callers import AsRole

JSON = {"Content-Type": "application/json", "If-Match": "*"}
# Nobody may wait longer than this for a refusal, least of all for ever.
PATIENCE_SECONDS = 10


def answer_of(value: bytes) -> bytes:
    """Return the body of a change to a profile, with whatever stands for the value of one answer."""
    return b'{"answers": {"religion": {"value": ' + value + b"}}}"


BODIES: dict[str, bytes] = {
    "a hundred thousand levels of lists": answer_of(b"[" * 100_000 + b"]" * 100_000),
    "a hundred thousand levels of objects": b'{"answers": ' + b'{"a": ' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "levels that just about fit": answer_of(b"[" * 950 + rb'"\u0041"' + b"]" * 950),
    "no number": answer_of(b"NaN"),
    "infinity": answer_of(b"Infinity"),
    "minus infinity": answer_of(b"-Infinity"),
    "a number too large for any machine": answer_of(b"1e999"),
    "an integer of four thousand digits": answer_of(b"9" * 4000),
    "an integer of five thousand digits": answer_of(b"9" * 5000),
    "a name twice": b'{"answers": {"religion": {"value": "a"}}, "answers": {"religion": {"value": "b"}}}',
    "a name twice, further in": b'{"answers": {"religion": {"value": "a", "value": "b"}}}',
    "half a surrogate pair": answer_of(rb'"\ud800"'),
    "half a surrogate pair in a name": rb'{"answers": {"\udfff": {"value": "a"}}}',
    "a NUL": answer_of(rb'"a\u0000b"'),
    "a NUL in a name": rb'{"answers": {"\u0000": {"value": "a"}}}',
    "a control character as it is": answer_of(b'"a\x01b"'),
    "another control character, escaped": answer_of(rb'"a\u0001b"'),
    "bytes that are no UTF-8": answer_of(b'"\xff"'),
    "a byte order mark": b"\xef\xbb\xbf" + answer_of(b'"a"'),
    "UTF-16": answer_of(b'"a"').decode().encode("utf-16"),
    "nothing": b"",
    "spaces": b"   ",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"answers"',
    "half of it": b'{"answers": {',
    "more than it": answer_of(b'"a"') + b"{}",
    "a comment": b"/* hello */" + answer_of(b'"a"'),
    "twenty thousand answers": b'{"answers": {' + b",".join(b'"k%d": {"value": 1}' % n for n in range(20_000)) + b"}}",
    "a name of a hundred thousand letters": b'{"answers": {"' + b"a" * 100_000 + b'": {"value": 1}}}',
}
CURSORS = [
    *("AAAA", "W10", "bnVsbA", "e30", "WzFd.", "=", "====", "a" * 400, "a" * 401, "", " ", "é", "\ud83d\ude00"),
    *(
        "WzFlOTk5XQ",
        "W05hTl0",
        "WzEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzXQ",
        "W1tbW1tdXV1dXQ",
        "WyJcdTAwMDAiXQ",
        "WyJcdWQ4MDAiXQ",
    ),
    *("WzksOSw5LDksOV0", "WyIiLCIiLCIiXQ", "WyJpbmZpbml0eSIsImluZmluaXR5IiwiaW5maW5pdHkiXQ"),
]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("body", list(BODIES.values()), ids=list(BODIES))
async def test_a_body_that_is_not_right_is_refused_whole(
    as_role: AsRole, people: Mapping[Relation, Person], body: bytes
) -> None:
    path = f"/v1/cases/{people[Relation.OWN].crn}/profile"

    answer = await as_role("practitioner").patch(path, content=body, headers=JSON)

    refused(answer, 422)
    assert all(len(error["pointer"]) < 200_000 for error in answer.json()["errors"])


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("depth", range(880, 1000, 5))
async def test_no_depth_of_nesting_is_one_too_many(
    as_role: AsRole, people: Mapping[Relation, Person], depth: int
) -> None:
    path = f"/v1/cases/{people[Relation.OWN].crn}/profile"
    nested = answer_of(b'{"a":[' * (depth // 2) + rb'"\u0041"' + b"]}" * (depth // 2))

    refused(await as_role("practitioner").patch(path, content=nested, headers=JSON), 422)


async def _megabytes(number: int) -> AsyncIterator[bytes]:
    for _ in range(number):
        yield b" " * 1_000_000


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("says_so", [True, False])
async def test_ten_megabytes_are_refused_whether_or_not_their_length_was_said(
    as_role: AsRole, people: Mapping[Relation, Person], says_so: bool
) -> None:
    path = f"/v1/cases/{people[Relation.OWN].crn}/profile"
    content = b" " * (10 * LARGEST_BODY) if says_so else _megabytes(10)

    refused(await as_role("practitioner").patch(path, content=content, headers=JSON), 413)


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for place in range(len(content)):
        yield content[place : place + 1]


async def test_a_body_in_pieces_without_a_length_is_read_like_any_other(as_role: AsRole) -> None:
    answer = await as_role("practitioner").post("/v1/eligibility", content=_pieces(b'{"sex": "M"}'), headers=JSON)

    assert answer.status_code == 200


def _with_a_body(app: FastAPI) -> list[Operation]:
    return [operation for operation in operations_of(app) if operation.takes_a_body]


def _hides(operation: Operation) -> bool:
    """Whether an operation is about a referral that its callers do not see: the one here is not for moving on."""
    return "referral_id" in operation.names and caller_of(operation.id) is Role.PREMISES


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("media_type", "content", "statuses"),
    [
        ("text/plain", b"{}", {415}),
        ("application/x-www-form-urlencoded", b"a=b", {415}),
        ("multipart/form-data; boundary=x", b"--x--", {415}),
        ("application/xml", b"<a/>", {415}),
        (";;;", b"{}", {415}),
        ("application/json-patch", b"{}", {415}),
        (None, b"{}", {415}),
        ("application/json", b"{", {422}),
        ("application/json; charset=utf-7", b"+AHs-", {422}),
    ],
)
async def test_every_operation_with_a_body_refuses_what_is_no_json(
    app: FastAPI,
    people: Mapping[Relation, Person],
    as_role: AsRole,
    media_type: str | None,
    content: bytes,
    statuses: set[int],
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    for operation in _with_a_body(app):
        caller = as_role(caller_of(operation.id), organisation=ORGANISATION)
        path = operation.path_about(people[Relation.OWN])
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await caller.request(operation.method, path, content=content, headers=headers)
        refused(answer, *statuses, *({404} if _hides(operation) else ()))


@pytest.mark.usefixtures("untouched")
async def test_every_operation_that_needs_a_body_says_so_at_once_when_there_is_none(
    app: FastAPI, people: Mapping[Relation, Person], as_role: AsRole
) -> None:
    for operation in _with_a_body(app):
        if not operation.described["requestBody"].get("required"):
            continue
        caller = as_role(caller_of(operation.id), organisation=ORGANISATION)
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await caller.request(operation.method, operation.path_about(people[Relation.OWN]))
        refused(answer, 404 if _hides(operation) else 422)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("cursor", CURSORS)
async def test_a_cursor_that_no_page_gave_is_refused_by_every_list(
    app: FastAPI, people: Mapping[Relation, Person], as_role: AsRole, cursor: str
) -> None:
    sent = cursor.encode("utf-8", "surrogatepass")
    for operation in operations_of(app):
        if not operation.has_parameter("cursor"):
            continue
        path = operation.path_about(people[Relation.OWN])
        query = b"cursor=" + b"".join(b"%%%02X" % byte for byte in sent)
        caller = as_role(caller_of(operation.id), organisation=ORGANISATION)
        answer = await caller.request(operation.method, httpx.URL(path, query=query))
        # Some lists begin where a text or a number says: then whatever comes after it is shown.
        if not answer.is_success:
            refused(answer, 422)
