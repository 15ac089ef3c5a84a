"""What an issuer says of a sign-in (an OpenID Connect ID token), and what it must say before it is believed."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from service.access.tokens import LEEWAY_SECONDS, TokenRefused, unverified


@dataclass(frozen=True, slots=True)
class SignInExpected:
    """What an ID token must say: from whom, for which client, about which sign-in, signed in which ways."""

    issuers: tuple[str, ...]
    client: str
    nonce: str
    algorithms: Sequence[str]


def key_id_of(token: str, algorithms: Sequence[str]) -> str:
    """Return which key an ID token says it was signed with, once its algorithm is one we take."""
    header, _ = unverified(token, "id_token_")
    kid = header.get("kid")
    if header.get("alg") not in algorithms or not isinstance(kid, str) or not kid:
        raise TokenRefused("id_token_algorithm")
    return kid


def subject_of(token: str, key: Key, expected: SignInExpected, now: datetime.datetime) -> str:
    """Return who signed in; TokenRefused where signature, issuer, client, nonce or times are not right."""
    registry = JWSRegistry(algorithms=list(expected.algorithms), strict_check_header=False)
    wanted = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "values": list(expected.issuers)},
        sub={"essential": True},
        aud={"essential": True, "value": expected.client},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": expected.nonce},
    )
    try:
        claims = jwt.decode(token, key, registry=registry).claims
        wanted.validate(claims)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise TokenRefused("id_token_not_good") from None
    # Meant for several clients, it must say which of them asked (OpenID Connect Core §3.1.3.7).
    if claims.get("azp", expected.client) != expected.client or not isinstance(claims["sub"], str):
        raise TokenRefused("id_token_of_another_client")
    return str(claims["sub"])
