"""A provider's token is its key's holder's alone: bound to it outside development, and proven anew by each request."""

import asyncio
import datetime
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from joserfc import jwt
from pydantic import SecretStr

from service.access.callers import Role
from service.app import create_app
from service.db import Session
from service.settings import Settings
from tests import make
from tests.clusters import DatabaseUrls
from tests.routes.callers import AsRole, Clock
from tests.routes.clients import System, new_key, public, register

LIST = "/v1/provider/referrals"
PUBLIC_URL = "https://broker.example"
NO_LIMIT = 1_000_000


@pytest.fixture
async def production(app: FastAPI, database_urls: DatabaseUrls, clock: Clock) -> AsyncIterator[FastAPI]:
    """Give the service as it runs outside development, on the same database."""
    settings = Settings(
        environment="production",
        database_url=SecretStr(database_urls.application),
        issuer="https://login.example",
        embedded_issuer=True,
        public_url=PUBLIC_URL,
        client_requests_per_minute=NO_LIMIT,
        worker_requests_per_minute=NO_LIMIT,
        person_lookups_per_minute=NO_LIMIT,
        stranger_requests_per_minute=NO_LIMIT,
    )
    production = create_app(settings, clock)
    async with production.router.lifespan_context(production):
        yield production


@pytest.fixture
async def system(production: FastAPI, as_role: AsRole, clock: Clock, committing: Session, crn: str) -> System:
    """Return a provider's system registered there; its person has been referred."""
    await make.add_contract(committing, f"contract-{crn}", f"org-{crn}")
    await make.add_provider_worker(committing, f"worker-{crn}", f"org-{crn}")
    await make.open_case(committing, crn)
    await make.add_sent_referral(committing, crn, "commissioned_services", "received", recipient_id=f"contract-{crn}")
    await committing.commit()
    visitor = AsyncClient(transport=ASGITransport(app=production), base_url=PUBLIC_URL)
    system = System(visitor, clock, f"client-{crn}", f"worker-{crn}", PUBLIC_URL)
    assert (await register(as_role(Role.ADMINISTRATOR), system, f"org-{crn}")).status_code == 200
    return system


async def test_outside_development_a_token_is_bound_or_not_given(system: System, crn: str) -> None:
    without = await system.ask(grant_type="client_credentials")
    bound = await system.ask(grant_type="client_credentials", proof=system.proof("POST", "/oauth2/token"))

    assert (without.status_code, without.json()["error"]) == (400, "invalid_dpop_proof")
    assert bound.json()["token_type"] == "DPoP"
    listed = await system.get_bound(LIST, bound.json()["access_token"])
    assert [one["crn"] for one in listed.json()["items"]] == [crn]


async def test_outside_development_there_is_no_secret(
    system: System, as_role: AsRole, production: FastAPI, crn: str
) -> None:
    secret = {"secret": "a-secret-of-development-machines-only", "worker": f"worker-{crn}"}
    await register(as_role(Role.ADMINISTRATOR), system, f"org-{crn}", **secret)  # at a development machine

    answer = await system.ask(
        grant_type="client_credentials",
        client_id=system.id,
        client_secret=secret["secret"],
        proof=system.proof("POST", "/oauth2/token"),
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    said = (await system.client.get("/.well-known/oauth-authorization-server")).json()
    assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]


async def _unbound(system: System, token: str) -> Response:
    return await system.get(LIST, token)


async def _no_proof(system: System, token: str) -> Response:
    return await system.client.get(LIST, headers={"Authorization": f"DPoP {token}"})


async def _two_proofs(system: System, token: str) -> Response:
    proofs = [("DPoP", system.proof("GET", LIST, token)) for _ in range(2)]
    return await system.client.get(LIST, headers=[("Authorization", f"DPoP {token}"), *proofs])


async def _replayed(system: System, token: str) -> Response:
    proof = system.proof("GET", LIST, token)
    assert (await system.get_bound(LIST, token, proof)).status_code == 200
    return await system.get_bound(LIST, token, proof)


async def _of_another_key(system: System, token: str) -> Response:
    return await system.get_bound(LIST, token, system.proof("GET", LIST, token, key=new_key()))


async def _for_another_method(system: System, token: str) -> Response:
    return await system.get_bound(LIST, token, system.proof("POST", LIST, token))


async def _for_another_address(system: System, token: str) -> Response:
    return await system.get_bound(LIST, token, system.proof("GET", "/v1/provider/changes", token))


async def _for_another_host(system: System, token: str) -> Response:
    elsewhere = System(system.client, system.clock, system.id, None, "https://elsewhere.example", system.key)
    return await system.get_bound(LIST, token, elsewhere.proof("GET", LIST, token))


async def _for_another_token(system: System, token: str) -> Response:
    another = await system.token(bound=True)
    return await system.get_bound(LIST, token, system.proof("GET", LIST, another))


async def _for_no_token(system: System, token: str) -> Response:
    return await system.get_bound(LIST, token, system.proof("GET", LIST))


async def _old(system: System, token: str) -> Response:
    proof = system.proof("GET", LIST, token)
    system.clock.advance(seconds=91)
    return await system.get_bound(LIST, token, proof)


async def _of_the_future(system: System, token: str) -> Response:
    system.clock.advance(seconds=120)
    proof = system.proof("GET", LIST, token)
    system.clock.advance(seconds=-120)
    return await system.get_bound(LIST, token, proof)


async def _with_its_private_key(system: System, token: str) -> Response:
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": system.key.as_dict(private=True)}
    claims = {"jti": "one", "htm": "GET", "htu": PUBLIC_URL + LIST, "iat": int(system.now.timestamp())}
    return await system.get_bound(LIST, token, jwt.encode(header, claims, system.key, algorithms=["ES256"]))


async def _of_another_type(system: System, token: str) -> Response:
    header = {"typ": "JWT", "alg": "ES256", "jwk": public(system.key)}
    claims = {"jti": "one", "htm": "GET", "htu": PUBLIC_URL + LIST, "iat": int(system.now.timestamp())}
    return await system.get_bound(LIST, token, jwt.encode(header, claims, system.key, algorithms=["ES256"]))


async def _garbled(system: System, token: str) -> Response:
    return await system.get_bound(LIST, token, "no.proof.at-all")


BAD = (
    *(_unbound, _no_proof, _two_proofs, _replayed, _of_another_key, _for_another_method, _for_another_address),
    *(_for_another_host, _for_another_token, _for_no_token, _old, _of_the_future, _with_its_private_key),
    *(_of_another_type, _garbled),
)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.__name__.strip("_"))
async def test_a_bound_token_without_its_one_fresh_proof_is_nobodys(system: System, bad: Any) -> None:
    token = await system.token(bound=True)

    answer = await bad(system, token)

    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"].startswith(("Bearer", "DPoP"))


async def test_one_proof_lets_one_of_many_at_once_through(system: System) -> None:
    token = await system.token(bound=True)
    proof = system.proof("GET", LIST, token)
    answers = await asyncio.gather(*(system.get_bound(LIST, token, proof) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


async def test_a_proof_is_spent_by_a_request_that_is_refused(system: System) -> None:
    token = await system.token(bound=True)
    path = f"{LIST}/{uuid.uuid4()}"
    proof = system.proof("GET", path, token)

    assert [(await system.get_bound(path, token, proof)).status_code for _ in range(2)] == [404, 401]


async def test_what_is_asked_in_the_query_does_not_count(system: System) -> None:
    token = await system.token(bound=True)
    proof = system.proof("GET", LIST, token)

    assert (await system.get_bound(f"{LIST}?limit=1", token, proof)).status_code == 200


async def test_a_provider_s_unbound_token_is_nobody_s_outside_development(
    system: System, client: AsyncClient, app: FastAPI, crn: str
) -> None:
    """Not even one that our own key signed."""
    from service.access import tokens  # noqa: PLC0415
    from service.access.tokens import Bearer  # noqa: PLC0415
    from service.operations import signing_keys  # noqa: PLC0415

    async with app.state.sessions() as session:
        key = await signing_keys.signing_key(await session.driver(), system.now)
    bearer = Bearer(f"worker-{crn}", Role.PROVIDER, system.id, f"org-{crn}")
    token = tokens.sign(key, bearer, issuer=PUBLIC_URL, audience="referral-broker", now=system.now)

    assert (await system.get(LIST, token)).status_code == 401


async def test_an_exchanged_token_is_bound_to_the_same_key(system: System) -> None:
    token = await system.token(bound=True)
    with_another = await system.exchange(token, proof=system.proof("POST", "/oauth2/token", key=new_key()))
    with_the_same = await system.exchange(token, proof=system.proof("POST", "/oauth2/token"))

    assert with_another.status_code == 400
    narrow = with_the_same.json()["access_token"]
    assert (await system.get(LIST, narrow)).status_code == 401
    assert (await system.get_bound(LIST, narrow)).status_code == 200


async def test_a_proof_made_a_moment_ago_by_a_clock_that_is_fast_is_good(system: System) -> None:
    token = await system.token(bound=True)
    system.clock.advance(seconds=20)
    proof = system.proof("GET", LIST, token)
    system.clock.set(system.now - datetime.timedelta(seconds=20))

    assert (await system.get_bound(LIST, token, proof)).status_code == 200


async def test_a_system_that_was_stopped_goes_on_from_where_it_left_off(
    system: System, as_role: AsRole, clock: Clock, crn: str
) -> None:
    feed, administrator = "/v1/provider/changes", as_role(Role.ADMINISTRATOR)
    begun = await system.get_bound(feed, await system.token(bound=True))
    await register(administrator, system, f"org-{crn}", active=False)
    body = {"answers": {"risk_overall_level": {"value": "very_high"}}}
    path = f"/v1/cases/{crn}/profile"
    assert (await as_role("practitioner").patch(path, json=body, headers={"If-Match": "*"})).status_code == 200
    asked = system.proof("POST", "/oauth2/token")
    stopped = await system.ask(grant_type="client_credentials", proof=asked)
    clock.advance(days=30)
    await register(administrator, system, f"org-{crn}")

    token = await system.token(bound=True)
    proof = system.proof("GET", feed, token)
    told = await system.get_bound(f"{feed}?after={begun.json()['next']}", token, proof)

    assert stopped.status_code == 401
    assert [one["data"]["items"] for one in told.json()["items"]] == [["risk_overall_level"]]
