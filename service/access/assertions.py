"""How a client says who it is, and for which worker it asks: an assertion it signs (private_key_jwt, RFC 7523)."""

import datetime
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from service.access.issuers import usable_keys
from service.access.proofs import digest_of
from service.access.tokens import (
    LEEWAY_SECONDS,
    LONGEST_NAME,
    OUR_ALGORITHM,
    TokenRefused,
    unverified,
    unverified_claim,
)

# Of the keys that a client can register.
CLIENT_ALGORITHMS = ("ES256", "ES384", "ES512")
LIFE_SECONDS = 60
LONGEST_LIFE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a client asserted: itself, and the worker it asks for; by which id this is spent, and until when."""

    client: str
    worker: str | None
    id: str
    until: datetime.datetime


def make_assertion(key: ECKey, client: str, worker: str | None, issuer: str, now: datetime.datetime) -> str:
    """Return an assertion good for a minute, signed with a client's private key, for the issuer and nobody else."""
    issued_at = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": client,
        "sub": client,
        "aud": issuer,
        "iat": issued_at,
        "exp": issued_at + LIFE_SECONDS,
        "jti": secrets.token_urlsafe(16),
    }
    if worker is not None:
        claims["worker"] = worker
    return jwt.encode({"alg": OUR_ALGORITHM, "kid": key.kid}, claims, key, algorithms=[OUR_ALGORITHM])


def client_named_in(assertion: str) -> str:
    """Return which client an assertion says it comes from, to find its keys by; nothing is believed yet."""
    subject = unverified_claim(assertion, "sub", "assertion_")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_NAME or "\0" in subject:
        raise TokenRefused("assertion_subject")
    return subject


def check_assertion(
    assertion: str, keys: Sequence[Mapping[str, Any]], issuer: str, now: datetime.datetime
) -> Assertion:
    """Verify an assertion with a client's registered keys (RFC 7523 §3); TokenRefused where anything is not right."""
    header, _ = unverified(assertion, "assertion_")
    key = usable_keys(keys).get(str(header.get("kid")))
    if key is None or header.get("alg") not in CLIENT_ALGORITHMS:
        raise TokenRefused("assertion_key")
    try:
        registry = JWSRegistry(algorithms=list(CLIENT_ALGORITHMS), strict_check_header=False)
        claims = jwt.decode(assertion, key, registry=registry).claims
        _claims_wanted(str(claims.get("sub")), issuer, now).validate(claims)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise TokenRefused("assertion_not_good") from None
    # The issuer alone: what another server was handed must not open this one. And its id goes into our own.
    if claims["aud"] not in (issuer, [issuer]) or not isinstance(claims["jti"], str):
        raise TokenRefused("assertion_audience")
    if claims["exp"] - now.timestamp() > LONGEST_LIFE_SECONDS + LEEWAY_SECONDS:
        raise TokenRefused("assertion_too_long_lived")
    worker = claims.get("worker")
    if worker is not None and (not isinstance(worker, str) or not 0 < len(worker) <= LONGEST_NAME or "\0" in worker):
        raise TokenRefused("assertion_worker")
    until = datetime.datetime.fromtimestamp(claims["exp"] + LEEWAY_SECONDS, datetime.UTC)
    return Assertion(claims["sub"], worker, digest_of(f"{claims['sub']}.{claims['jti']}"), until)


def _claims_wanted(client: str, issuer: str, now: datetime.datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": client},
        sub={"essential": True},
        aud={"essential": True, "value": issuer},
        exp={"essential": True},
        jti={"essential": True},
    )
