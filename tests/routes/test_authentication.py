"""Nobody comes in unknown, everybody's answer carries the same safe headers, and no log line says whose case it was."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from structlog.testing import capture_logs

from service.access.issuers import EXTERNAL, Issuer, KeyDocuments, KeyRing
from service.access.tokens import LIFE
from service.app import create_app
from service.db import Session
from service.errors import Unavailable
from service.routes import api_pages
from service.routes.authentication import LARGEST_BODY
from service.settings import Settings
from tests import make
from tests.routes import traces
from tests.routes.conftest import AsRole, Clock, TokenFor

PUBLIC = [*sorted(api_pages.PATHS), "/openapi.json", "/health/live", "/health/ready", "/metrics"]
WELL_KNOWN = ["/.well-known/jwks.json", "/.well-known/oauth-authorization-server"]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("path", [*PUBLIC, *WELL_KNOWN])
async def test_a_public_path_needs_no_token(client: AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


async def test_a_development_machine_leads_to_the_api_page(client: AsyncClient) -> None:
    answer = await client.get("/")

    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/packs", "/v1/nothing", "/nothing", "/v1/cases/not-a-crn", "/redoc", "/docs/oauth2-redirect"),
        *("/docs/", "/metrics/", "//docs", "/health", "/health/live/x", "/.well-known/other", "/openapi.json/v1/packs"),
        *("/docs%2f..%2fv1/packs", "/docs/../v1/packs", "/DOCS"),
    ],
)
async def test_any_other_path_needs_one_whether_it_exists_or_not(app: FastAPI, path: str) -> None:
    # A client would tidy some of these before it sent them.
    url = httpx.URL("http://broker", raw_path=path.encode())
    request = httpx.Request("GET", url)
    answer = await ASGITransport(app=app).handle_async_request(request)

    assert (answer.status_code, answer.headers["www-authenticate"].partition(" ")[0]) == (401, "Bearer")
    assert "error" not in answer.headers["www-authenticate"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "QUERY"])
async def test_a_stranger_is_refused_by_every_method_and_whatever_they_send(client: AsyncClient, method: str) -> None:
    bodies = [b"{not json", b" " * (LARGEST_BODY + 1), b""]

    answers = [await client.request(method, "/v1/cases", content=body) for body in bodies]

    assert [answer.status_code for answer in answers] == [401] * 3


@pytest.mark.parametrize("header", ["Basic cC5kZW1vOnA=", "Bearer", "Bearer a b", "Bearer é", ""])
async def test_what_is_no_bearer_token_is_refused(client: AsyncClient, header: str) -> None:
    answer = await client.get("/v1/packs", headers={b"Authorization": header.encode("latin-1")})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token", ')


async def test_of_two_tokens_neither_counts(client: AsyncClient, token_for: TokenFor) -> None:
    good = f"Bearer {token_for('practitioner')}"

    answer = await client.get("/v1/packs", headers=[("Authorization", good), ("Authorization", good)])

    assert answer.status_code == 401


async def test_a_token_in_the_address_does_not_count(client: AsyncClient, token_for: TokenFor) -> None:
    assert (await client.get(f"/v1/packs?access_token={token_for('practitioner')}")).status_code == 401


async def test_a_token_is_good_for_eight_hours(client: AsyncClient, token_for: TokenFor, clock: Clock) -> None:
    headers = {"Authorization": f"Bearer {token_for('practitioner')}"}
    statuses = []
    for _ in range(2):
        statuses.append((await client.get("/v1/packs", headers=headers)).status_code)
        clock.advance(seconds=LIFE.total_seconds() + 60)

    assert statuses == [200, 401]


@pytest.mark.parametrize("path", [*PUBLIC, "/v1/packs", "/v1/nothing"])
async def test_every_answer_forbids_keeping_sniffing_and_framing(as_role: AsRole, path: str) -> None:
    headers = (await as_role("practitioner").get(path)).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert re.fullmatch("[0-9a-f]{32}", headers["trace-id"])


async def test_a_callers_trace_goes_on_and_a_made_up_one_does_not(client: AsyncClient) -> None:
    sent = [f"00-{TRACE}-00f067aa0ba902b7-01", f"00-{'0' * 32}-00f067aa0ba902b7-01", "X123456", TRACE.upper()]

    seen = [(await client.get("/health/live", headers={"traceparent": one})).headers["trace-id"] for one in sent]

    assert seen[0] == TRACE
    assert not {TRACE, "0" * 32, "X123456"} & set(seen[1:])


async def test_a_log_line_says_what_was_asked_and_not_about_whom_or_by_whom(as_role: AsRole, crn: str) -> None:
    practitioner = as_role("practitioner", worker="somebody.by.name")
    with capture_logs() as lines:
        answer = await practitioner.get(f"/v1/cases/{crn}/profile?name=Smith", headers={"User-Agent": "Smith"})

    (line,) = [line for line in lines if line["event"] == "answered"]  # the sealer logs besides
    assert line.pop("milliseconds") >= 0
    assert line == {
        "event": "answered",
        "log_level": "info",
        "method": "GET",
        "route": "/v1/cases/{crn}/profile",
        "status": 404,
        "trace_id": answer.headers["trace-id"],
        "role": "practitioner",
    }


async def test_a_refused_token_is_neither_logged_nor_counted_by_its_text(client: AsyncClient) -> None:
    with capture_logs() as lines:
        await client.get("/v1/cases/X000000/profile", headers={"Authorization": "Bearer c2VjcmV0"})
    numbers = (await client.get("/metrics")).text

    assert "c2VjcmV0" not in repr(lines) + numbers
    assert "X000000" not in repr(lines) + numbers
    assert 'broker_unauthenticated_total{reason="garbled"}' in numbers


async def test_numbers_are_kept_by_template_so_that_no_path_names_anybody(as_role: AsRole, crn: str) -> None:
    practitioner = as_role("practitioner")
    await practitioner.get(f"/v1/cases/{crn}/profile")
    await practitioner.request("BREW", f"/v1/cases/{crn}/profile")

    numbers = (await practitioner.get("/metrics")).text

    assert 'broker_answers_total{method="GET",route="/v1/cases/{crn}/profile",status="404"}' in numbers
    assert 'method="other"' in numbers
    assert crn not in numbers
    assert "BREW" not in numbers


@pytest.fixture
def away(app: FastAPI) -> Iterator[FastAPI]:
    """Give the service while the issuer's keys cannot be fetched."""
    there: Issuer = app.state.issuer

    async def fetch() -> KeyDocuments:
        raise Unavailable

    app.state.issuer = Issuer(there.expected, KeyRing(fetch, EXTERNAL))
    yield app
    app.state.issuer = there


async def test_without_the_issuers_keys_nobody_comes_in_and_the_answer_says_why(away: FastAPI, as_role: AsRole) -> None:
    answer = await as_role("practitioner").get("/v1/packs")

    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "30")
    assert "keys" in answer.json()["detail"]


@pytest.fixture
async def in_production(app_settings: Settings) -> AsyncIterator[AsyncClient]:
    """Give a client of the service as production runs it: with an issuer elsewhere."""
    production = {"environment": "production", "issuer": "https://issuer.example"}
    app = create_app(app_settings.model_copy(update=production))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app=app), base_url="http://broker") as client,
    ):
        yield client


@pytest.mark.parametrize("path", [*WELL_KNOWN, "/"])
async def test_in_production_our_own_issuer_does_not_exist(in_production: AsyncClient, path: str) -> None:
    answer = await in_production.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_websocket_is_closed(app: FastAPI) -> None:
    sent = []

    async def send(message: object) -> None:
        sent.append(message)

    await app({"type": "websocket", "path": "/docs", "headers": []}, asyncio.Event().wait, send)  # type: ignore[arg-type]

    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    "header",
    [
        *("subject-distinguished-name", "cert-serial-number", "X-Forwarded-User", "X-Remote-User", "X-Client-Cert"),
        *("X-On-Behalf-Of", "X-Api-Key", "X-Feature-Override", "X-Original-URL", "X-HTTP-Method-Override"),
    ],
)
async def test_a_header_that_names_somebody_lets_nobody_in_and_makes_nobody_another(
    client: AsyncClient, as_role: AsRole, committing: Session, crn: str, header: str
) -> None:
    await make.open_case(committing, crn, worker=f"own.{crn}")
    await committing.commit()
    named = {header: f"/C=GB,CN=own.{crn}"}
    path = f"/v1/cases/{crn}"

    unknown = await client.get(path, headers=named)
    another = await as_role("practitioner", worker=f"else.{crn}").get(path, headers=named)
    own = await as_role("practitioner", worker=f"own.{crn}").get(path, headers={header: "DELETE"})

    assert [answer.status_code for answer in (unknown, another, own)] == [401, 404, 200]
    (row,) = await traces.refusals_of(committing, crn, "read_case")
    assert row["worker_id"] == f"else.{crn}"


async def test_no_two_answers_have_one_trace(client: AsyncClient) -> None:
    answers = [await client.get(path) for path in ("/health/live", "/v1/packs", "/v1/packs", "/nothing")]

    assert len({answer.headers["trace-id"] for answer in answers}) == len(answers)
    assert [answer.json()["trace_id"] for answer in answers[1:]] == [one.headers["trace-id"] for one in answers[1:]]
