"""Whoever is refused is told how to be let in: which scheme, what was wrong with it, where that is described."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from joserfc import jwk, jwt

from service.access.proofs import PROOF_ALGORITHMS
from tests.routes.clients import System, new_key
from tests.routes.test_bound_tokens import LIST, PUBLIC_URL, production, system

__all__ = ["production", "system"]
DESCRIBED = f'resource_metadata="{PUBLIC_URL}/.well-known/oauth-protected-resource"'
PROVE = f'DPoP algs="{" ".join(PROOF_ALGORITHMS)}", {DESCRIBED}'
BAD_PROOF = f'DPoP error="invalid_dpop_proof", algs="{" ".join(PROOF_ALGORITHMS)}", {DESCRIBED}'
BAD_BOUND_TOKEN = BAD_PROOF.replace("invalid_dpop_proof", "invalid_token")
BAD_TOKEN = f'Bearer error="invalid_token", {DESCRIBED}, {PROVE}'


async def challenge(system: System, headers: Mapping[str, str], path: str = LIST) -> tuple[int, str]:
    answer = await system.client.get(path, headers=headers)
    return answer.status_code, answer.headers["www-authenticate"]


async def test_a_stranger_is_told_both_schemes_and_where_they_are_described(system: System) -> None:
    assert await challenge(system, {}) == (401, f"Bearer {DESCRIBED}, {PROVE}")
    described = re.findall(r'resource_metadata="([^"]+)"', (await challenge(system, {}))[1])
    said = (await system.client.get(described[0])).json()
    assert (said["resource"], said["dpop_signing_alg_values_supported"]) == (PUBLIC_URL, list(PROOF_ALGORITHMS))


async def test_what_was_wrong_is_said_in_the_scheme_it_was_sent_with(system: System) -> None:
    token, spent = await system.token(bound=True), ""
    spent = system.proof("GET", LIST, token)
    assert (await system.get_bound(LIST, token, spent)).status_code == 200
    wrong = {
        "a bound token without its scheme": ({"Authorization": f"Bearer {token}"}, BAD_TOKEN),
        "no token at all": ({"Authorization": "Bearer x"}, BAD_TOKEN),
        "a proof and no token": ({"Authorization": "DPoP x", "DPoP": spent}, BAD_BOUND_TOKEN),
        "no proof": ({"Authorization": f"DPoP {token}"}, BAD_PROOF),
        "a used proof": ({"Authorization": f"DPoP {token}", "DPoP": spent}, BAD_PROOF),
        "another's proof": (
            {"Authorization": f"DPoP {token}", "DPoP": system.proof("GET", LIST, token, key=new_key())},
            BAD_PROOF,
        ),
    }
    answers = {why: await challenge(system, headers) for why, (headers, _) in wrong.items()}
    await system.ask("/oauth2/revoke", token=token)
    ended = {"Authorization": f"DPoP {token}", "DPoP": system.proof("GET", LIST, token)}

    assert answers == {why: (401, said) for why, (_, said) in wrong.items()}
    assert await challenge(system, ended) == (401, BAD_BOUND_TOKEN)


async def test_a_token_without_the_scope_is_told_which_one_it_lacks(system: System) -> None:
    token = await system.token(bound=True, scope="changes.read")
    lacking = await system.get_bound(LIST, token)
    unseen = await system.get_bound(f"{LIST}/{uuid.uuid4()}", token)

    assert (lacking.status_code, unseen.status_code) == (403, 404)
    assert lacking.headers["www-authenticate"] == (
        f'DPoP error="insufficient_scope", scope="referrals.read", {DESCRIBED}'
    )
    assert "www-authenticate" not in unseen.headers


@pytest.mark.parametrize("path", [f"{LIST}%3Flimit=1", f"{LIST}%23x", f"{LIST}%2541"])
async def test_a_proof_for_one_address_is_none_for_what_only_begins_like_it(system: System, path: str) -> None:
    token = await system.token(bound=True)
    answer = await system.get_bound(path, token, system.proof("GET", path.partition("%")[0], token))

    assert answer.status_code == 401


async def test_a_proof_may_write_an_address_in_any_of_its_equal_ways(system: System) -> None:
    token = await system.token(bound=True)
    hosts, encoded = ("HTTPS://BROKER.example", f"{PUBLIC_URL}:443"), f"{PUBLIC_URL}/v1/%70rovider/referrals"
    for written in (*(host + LIST for host in hosts), encoded):
        elsewhere = System(system.client, system.clock, system.id, None, "", system.key)
        assert (await system.get_bound(LIST, token, elsewhere.proof("GET", written, token))).status_code == 200


KEYS = {
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "Ed25519": ("OKP", "Ed25519"),
}


@pytest.mark.parametrize("algorithm", PROOF_ALGORITHMS)
async def test_every_algorithm_that_is_published_proves(system: System, algorithm: str) -> None:
    key: Any = jwk.generate_key(*KEYS[algorithm])  # type: ignore[call-overload]
    public = {name: value for name, value in key.as_dict(private=False).items() if name in {"kty", "crv", "x", "y"}}
    claims = {"jti": "one", "htm": "POST", "htu": f"{PUBLIC_URL}/oauth2/token", "iat": int(system.now.timestamp())}
    proof = jwt.encode({"typ": "dpop+jwt", "alg": algorithm, "jwk": public}, claims, key, algorithms=[algorithm])

    answer = await system.ask(grant_type="client_credentials", proof=proof)
    assert answer.json()["token_type"] == "DPoP"


async def test_a_token_is_looked_at_and_ended_without_a_proof(system: System) -> None:
    token = await system.token(bound=True)
    said = (await system.ask("/oauth2/introspect", token=token)).json()
    ended = await system.ask("/oauth2/revoke", token=token)

    assert (said["active"], said["token_type"], said["cnf"]) == (True, "DPoP", {"jkt": system.key.thumbprint()})
    assert (ended.status_code, ended.json()) == (200, {})
    assert (await system.get_bound(LIST, token)).status_code == 401
