"""A client finds out by itself where to ask, how to prove who it is, and what its tokens must be."""

import pytest
from httpx import AsyncClient
from joserfc import jwk, jws

from service.access.assertions import make_assertion
from service.access.callers import Role
from service.access.scopes import SCOPES
from service.settings import Settings
from tests.routes.callers import AsRole, Clock
from tests.routes.clients import System, new_key, register


async def test_the_issuer_says_where_and_how_to_ask(client: AsyncClient, app_settings: Settings) -> None:
    said = (await client.get("/.well-known/oauth-authorization-server")).json()

    assert said["issuer"] == app_settings.address
    assert said["token_endpoint"] == f"{app_settings.address}/oauth2/token"
    assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt", "client_secret_post"]
    assert said["token_endpoint_auth_signing_alg_values_supported"] == ["ES256", "ES384", "ES512"]
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        answer = await client.post(said[name], data={"grant_type": "client_credentials", "token": "x"})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        for what in ("methods", "signing_alg_values"):
            assert said[f"{name}_auth_{what}_supported"] == said[f"token_endpoint_auth_{what}_supported"]


@pytest.mark.parametrize("curve", ["P-256", "P-384", "P-521"])
async def test_a_client_proves_itself_in_every_way_that_is_published(
    client: AsyncClient, as_role: AsRole, app_settings: Settings, clock: Clock, crn: str, curve: str
) -> None:
    key = jwk.generate_key("EC", curve, auto_kid=True)  # type: ignore[call-overload]
    system = System(client, clock, f"client-{crn}", None, app_settings.address, key)
    administrator = as_role(Role.ADMINISTRATOR)
    kept = await register(administrator, system, "", role="record_system", organisation=None, scopes=[])
    claims = jws.extract_compact(make_assertion(new_key(), system.id, None, system.address, clock.now).encode()).payload
    algorithm = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}[curve]
    asserted = jws.serialize_compact({"alg": algorithm, "kid": key.kid}, claims, key, [algorithm])

    assert kept.status_code == 200
    assert (await system.ask(grant_type="client_credentials", client_assertion=asserted)).status_code == 200


async def test_the_service_says_whose_tokens_it_takes(client: AsyncClient, app_settings: Settings) -> None:
    said = (await client.get("/.well-known/oauth-protected-resource")).json()

    assert said["authorization_servers"] == [app_settings.address]
    assert said["scopes_supported"] == list(SCOPES)
    assert said["dpop_bound_access_tokens_required"] is False
