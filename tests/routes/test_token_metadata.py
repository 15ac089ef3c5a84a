"""A client finds out by itself where to ask, how to prove who it is, and what its tokens must be."""

from httpx import AsyncClient

from service.access.scopes import SCOPES
from service.settings import Settings


async def test_the_issuer_says_where_and_how_to_ask(client: AsyncClient, app_settings: Settings) -> None:
    said = (await client.get("/.well-known/oauth-authorization-server")).json()

    assert said["issuer"] == app_settings.address
    assert said["token_endpoint"] == f"{app_settings.address}/oauth2/token"
    assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt", "client_secret_post"]
    assert "none" not in said["token_endpoint_auth_signing_alg_values_supported"]
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        answer = await client.post(said[name], data={"grant_type": "client_credentials", "token": "x"})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_the_service_says_whose_tokens_it_takes(client: AsyncClient, app_settings: Settings) -> None:
    said = (await client.get("/.well-known/oauth-protected-resource")).json()

    assert said["authorization_servers"] == [app_settings.address]
    assert said["scopes_supported"] == list(SCOPES)
    assert said["dpop_bound_access_tokens_required"] is False
