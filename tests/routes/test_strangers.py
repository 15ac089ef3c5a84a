"""Whoever comes without being known is told to wait, and nobody who is known waits for them."""

import asyncio
import datetime
import hashlib
import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr
from sqlalchemy import text
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from service import db
from service.access.callers import Role
from service.app import create_app
from service.db import Session, Sessions
from service.operations import strangers
from service.operations.strangers import Strangers
from service.settings import Settings
from service.store import admissions
from tests import make
from tests.clusters import DatabaseUrls
from tests.routes.callers import AsRole, Clock, TokenFor
from tests.routes.clients import System, new_key, register

MOST = 3
HOSTS = itertools.count(1)
PACKS, LIST = "/v1/packs", "/v1/provider/referrals"
At = Callable[..., AsyncClient]
LOST = Settings(environment="development", database_url=SecretStr("postgresql://nobody@/nothing?host=/nowhere"))


@pytest.fixture
async def doors(app: FastAPI, database_urls: DatabaseUrls, clock: Clock) -> AsyncIterator[list[FastAPI]]:
    """Give two processes of a service that bears few strangers."""
    settings = Settings(
        environment="development",
        database_url=SecretStr(database_urls.application),
        stranger_requests_per_minute=MOST,
    )
    first, second = (create_app(settings, clock) for _ in range(2))
    async with first.router.lifespan_context(first), second.router.lifespan_context(second):
        yield [first, second]


@pytest.fixture
def host() -> str:
    """Return an address that no other test comes from."""
    return f"198.51.100.{next(HOSTS)}"


@pytest.fixture
def at(doors: list[FastAPI], host: str) -> At:
    """Give what opens a client at a process's door, coming from this test's address unless from another."""

    def client(door: int = 0, comes_from: str = host) -> AsyncClient:
        transport = ASGITransport(app=doors[door], client=(comes_from, 50_000))
        return AsyncClient(transport=transport, base_url=doors[door].state.settings.address)

    return client


@pytest.fixture
async def system(at: At, as_role: AsRole, clock: Clock, committing: Session, crn: str) -> System:
    """Return a registered provider's system that comes from this test's address."""
    await make.add_contract(committing, f"contract-{crn}", f"org-{crn}")
    await make.add_provider_worker(committing, f"worker-{crn}", f"org-{crn}")
    await committing.commit()
    client = at()
    system = System(client, clock, f"client-{crn}", f"worker-{crn}", str(client.base_url).rstrip("/"))
    assert (await register(as_role(Role.ADMINISTRATOR), system, f"org-{crn}")).status_code == 200
    return system


async def knocks(client: AsyncClient, times: int = MOST + 1) -> list[int]:
    return [(await client.get(PACKS)).status_code for _ in range(times)]


async def test_every_process_counts_the_same_strangers(at: At, clock: Clock) -> None:
    answers = [await at(number % 2).get(PACKS) for number in range(MOST + 2)]

    assert [answer.status_code for answer in answers] == [401] * MOST + [429] * 2
    assert '"stranger";q=3;w=60' in answers[0].headers["ratelimit-policy"]
    assert [answers[n].headers["ratelimit"] for n in (0, -1)] == ['"stranger";r=2;t=60', '"stranger";r=0;t=60']
    for refused in answers[MOST:]:
        assert (refused.headers["retry-after"], refused.json()["code"]) == ("60", "too-many-requests")
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["www-authenticate"].startswith("Bearer resource_metadata=")
        assert refused.json()["trace_id"] == refused.headers["trace-id"]
    clock.advance(minutes=1)
    assert (await at().get(PACKS)).status_code == 401


async def test_strangers_elsewhere_are_not_counted_together_and_those_of_one_ipv6_network_are(at: At) -> None:
    assert (await knocks(at()))[-1] == 429
    assert await knocks(at(comes_from="203.0.113.250"), 1) == [401]
    of_one = [await knocks(at(comes_from=f"2001:db8:0:1::{number}"), 1) for number in range(MOST + 1)]
    assert of_one == [[401]] * MOST + [[429]]


async def test_only_the_gateway_is_believed_about_where_somebody_comes_from(doors: list[FastAPI], host: str) -> None:
    gateway = f"203.0.113.{next(HOSTS)}"
    behind = cast("Any", ProxyHeadersMiddleware(cast("Any", doors[0]), trusted_hosts=gateway))

    async def knock(comes_from: str, forwarded: str) -> int:
        transport = ASGITransport(app=behind, client=(comes_from, 50_000))
        async with AsyncClient(transport=transport, base_url="http://broker") as client:
            return (await client.get(PACKS, headers={"X-Forwarded-For": forwarded})).status_code

    made_up = [await knock(host, f"192.0.2.{number}") for number in range(MOST + 1)]
    of_many = [await knock(gateway, f"192.0.2.{number}, 192.0.2.{100 + number}") for number in range(MOST + 1)]
    of_one = [await knock(gateway, f"192.0.2.{number}, 192.0.2.200") for number in range(MOST + 1)]

    assert (made_up, of_many, of_one) == ([401] * MOST + [429], [401] * (MOST + 1), [401] * MOST + [429])


async def test_who_is_known_is_let_in_from_where_strangers_are_refused(at: At, system: System) -> None:
    unknown = at()
    assert (await knocks(unknown))[-1] == 429

    answer = await system.ask(grant_type="client_credentials", proof=system.proof("POST", "/oauth2/token"))
    token = answer.json()["access_token"]
    seen = [await system.get_bound(LIST, token) for _ in range(MOST + 1)]

    assert [one.status_code for one in seen] == [200] * (MOST + 1)
    assert "stranger" not in seen[0].headers["ratelimit-policy"]
    for path in ("/health/live", "/health/ready", "/metrics", "/.well-known/jwks.json", "/pages/sign-in"):
        assert (await unknown.get(path)).status_code == 200


async def test_known_callers_refusals_are_no_strangers(at: At, token_for: TokenFor, crn: str) -> None:
    known = {"Authorization": f"Bearer {token_for('auditor')}"}
    there = at()
    answers = [(await there.get(f"/v1/cases/{crn}", headers=known)).status_code for _ in range(MOST)]
    answers += [(await there.get("/v1/nothing", headers=known)).status_code for _ in range(MOST)]

    assert set(answers) <= {403, 404}
    assert await knocks(there) == [401] * MOST + [429]


Knock = Callable[[System, AsyncClient], Awaitable[Response]]


async def _no_token(_: System, there: AsyncClient) -> Response:
    return await there.get("/v1/nothing")


async def _not_a_token(_: System, there: AsyncClient) -> Response:
    return await there.get(PACKS, headers={"Authorization": "Basic cC5kZW1vOnA="})


async def _nobody_s_token(_: System, there: AsyncClient) -> Response:
    return await there.get(PACKS, headers={"Authorization": "Bearer c2VjcmV0"})


async def _an_ended_token(system: System, _: AsyncClient) -> Response:
    token = await system.token()
    await system.ask("/oauth2/revoke", token=token)
    return await system.get(LIST, token)


async def _a_bound_token_alone(system: System, there: AsyncClient) -> Response:
    return await there.get(LIST, headers={"Authorization": f"DPoP {await system.token(bound=True)}"})


async def _a_proof_of_another_key(system: System, _: AsyncClient) -> Response:
    token = await system.token(bound=True)
    return await system.get_bound(LIST, token, system.proof("GET", LIST, token, key=new_key()))


async def _a_proof_used_before(system: System, _: AsyncClient) -> Response:
    token = await system.token(bound=True)
    proof = system.proof("GET", LIST, token)
    assert (await system.get_bound(LIST, token, proof)).status_code == 200
    return await system.get_bound(LIST, token, proof)


async def _an_assertion_of_another_key(system: System, _: AsyncClient) -> Response:
    return await system.ask(grant_type="client_credentials", client_assertion=system.assertion(key=new_key()))


async def _a_secret_that_is_none(system: System, _: AsyncClient) -> Response:
    return await system.ask("/oauth2/introspect", client_id=system.id, client_secret="guessed", token="x")


async def _a_client_that_is_none(system: System, _: AsyncClient) -> Response:
    return await system.ask("/oauth2/revoke", client_assertion=system.assertion(client="nobody"), token="x")


STRANGERS = (
    *(_no_token, _not_a_token, _nobody_s_token, _an_ended_token, _a_bound_token_alone, _a_proof_of_another_key),
    *(_a_proof_used_before, _an_assertion_of_another_key, _a_secret_that_is_none, _a_client_that_is_none),
)


@pytest.mark.parametrize("knock", STRANGERS, ids=lambda knock: knock.__name__.strip("_"))
async def test_whatever_a_stranger_is_refused_for_counts(system: System, at: At, knock: Knock) -> None:
    statuses = [(await knock(system, at())).status_code for _ in range(MOST)]
    last = await knock(system, at())

    assert [*statuses, last.status_code] == [401] * MOST + [429]
    # Whose token has ended still learns that another would be let in.
    assert "www-authenticate" in last.headers


async def test_who_guesses_a_way_into_the_pages_is_shown_a_page_that_says_wait(at: At) -> None:
    answers = [await at().get(f"/pages/sign-in/link?key={'A' * 43}") for _ in range(MOST + 1)]

    assert [answer.status_code for answer in answers] == [401] * MOST + [429]
    assert answers[-1].headers["content-type"].startswith("text/html")
    assert (answers[-1].headers["retry-after"], "You have asked too often" in answers[-1].text) == ("60", True)
    # Who has merely not signed in is led to where they can.
    assert (await at().get("/pages/people")).headers["location"] == "/pages/sign-in"


async def kept(committing: Session) -> dict[str, int]:
    await committing.rollback()
    found = await (await committing.connection()).execute(
        text("SELECT name, requests FROM request_count WHERE kind = 'stranger'")
    )
    return {row.name: row.requests for row in found}


async def test_what_is_kept_of_an_address_is_a_mark_and_soon_forgotten(
    at: At, host: str, committing: Session, clock: Clock
) -> None:
    before = await kept(committing)
    await knocks(at(), MOST + 5)

    ((mark, requests),) = set((await kept(committing)).items()) - set(before.items())
    assert re.fullmatch("[0-9a-f]{64}", mark)
    assert mark != hashlib.sha256(host.encode()).hexdigest()
    # Once a process knows them beyond the limit, it asks the database no more.
    assert requests == MOST + 1
    await admissions.forget(committing, clock.now + datetime.timedelta(minutes=11))
    await committing.commit()
    assert mark not in await kept(committing)


async def test_many_strangers_at_once_are_each_counted(at: At) -> None:
    answers = await asyncio.gather(*(at(number % 2).get(PACKS) for number in range(20)))

    assert sorted(answer.status_code for answer in answers) == [401] * MOST + [429] * (20 - MOST)


async def test_without_the_database_a_stranger_is_refused_as_before(doors: list[FastAPI], at: At) -> None:
    engine = db.create_engine(LOST)
    doors[0].state.strangers = Strangers(db.create_session_factory(engine), b"key", MOST)

    assert await knocks(at()) == [401] * (MOST + 1)
    await engine.dispose()


@dataclass
class Watched:
    """Opens sessions, and knows how many there were at once."""

    sessions: Sessions
    open: int = 0
    most_open: int = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Session]:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            async with self.sessions() as session:
                yield session
        finally:
            self.open -= 1


async def test_a_flood_waits_for_a_busy_database_a_moment_and_with_few_connections(
    doors: list[FastAPI], at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "WAIT_SECONDS", 0.2)
    watched = Watched(doors[0].state.sessions)
    doors[0].state.strangers = Strangers(cast("Sessions", watched), b"key", MOST)
    async with doors[1].state.sessions() as busy:
        await (await busy.connection()).execute(text("LOCK TABLE request_count"))
        refused = await asyncio.gather(*(at().get(PACKS) for _ in range(30)))

    assert {answer.status_code for answer in refused} == {401}
    assert watched.most_open == strangers.CONNECTIONS
    assert (await knocks(at()))[-1] == 429
