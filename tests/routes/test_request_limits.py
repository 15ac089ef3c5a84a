"""Nobody asks without end: a client, a worker and a looker-up of persons each have so many requests a minute."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr

from service.app import create_app
from service.settings import Settings
from tests.clusters import DatabaseUrls
from tests.routes.callers import AsRole, Clock, TokenFor
from tests.routes.clients import System, register

WORKER, LOOKUPS = 6, 3
PACKS, PERSON = "/v1/packs", "/v1/cases/A999999"


@pytest.fixture
async def limited(app: FastAPI, database_urls: DatabaseUrls, clock: Clock) -> AsyncIterator[list[AsyncClient]]:
    """Give clients at two processes' doors of a service with low limits."""
    settings = Settings(
        environment="development",
        database_url=SecretStr(database_urls.application),
        worker_requests_per_minute=WORKER,
        person_lookups_per_minute=LOOKUPS,
    )
    first, second = (create_app(settings, clock) for _ in range(2))
    async with first.router.lifespan_context(first), second.router.lifespan_context(second):
        yield [AsyncClient(transport=ASGITransport(app=one), base_url=settings.address) for one in (first, second)]


async def test_every_process_counts_the_same_worker(
    limited: list[AsyncClient], token_for: TokenFor, clock: Clock, crn: str
) -> None:
    headers = {"Authorization": f"Bearer {token_for('practitioner', f'p.{crn}')}"}
    answers = [await limited[number % 2].get(PACKS, headers=headers) for number in range(WORKER + 2)]

    assert [answer.status_code for answer in answers] == [200] * WORKER + [429] * 2
    assert '"worker";q=6;w=60' in answers[0].headers["ratelimit-policy"]
    assert '"worker";r=5;t=60' in answers[0].headers["ratelimit"]
    assert '"worker";r=0;t=60' in answers[-1].headers["ratelimit"]
    assert (answers[-1].headers["retry-after"], answers[-1].json()["code"]) == ("60", "too-many-requests")
    clock.advance(minutes=1)
    assert (await limited[0].get(PACKS, headers=headers)).status_code == 200


async def test_looking_up_persons_ends_sooner_and_leaves_the_rest_open(
    limited: list[AsyncClient], token_for: TokenFor, crn: str
) -> None:
    headers = {"Authorization": f"Bearer {token_for('practitioner', f'p.{crn}')}"}
    answers = [await limited[0].get(PERSON, headers=headers) for _ in range(LOOKUPS + 1)]

    assert [answer.status_code for answer in answers] == [404] * LOOKUPS + [429]
    assert (await limited[0].get(PACKS, headers=headers)).status_code == 200


async def test_one_worker_s_haste_is_not_another_s(limited: list[AsyncClient], token_for: TokenFor, crn: str) -> None:
    hasty, calm = ({"Authorization": f"Bearer {token_for('manager', f'{one}.{crn}')}"} for one in ("m", "n"))
    for _ in range(WORKER + 1):
        await limited[0].get(PACKS, headers=hasty)

    assert (await limited[0].get(PACKS, headers=calm)).status_code == 200


async def test_the_token_endpoint_says_how_often_a_client_may_still_ask(
    app: FastAPI, database_urls: DatabaseUrls, as_role: AsRole, clock: Clock, crn: str
) -> None:
    url = SecretStr(database_urls.application)
    settings = Settings(environment="development", database_url=url, client_requests_per_minute=2)
    hasty = create_app(settings, clock)
    async with hasty.router.lifespan_context(hasty):
        door = AsyncClient(transport=ASGITransport(app=hasty), base_url=settings.address)
        system = System(door, clock, f"client-{crn}", None, settings.address)
        nobodys: dict[str, Any] = {"role": "record_system", "organisation": None, "scopes": []}
        assert (await register(as_role("administrator"), system, "", **nobodys)).status_code == 200
        answers = [await system.ask(grant_type="client_credentials") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit"] for answer in answers] == [f'"client";r={left};t=60' for left in (1, 0, 0)]
    assert answers[2].headers["ratelimit-policy"] == '"client";q=2;w=60'
    assert answers[2].headers["retry-after"] == "60"
