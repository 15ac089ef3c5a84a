"""Whatever is wrong is answered in one shape that points at it, and never repeats what was sent or what went wrong."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from structlog.testing import capture_logs

from service.access.callers import Role
from service.routes.authentication import LARGEST_BODY
from service.routes.observed_requests import AnswerBroken
from tests.routes.conftest import AsRole, FreshTokens, TokenFor
from tests.routes.probes import SECRET, app_with_probes

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def probed(app: FastAPI) -> FastAPI:
    """Return the service with operations made to go wrong."""
    return app_with_probes(app)


@pytest.fixture
async def caller(probed: FastAPI, token_for: TokenFor) -> AsyncIterator[AsyncClient]:
    """Give a practitioner who calls it."""
    fresh = FreshTokens(lambda: token_for("practitioner"))
    async with AsyncClient(transport=ASGITransport(app=probed), base_url="http://broker", auth=fresh) as client:
        yield client


def pointers(answer: Response) -> list[tuple[str, str]]:
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"answers": {"x": {"name": SECRET}}}, [("/answers/x/name", "string-too-long")]),
        ({"answers": {"a/b~c": {}}}, [("/answers/a~1b~0c/name", "missing")]),
        ({"answers": {"x": None}}, [("/answers/x", "model-attributes-type")]),
        ({"parts": [{"name": "a"}, {"name": "b", "kind": SECRET}]}, [("/parts/1/kind", "literal-error")]),
        ({"parts": [{"name": "a", "more": SECRET}]}, [("/parts/0/more", "extra-forbidden")]),
        ({"parts": [{"name": "a"}] * 4}, [("/parts", "too-long")]),
        ({"on": SECRET}, [("/on", "date-from-datetime-parsing")]),
        ({"at": "2026-02-30T00:00:00Z"}, [("/at", "datetime-from-date-parsing")]),
        ({"count": SECRET, "on": "2026-02-29"}, [("/on", "date-from-datetime-parsing"), ("/count", "int-parsing")]),
        ({"pet": {"kind": "cat", "lives": 10}}, [("/pet/lives", "less-than-equal")]),
        ({"pet": {"kind": "dog"}}, [("/pet/bark", "missing")]),
        ({"pet": {"kind": SECRET}}, [("/pet", "union-tag-invalid")]),
        ({"either": [{"name": SECRET}]}, [("/either", "int-type"), ("/either/0/name", "string-too-long")]),
        ({"quoted": SECRET}, [("/quoted", "value-error")]),
        ({"own": "too early"}, [("/own", "too-early")]),
        (SECRET, [("", "model-attributes-type")]),
        (None, [("", "model-attributes-type")]),
    ],
)
async def test_a_fault_points_at_its_place_and_does_not_repeat_what_was_sent(
    caller: AsyncClient, body: Any, found: list[tuple[str, str]]
) -> None:
    answer = await caller.post("/v1/probes/sent", content=json.dumps(body), headers=JSON)

    assert pointers(answer) == found
    assert SECRET not in answer.text


async def test_a_schema_s_own_reason_is_given_in_its_own_words(caller: AsyncClient) -> None:
    answer = await caller.post("/v1/probes/sent", json={"own": "too early"})

    assert answer.json()["errors"][0]["detail"] == "It is too early."


async def test_queries_paths_and_headers_are_pointed_at_by_where_they_stand(caller: AsyncClient) -> None:
    query = await caller.post("/v1/probes/sent?limit=201", json={}, headers={"If-Match": "x"})
    path = await caller.get("/v1/probes/cases/x1/7")

    assert pointers(query) == [("/query/limit", "less-than-equal"), ("/header/If-Match", "int-parsing")]
    assert pointers(path) == [("/path/crn", "string-pattern-mismatch"), ("/path/number", "uuid-parsing")]


@pytest.mark.parametrize("body", [b"{", b"", b"[1,]", b'{"a": \xff}', b"[" * 100_000, b"9" * 5000])
async def test_what_is_no_json_is_said_to_be_none(caller: AsyncClient, body: bytes) -> None:
    answer = await caller.post("/v1/probes/sent", content=body, headers=JSON)

    assert [pointer for pointer, _ in pointers(answer)] == [""]


@pytest.mark.parametrize(
    "body",
    [
        *(b'{"answers": NaN}', b'{"answers": -Infinity}', b'{"answers": 1e999}', b'\xef\xbb\xbf{"answers": {}}'),
        *('{"answers": {}}'.encode("utf-16"), b'{"answers": "\xed\xa0\x80"}', b"{", b"[" * 100_000),
    ],
)
async def test_what_only_python_would_read_is_refused_where_it_would_be_kept(
    as_role: AsRole, crn: str, body: bytes
) -> None:
    answer = await as_role("practitioner").patch(f"/v1/cases/{crn}/profile", content=body, headers=JSON)

    assert [pointer for pointer, _ in pointers(answer)] == [""]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (rb'{"answers": {"x": {"value": "a\u0000b"}}}', "/answers/x/value"),
        (rb'{"answers": {"x": {"value": ["fine", "\ud800"]}}}', "/answers/x/value/1"),
        (rb'{"answers": {"x\u0000": {"value": 1}}}', "/answers"),
    ],
)
async def test_text_the_database_could_not_keep_is_pointed_at(
    as_role: AsRole, crn: str, body: bytes, place: str
) -> None:
    answer = await as_role("practitioner").patch(f"/v1/cases/{crn}/profile", content=body, headers=JSON)

    assert pointers(answer) == [(place, "characters")]


async def test_a_whole_surrogate_pair_is_a_character_like_any_other(caller: AsyncClient) -> None:
    answer = await caller.post("/v1/probes/sent", content=rb'{"own": "\ud83d\ude00"}', headers=JSON)

    assert answer.json()["sent"] == {"own": "😀"}


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", None])
async def test_another_format_is_another_problem(caller: AsyncClient, media_type: str | None) -> None:
    headers = {"Content-Type": media_type} if media_type else {}

    answer = await caller.post("/v1/probes/sent", content=b'{"count": 1}', headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "application/merge-patch+json"])
async def test_json_has_several_names(caller: AsyncClient, media_type: str) -> None:
    answer = await caller.post("/v1/probes/sent", content=b'{"count": 1}', headers={"Content-Type": media_type})

    assert answer.status_code == 200


async def test_a_body_too_large_is_refused_whether_or_not_it_says_so(caller: AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b" " * 100_000

    said = await caller.post("/v1/probes/sent", content=b" " * (LARGEST_BODY + 1), headers=JSON)
    unsaid = await caller.post("/v1/probes/sent", content=chunks(), headers=JSON)
    fits = await caller.post("/v1/probes/sent", content=b"{}" + b" " * (LARGEST_BODY - 2), headers=JSON)

    assert [(answer.status_code, answer.json()["code"]) for answer in (said, unsaid)] == [
        (413, "payload-too-large")
    ] * 2
    assert fits.status_code == 200


async def test_a_path_that_does_not_exist_and_a_method_that_does_not_are_told_apart(caller: AsyncClient) -> None:
    path = await caller.get("/v1/probes/nothing")
    method = await caller.delete("/v1/probes/cases/X000001/7")

    assert (path.status_code, path.json()["code"]) == (404, "not-found")
    assert (method.status_code, method.json()["code"]) == (405, "method-not-allowed")
    assert method.headers["allow"] == "GET, PUT"


async def test_a_slash_at_the_end_is_another_path_and_not_a_redirect(caller: AsyncClient) -> None:
    assert (await caller.get("/v1/packs/")).status_code == 404


async def test_a_nul_in_an_address_finds_nothing_and_breaks_nothing(as_role: AsRole) -> None:
    practitioner = as_role("practitioner")

    path, query = await practitioner.get("/v1/packs/a%00b"), await practitioner.get("/v1/packs?cursor=a%00b")

    assert path.status_code == 404
    assert pointers(query) == [("/query", "characters")]


@pytest.mark.parametrize("path", ["/v1/probes/broken", "/v1/probes/promised"])
async def test_a_failure_nobody_meant_tells_the_caller_a_trace_id_and_the_log_a_type_and_a_place(
    caller: AsyncClient, path: str
) -> None:
    with capture_logs() as lines:
        answer = await caller.get(path)

    assert answer.json() == {
        "type": "/problems/internal-error",
        "title": "Something went wrong",
        "status": 500,
        "code": "internal-error",
        "detail": "Something went wrong",
        "trace_id": answer.headers["trace-id"],
    }
    (failure,) = [line for line in lines if line["event"] == "failure"]
    assert failure["trace_id"] == answer.headers["trace-id"]
    assert failure["error"] in {"RuntimeError", "ResponseValidationError"}
    assert SECRET not in repr(lines)


async def test_an_answer_that_breaks_off_is_cut_without_a_word_of_why(caller: AsyncClient) -> None:
    with capture_logs() as lines, pytest.raises(AnswerBroken) as cut:
        await caller.get("/v1/probes/half")

    assert SECRET not in repr(lines)
    assert SECRET not in repr(cut.getrepr(chain=True))


@pytest.mark.parametrize("path", ["/v1/unlisted", "/v1/unlisted/X000001"])
@pytest.mark.parametrize("role", list(Role))
async def test_an_operation_nobody_decided_about_is_refused_to_every_role(
    probed: FastAPI, token_for: TokenFor, role: Role, path: str
) -> None:
    async with AsyncClient(transport=ASGITransport(app=probed), base_url="http://broker") as client:
        answer = await client.get(path, headers={"Authorization": f"Bearer {token_for(role)}"})

    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
    assert SECRET not in answer.text
