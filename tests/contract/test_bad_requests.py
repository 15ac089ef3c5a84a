"""Addresses, methods and headers that nobody sends in good faith: refused as problems, and nothing is changed."""

import uuid
from collections.abc import Mapping

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from service.access.callers import Role
from service.access.permissions import PUBLIC
from service.routes.authentication import LARGEST_HEADERS, MOST_HEADERS
from tests.contract.example_people import caller_of
from tests.contract.problems import faults_in_shape, refused
from tests.contract.relations import ORGANISATION, PREMISES, Person, Relation, operations_of
from tests.contract.sending import send_as_it_is
from tests.routes.callers import AsRole, TokenFor

ADDRESSES = {
    "/v1/cases/%00": 404,
    "/v1/cases/A000001%00": 404,
    "/v1/cases/A000001%00/profile": 404,
    "/v1/%00": 404,
    "/v1/cases/A000001%0A": 422,
    "/v1/cases/A000001%0D%0AX-Injected:%20yes": 422,
    "/v1/cases/%FF%FE": 422,
    "/v1/cases/A000001%20": 422,
    "/v1/cases/a000001": 422,
    "/v1/cases/A%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0%D9%A1": 422,
    "/v1/cases/A000001;x=y": 422,
    "/v1/cases/" + "A" * 10_000: 422,
    "/v1/cases/A000001/": 404,
    "/v1/cases//A000001": 404,
    "/v1/cases/../cases/A000001": 404,
    "/v1/cases/%2e%2e/A000001": 404,
    "//v1/cases/A000001": 404,
    "/V1/cases/A000001": 404,
    "/v1/referrals/not-a-uuid": 422,
    "/v1/referrals/00000000-0000-0000-0000-00000000000g": 422,
    "/v1/packs/..%2f..%2fetc%2fpasswd": 404,
    "/v1/packs/approved_premises'--": 422,
    "/v1/cases?limit=0": 422,
    "/v1/cases?limit=201": 422,
    "/v1/cases?limit=" + "9" * 5000: 422,
    "/v1/cases?limit=1e2": 422,
    "/v1/cases?limit=": 422,
    "/v1/cases?team=perhaps": 422,
    "/v1/cases?team=true&staff=p.test": 422,
    "/v1/cases?Limit=10": 422,
    "/v1/cases?crn=A000001": 422,
    "/v1/cases?%FF=%FE": 422,
    "/v1/cases?a%00b=c": 422,
    "/v1/cases?" + "&".join(f"x{number}=1" for number in range(5000)): 422,
    "/v1/referrals?status=unheard-of": 422,
    "/v1/referrals?recipient=unit%27%20OR%201=1": 422,
    "/v1/cases/A000001/questions?packs=": 422,
    "/v1/cases/A000001/questions?packs=,,,": 422,
}
REVISIONS = [
    *("garbage", '"', '""', "1-", "-1", '"-1"', 'W/"1"', '"1-2-3"', '"٣"', "*, *", "," * 1000, "-" * 1000, '"1e3"'),
    *('"' + "9" * 19 + '"', '"' + "9" * 5000 + '"', '"1-' + "9" * 5000 + '"'),
]
KEYS = ["", "k" * 256, "k" * 100_000, "a\tb", "é", "\x7f", "ÿ" * 255]


@pytest.fixture
def bearer(token_for: TokenFor) -> tuple[bytes, bytes]:
    """Return a practitioner's token as a header."""
    return b"Authorization", f"Bearer {token_for('practitioner')}".encode()


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(("target", "status"), list(ADDRESSES.items()), ids=[target[:60] for target in ADDRESSES])
async def test_an_address_that_is_not_right_is_refused(
    app: FastAPI, people: Mapping[Relation, Person], bearer: tuple[bytes, bytes], target: str, status: int
) -> None:
    answer = await send_as_it_is(app, "GET", target.encode(), [bearer])

    refused(answer, status)
    assert "x-injected" not in answer.headers


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "DELETE", "QUERY", "BREW", "PROPFIND"])
async def test_a_method_that_an_address_does_not_have_is_refused_with_those_it_has(
    app: FastAPI, people: Mapping[Relation, Person], bearer: tuple[bytes, bytes], method: str
) -> None:
    there_are = {(operation.method, operation.path) for operation in operations_of(app)}
    for operation in operations_of(app):
        if (method, operation.path) in there_are:
            continue
        target = operation.path_about(people[Relation.OWN]).encode()
        answer = await send_as_it_is(app, method, target, [bearer])
        assert answer.status_code == 405
        assert method == "HEAD" or faults_in_shape(answer) == []
        assert operation.method in answer.headers["allow"].split(", ")


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "headers",
    [
        [(b"X-Many", b"a")] * 5000,
        [(b"X-%d" % number, b"a") for number in range(MOST_HEADERS)],
        [(b"X-Long", b"a" * (LARGEST_HEADERS + 1))],
        [(b"a" * (LARGEST_HEADERS + 1), b"a")],
    ],
    ids=["one name", "many names", "a long value", "a long name"],
)
async def test_headers_beyond_all_measure_are_refused(
    app: FastAPI, bearer: tuple[bytes, bytes], headers: list[tuple[bytes, bytes]]
) -> None:
    refused(await send_as_it_is(app, "GET", b"/v1/cases", [bearer, *headers]), 431)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("length", ["1000001", "9" * 30, "9" * 5000])
async def test_a_body_that_says_it_is_too_large_is_not_waited_for(
    app: FastAPI, bearer: tuple[bytes, bytes], length: str
) -> None:
    headers = [bearer, (b"Content-Type", b"application/json"), (b"Content-Length", length.encode())]

    refused(await send_as_it_is(app, "POST", b"/v1/searches", headers), 413)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("revision", REVISIONS, ids=[revision[:20] for revision in REVISIONS])
async def test_a_revision_that_is_none_changes_nothing_and_matches_nothing(
    app: FastAPI, people: Mapping[Relation, Person], bearer: tuple[bytes, bytes], as_role: AsRole, revision: str
) -> None:
    own, tag = people[Relation.OWN], revision.encode()
    practitioner = as_role("practitioner")
    paths = (f"/v1/cases/{own.crn}/profile", f"/v1/referrals/{own.referral_id}")

    change = {"answers": {"religion": {"value": "a"}}}
    changed = await practitioner.patch(paths[0], json=change, headers=[(b"If-Match", tag)])
    acted = await practitioner.post(
        f"{paths[1]}/withdrawal", json={"reason": "made_in_error"}, headers=[(b"If-Match", tag)]
    )
    read = [await practitioner.get(path, headers=[(b"If-None-Match", tag)]) for path in paths]

    refused(changed, 412)
    refused(acted, 412)
    assert [answer.status_code for answer in read] == [200, 200]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("key", KEYS, ids=[key[:20] or "nothing" for key in KEYS])
async def test_a_key_that_cannot_be_kept_is_refused(
    people: Mapping[Relation, Person], as_role: AsRole, key: str
) -> None:
    headers = [(b"Idempotency-Key", key.encode("latin-1"))]

    answer = await as_role("practitioner").post("/v1/cases", json={"crn": "A000099"}, headers=headers)

    refused(answer, 422, 431)


async def test_two_spellings_of_an_operation_s_parameter_are_not_one(as_role: AsRole) -> None:
    answer = await as_role("practitioner").get("/v1/cases?cursors=W10")

    assert answer.json()["errors"] == [
        {
            "pointer": "/query",
            "code": "unknown-parameter",
            "detail": "Ask by team, cursor and limit: there is no other parameter.",
        }
    ]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("name", ["sort", "order", "sort_by", "fields", "filter", "search", "q"])
async def test_no_list_takes_a_caller_s_words_for_how_to_sort_or_filter(
    app: FastAPI, people: Mapping[Relation, Person], as_role: AsRole, name: str
) -> None:
    """Whatever became a piece of a statement could read every row there is."""
    taken = {}
    for operation in operations_of(app):
        if not operation.has_parameter("limit") or operation.id in PUBLIC:
            continue
        caller = as_role(caller_of(operation.id), organisation=ORGANISATION, premises=PREMISES)
        query = operation.query() | {name: "crn; DELETE FROM outbox_event --"}
        answer = await caller.get(operation.path_about(people[Relation.OWN]), params=query)
        found = [error["code"] for error in answer.json().get("errors", ())]
        if (answer.status_code, found) != (422, ["unknown-parameter"]) or "DELETE" in answer.text:
            taken[operation.id] = answer.text

    assert taken == {}


async def test_a_public_operation_does_not_mind_what_else_it_is_asked(app: FastAPI, client: AsyncClient) -> None:
    answers = [
        await client.get(f"{operation.path}?{uuid.uuid4()}=1")
        for operation in operations_of(app)
        if operation.id in PUBLIC and not operation.names and not operation.takes_a_form
    ]

    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.AUDITOR])
async def test_who_may_not_see_a_person_is_told_404_before_what_else_is_wrong(
    people: Mapping[Relation, Person], as_role: AsRole, role: Role
) -> None:
    path = f"/v1/cases/{people[Relation.OWN].crn}/questions?packs=none&staff=none"

    refused(await as_role(role).get(path), 404)


async def test_an_id_longer_than_any_is_invalid_with_an_idempotency_key_too(as_role: AsRole) -> None:
    headers = {"Idempotency-Key": "a-key"}
    answer = await as_role("practitioner").post(f"/v1/referrals/{'9' * 300}/withdrawal", json={}, headers=headers)

    assert answer.status_code == 422
