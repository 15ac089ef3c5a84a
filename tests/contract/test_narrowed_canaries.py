"""What reaches a provider by a token that was narrowed: the same markers as by a whole one, or fewer, never others."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from joserfc.jwk import ECKey

from service.access import tokens
from service.access.callers import Role
from service.access.scopes import SCOPES
from service.access.tokens import Bearer
from service.settings import Settings
from tests.contract.test_canaries import (
    OTHER,
    PRIME,
    SUBCONTRACTOR,
    WORKERS,
    Canaries,
    called,
    canaries,
    expected,
    markers_from,
)
from tests.routes.callers import Clock, FreshTokens

__all__ = ["canaries"]
Narrowed = Callable[..., AsyncClient]


@pytest.fixture
def narrowed(app: FastAPI, app_settings: Settings, signing_key: ECKey, clock: Clock) -> Narrowed:
    """Return what opens a client for the prime's worker, with a token narrowed in some way."""

    def open_client(**narrower: object) -> AsyncClient:
        bearer = Bearer(WORKERS[PRIME], Role.PROVIDER, organisation=PRIME, **narrower)  # type: ignore[arg-type]
        issuer, audience = app_settings.address, app_settings.audience
        fresh = FreshTokens(lambda: tokens.sign(signing_key, bearer, issuer=issuer, audience=audience, now=clock.now))
        return AsyncClient(transport=ASGITransport(app=app), base_url=issuer, auth=fresh)

    return open_client


@pytest.mark.parametrize("how", ["its referral", "its subcontractor", *SCOPES])
async def test_a_narrowed_token_gets_what_it_was_narrowed_to_from_every_route(
    app: FastAPI, canaries: Canaries, narrowed: Narrowed, how: str
) -> None:
    """Of a referral that is theirs: everything, where it is the one or is shared; of the operations, the scope's."""
    ways: dict[str, dict[str, object]] = {
        "its referral": {"narrowed_to": canaries.own.referral_id},
        "its subcontractor": {"subcontractor": SUBCONTRACTOR},
    }
    narrower = ways.get(how, {"scopes": frozenset({how})})
    client, wrong = narrowed(**narrower), {}
    for operation in called(app):
        found = await markers_from(client, operation, canaries.own)
        is_opened = how not in SCOPES or operation.id in SCOPES[how]
        if found != (expected(operation.id) if is_opened else set()):
            wrong[operation.id] = sorted(found)

    assert wrong == {}


@pytest.mark.parametrize("how", ["another referral", "a stranger's subcontractor", "no scope at all"])
async def test_a_token_narrowed_to_something_else_gets_nothing_of_it(
    app: FastAPI, canaries: Canaries, narrowed: Narrowed, how: str
) -> None:
    ways: dict[str, dict[str, object]] = {
        "another referral": {"narrowed_to": canaries.changing.referral_id},
        "a stranger's subcontractor": {"subcontractor": OTHER},
        "no scope at all": {"scopes": frozenset()},
    }
    narrower = ways[how]
    client, found = narrowed(**narrower), {}
    for operation in called(app):
        if markers := await markers_from(client, operation, canaries.own):
            found[operation.id] = sorted(markers)

    assert found == {}
