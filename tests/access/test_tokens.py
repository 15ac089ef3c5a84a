"""A token is believed only when everything about it is right, and whoever sends another learns nothing from the no."""

import base64
import datetime
import json
from typing import Any

import pytest
from httpx import AsyncClient
from joserfc import jwk, jws, jwt
from joserfc.jwk import ECKey, OctKey

from service.access import tokens
from service.access.callers import Caller, Role
from service.access.issuers import EMBEDDED, Issuer, KeyDocuments, KeyRing
from service.access.tokens import ClaimNames, Expected, TokenRefused
from service.routes import challenges
from tests.access.conftest import AUDIENCE, ISSUER, NOW

EXPECTED = Expected((ISSUER,), AUDIENCE)
SOON = int(NOW.timestamp())
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "p.demo",
    "client_id": "tests",
    "iat": SOON,
    "exp": SOON + 600,
    "jti": "one",
    "role": "practitioner",
}
STRANGER = jwk.generate_key("EC", "P-256", auto_kid=True)


def made(key: ECKey, claims: dict[str, Any] | None = None, **header: Any) -> str:
    """Return a token signed with a key; a claim or header of None is left out."""
    said = {name: value for name, value in (GOOD | (claims or {})).items() if value is not None}
    headers = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid} | header
    kept = {name: value for name, value in headers.items() if value is not None}
    return jwt.encode(kept, said, key, algorithms=["ES256"], default_type=None)


def unsigned(claims: dict[str, Any], **header: Any) -> str:
    parts = [json.dumps(part).encode() for part in ({"typ": "at+jwt"} | header, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def with_shared_secret(key: ECKey, kid: str | None) -> str:
    """Sign with HS256 and the public key's PEM as the secret, in the hope that the verifier takes it for one."""
    secret = OctKey.import_key(base64.urlsafe_b64encode(key.as_pem(private=False)).decode())
    header = {"alg": "HS256", "typ": "at+jwt", "kid": kid}
    return jws.serialize_compact(header, json.dumps(GOOD), secret, algorithms=["HS256"])


def with_its_own_key() -> str:
    """Sign with a stranger's key that the header itself carries."""
    return made(STRANGER, kid="none-of-yours", jwk=STRANGER.as_dict(private=False))


CLAIMS_THAT_DO_NOT_DO: dict[str, dict[str, Any]] = {
    "expired": {"exp": SOON - 31},
    "expiring now, leeway spent": {"exp": SOON - 30},
    "without an end": {"exp": None},
    "ending in words": {"exp": "tomorrow"},
    "not valid yet": {"nbf": SOON + 31},
    "issued in the future": {"iat": SOON + 31},
    "without a time of issue": {"iat": None},
    "for another audience": {"aud": "another-service"},
    "for a list of others": {"aud": ["another-service", "a-third"]},
    "without an audience": {"aud": None},
    "from another issuer": {"iss": "https://another.example"},
    "from an issuer with a longer name": {"iss": ISSUER + ".evil.example"},
    "without an issuer": {"iss": None},
    "about nobody": {"sub": None},
    "about an empty name": {"sub": ""},
    "about a blank name": {"sub": "  "},
    "about a number": {"sub": 7},
    "about a name with a line break": {"sub": "p.demo\nadmin"},
    "about a name too long to keep": {"sub": "x" * 121},
    "from no client": {"client_id": None},
    "without an id": {"jti": None},
    "without a role": {"role": None},
    "with an unknown role": {"role": "superuser"},
    "with a role in other letters": {"role": "Practitioner"},
    "with several roles": {"role": ["practitioner", "manager"]},
    "for an organisation that is no name": {"organisation": {"id": "a"}},
    "for an empty area": {"area": ""},
}
HEADERS_THAT_DO_NOT_DO: dict[str, dict[str, Any]] = {
    "an identity token": {"typ": "JWT"},
    "without a type": {"typ": None},
    "naming no key": {"kid": None},
    "naming an unknown key": {"kid": "another"},
    "with a critical header nobody knows": {"crit": ["mystery"], "mystery": True},
}


@pytest.fixture
def bad_tokens(key: ECKey) -> dict[str, str]:
    """Return every kind of token that must not be believed."""
    good = made(key)
    header, payload, signature = good.split(".")
    return {
        **{name: made(key, claims) for name, claims in CLAIMS_THAT_DO_NOT_DO.items()},
        **{name: _with_header(key, changed) for name, changed in HEADERS_THAT_DO_NOT_DO.items()},
        "alg none": unsigned(GOOD, alg="none", kid=key.kid),
        "alg None": unsigned(GOOD, alg="None", kid=key.kid),
        "no alg": unsigned(GOOD, kid=key.kid),
        "the public key as a shared secret": with_shared_secret(key, key.kid),
        "a stranger's key under our key's name": made(STRANGER, kid=key.kid),
        "a key of its own in the header": with_its_own_key(),
        "another's claims under our signature": f"{header}.{made(key, {'sub': 'm.demo'}).split('.')[1]}.{signature}",
        "no signature": f"{header}.{payload}.",
        "two parts": f"{header}.{payload}",
        "garbage": "garbage",
        "garbage in three parts": "a.b.c",
        "a header that is a list": base64.urlsafe_b64encode(b"[1]").decode() + f".{payload}.{signature}",
        "claims that are a list": jws.serialize_compact(
            {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, "[1]", key, algorithms=["ES256"]
        ),
        "far too long": "a" * 9000,
    }


def _with_header(key: ECKey, changed: dict[str, Any]) -> str:
    if "crit" not in changed:
        return made(key, **changed)
    parts = unsigned(GOOD, alg="ES256", kid=key.kid, **changed).rstrip(".")
    return f"{parts}.{made(key).split('.')[2]}"


async def test_every_bad_token_is_refused_alike(bad_tokens: dict[str, str], visitor: AsyncClient) -> None:
    answers = {}
    for name, token in bad_tokens.items():
        answer = await visitor.get("/v1/nothing-here", headers={"Authorization": f"Bearer {token}"})
        body = {field: value for field, value in answer.json().items() if field != "trace_id"}
        answers[name] = (answer.status_code, answer.headers["www-authenticate"], answer.headers["content-type"], body)

    refused = {
        "type": "/problems/unauthenticated",
        "title": "Authentication is required",
        "status": 401,
        "code": "unauthenticated",
        "detail": "The token is not valid.",
    }
    challenge = challenges.to_a_bad_token("http://127.0.0.1:8000", is_dpop=False)[challenges.HEADER]
    expected = (401, challenge, "application/problem+json", refused)
    assert {name: answer for name, answer in answers.items() if answer != expected} == {}


async def test_a_good_token_comes_in(key: ECKey, visitor: AsyncClient) -> None:
    answer = await visitor.get("/v1/nothing-here", headers={"Authorization": f"bearer {made(key)}"})

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": SOON - 29},
        {"nbf": SOON + 30},
        {"iat": SOON + 30},
        {"aud": ["another-service", AUDIENCE]},
        {"exp": SOON + 0.5},
    ],
)
def test_clocks_may_differ_a_little_and_a_token_may_name_several_audiences(key: ECKey, claims: dict[str, Any]) -> None:
    assert tokens.caller_of(made(key, claims), key, EXPECTED, NOW).worker == "p.demo"


def test_an_endless_token_cannot_be_made_from_a_number_that_is_none(key: ECKey) -> None:
    with pytest.raises(TokenRefused):
        tokens.caller_of(made(key, {"exp": float("nan")}), key, EXPECTED, NOW)


def test_a_token_says_who_is_calling_for_whom(key: ECKey) -> None:
    token = made(key, {"organisation": "national-assessment", "area": "north", "premises": None})

    caller = tokens.caller_of(token, key, EXPECTED, NOW)

    assert caller == Caller(
        "p.demo",
        Role.PRACTITIONER,
        "tests",
        organisation="national-assessment",
        area="north",
        token_id="one",
        issued_at=caller.issued_at,
    )


def test_an_issuer_may_name_its_claims_otherwise(key: ECKey) -> None:
    expected = Expected((ISSUER,), AUDIENCE, names=ClaimNames("broker_role", "org"))
    token = made(key, {"role": "auditor", "broker_role": "assessor", "org": "national-assessment"})

    caller = tokens.caller_of(token, key, expected, NOW)

    assert (caller.role, caller.organisation) == (Role.ASSESSOR, "national-assessment")


def test_headers_nobody_knows_are_passed_over(key: ECKey) -> None:
    signed = jws.serialize_compact(
        {"alg": "ES256", "typ": "application/AT+JWT", "kid": key.kid, "nonce": "x"},
        json.dumps(GOOD),
        key,
        registry=jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False),
    )

    assert tokens.key_id_of(signed, EXPECTED) == key.kid
    assert tokens.caller_of(signed, key, EXPECTED, NOW).worker == "p.demo"


def test_our_own_tokens_last_eight_hours_and_no_two_share_an_id(key: ECKey) -> None:
    bearer = tokens.Bearer("p.demo", Role.PRACTITIONER, organisation="x")
    first, second = (tokens.sign(key, bearer, issuer=ISSUER, audience=AUDIENCE, now=NOW) for _ in range(2))
    callers = [tokens.caller_of(token, key, EXPECTED, NOW) for token in (first, second)]

    assert callers[0].token_id != callers[1].token_id
    assert tokens.caller_of(first, key, EXPECTED, NOW + tokens.LIFE).worker == "p.demo"
    with pytest.raises(TokenRefused):
        tokens.caller_of(first, key, EXPECTED, NOW + tokens.LIFE + tokens.LIFE / 100)


def test_claims_nested_without_end_are_refused_like_any_others(key: ECKey) -> None:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}
    deep = jws.serialize_compact(header, "[" * 50_000, key, algorithms=["ES256"])

    with pytest.raises(TokenRefused):
        tokens.caller_of(deep, key, EXPECTED, NOW)


async def test_a_token_once_believed_is_looked_at_again_when_it_runs_out_or_its_key_is_gone(key: ECKey) -> None:
    published = [dict(key.as_dict(private=False))]
    seconds = 0.0

    async def fetch() -> KeyDocuments:
        return published

    issuer = Issuer(EXPECTED, KeyRing(fetch, EMBEDDED, lambda: seconds))
    token = made(key)
    for _ in range(3):
        assert (await issuer.identify(token, NOW)).worker == "p.demo"

    for moment in (NOW + datetime.timedelta(seconds=631), NOW - datetime.timedelta(seconds=31)):
        with pytest.raises(TokenRefused):
            await issuer.identify(token, moment)
    assert (await issuer.identify(token, NOW)).worker == "p.demo"
    published, seconds = [], EMBEDDED.fresh + 1
    with pytest.raises(TokenRefused):
        await issuer.identify(token, NOW)
