"""Access tokens as RFC 9068 has them: what one must say before it is believed, and who it then says is calling."""

import datetime
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key
from joserfc.jws import JWSRegistry

from service.access.callers import Caller, Role

OUR_ALGORITHM = "ES256"
# Only signatures that nobody but the issuer can make: never `none`, never a shared secret.
ASYMMETRIC = ("ES256", "ES384", "ES512", "PS256", "RS256", "Ed25519")
TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt"})
LEEWAY_SECONDS = 30  # clocks differ
LIFE = datetime.timedelta(hours=8)
# Of those a client asks for over the network (RFC 9068, and the design: ten minutes at most).
CLIENT_LIFE = datetime.timedelta(minutes=10)
LONGEST_TOKEN = 8192
LONGEST_NAME = 120
LONGEST_PLACE = 60
MOST_SCOPES = 50
# A token is narrowed from another so often, one after another, and no oftener.
MOST_ORIGINS = 5


class TokenRefused(Exception):
    """A token is not to be believed. The reason is for the metrics; callers are told no more than that."""


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Where an issuer writes what RFC 9068 leaves open."""

    role: str = "role"
    organisation: str = "organisation"
    area: str = "area"
    premises: str = "premises"
    # An issuer elsewhere may use this claim for what is none of our scopes: it counts where the settings name it.
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say: who issued it, for whom, signed in which ways."""

    issuers: tuple[str, ...]
    audience: str
    algorithms: tuple[str, ...] = ASYMMETRIC
    names: ClaimNames = field(default_factory=ClaimNames)


@dataclass(frozen=True, slots=True)
class Vouched:
    """A caller a token was found to name, by which key, and between which times (seconds) that holds."""

    caller: Caller
    key: Key
    good_from: float
    good_until: float

    def holds(self, key: Key | None, now: datetime.datetime) -> bool:
        """Whether the finding still stands: the key is the one it was made with, and the token has not run out."""
        return key is self.key and self.good_from <= int(now.timestamp()) < self.good_until


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token is to be made out to."""

    worker: str
    role: Role
    client: str = "referral-broker-cli"
    organisation: str | None = None
    area: str | None = None
    premises: str | None = None
    scopes: frozenset[str] | None = None
    narrowed_to: uuid.UUID | None = None
    subcontractor: str | None = None
    bound_to: str | None = None
    origins: tuple[str, ...] = ()


def sign(
    key: ECKey,
    bearer: Bearer,
    *,
    issuer: str,
    audience: str,
    now: datetime.datetime,
    until: datetime.datetime | None = None,
) -> str:
    """Return a token for a bearer, good for 8 hours or `until`, signed with a private key that has a `kid`."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": audience,
        "sub": bearer.worker,
        "client_id": bearer.client,
        "iat": int(now.timestamp()),
        "exp": int((until or now + LIFE).timestamp()),
        "jti": secrets.token_urlsafe(16),
        "role": str(bearer.role),
        "organisation": bearer.organisation,
        "area": bearer.area,
        "premises": bearer.premises,
        "scope": None if bearer.scopes is None else " ".join(sorted(bearer.scopes)),
        "referral_id": bearer.narrowed_to and str(bearer.narrowed_to),
        "subcontractor": bearer.subcontractor,
        "origins": list(bearer.origins) or None,
        "act": {"sub": bearer.client} if bearer.origins else None,
        "cnf": bearer.bound_to and {"jkt": bearer.bound_to},
    }
    header = {"alg": OUR_ALGORITHM, "typ": "at+jwt", "kid": key.kid}
    said = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(header, said, key, algorithms=[OUR_ALGORITHM])


def unverified(token: str, kind: str = "", longest: int = LONGEST_TOKEN) -> tuple[Mapping[str, Any], bytes]:
    """Return the header and the payload of something signed, of which nothing is believed yet.

    TokenRefused, its reason led by the kind of thing, where it is too long or is not signed at all.
    """
    if len(token) > longest:
        raise TokenRefused(f"{kind}too_long")
    try:
        found = jws.extract_compact(token.encode("ascii"))
        return found.headers(), found.payload
    except (JoseError, ValueError, TypeError, AttributeError):
        raise TokenRefused(f"{kind}garbled") from None


def unverified_claim(token: str, name: str, kind: str = "") -> Any:
    """Return what something signed claims, to choose whose keys to try by; TokenRefused as `unverified` raises it."""
    payload = unverified(token, kind)[1]
    try:
        return json.loads(payload).get(name)
    except (ValueError, AttributeError, RecursionError):
        raise TokenRefused(f"{kind}garbled") from None


def key_id_of(token: str, expected: Expected) -> str:
    """Return which key a token says it was signed with, once its type and algorithm are ones we take."""
    header, _ = unverified(token)
    if str(header.get("typ", "")).lower() not in TOKEN_TYPES:
        raise TokenRefused("type")
    if header.get("alg") not in expected.algorithms:
        raise TokenRefused("algorithm")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise TokenRefused("no_key_named")
    return kid


def caller_of(token: str, key: Key, expected: Expected, now: datetime.datetime) -> Caller:
    """Return the caller a token names, or raise TokenRefused."""
    return vouched_for(token, key, expected, now).caller


def vouched_for(token: str, key: Key, expected: Expected, now: datetime.datetime) -> Vouched:
    """Verify a token; TokenRefused where its signature, issuer, audience, times or claims are not right.

    Headers we do not know are ignored, as RFC 7515 asks, save those marked critical; keys inside a header never count.
    """
    registry = JWSRegistry(algorithms=expected.algorithms, strict_check_header=False)
    try:
        claims = jwt.decode(token, key, registry=registry).claims
        _registered_claims(expected, now).validate(claims)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise TokenRefused("not_good") from None
    begins = max(claims["iat"], claims.get("nbf", claims["iat"])) - LEEWAY_SECONDS
    return Vouched(_caller(claims, expected.names), key, begins, claims["exp"] + LEEWAY_SECONDS)


def _registered_claims(expected: Expected, now: datetime.datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "values": list(expected.issuers)},
        aud={"essential": True, "value": expected.audience},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
        sub={"essential": True},
        client_id={"essential": True},
    )


def _caller(claims: Mapping[str, Any], names: ClaimNames) -> Caller:
    role = claims.get(names.role)
    if not isinstance(role, str) or role not in set(Role):
        raise TokenRefused("role")
    return Caller(
        worker=_text(claims, "sub", LONGEST_NAME),
        role=Role(role),
        client=_text(claims, "client_id", LONGEST_NAME),
        organisation=_text_if_any(claims, names.organisation),
        area=_text_if_any(claims, names.area),
        premises=_text_if_any(claims, names.premises),
        token_id=_text(claims, "jti", LONGEST_NAME),
        issued_at=int(claims["iat"]),
        scopes=_scopes(claims, names.scope),
        narrowed_to=_referral(claims),
        subcontractor=_text_if_any(claims, "subcontractor"),
        origins=_origins(claims),
        bound_to=_key_bound_to(claims),
    )


# What narrows a token and cannot be read makes it no token: passing over it would widen it.
def _scopes(claims: Mapping[str, Any], name: str | None) -> frozenset[str] | None:
    said = None if name is None else claims.get(name)
    if said is None:
        return None
    if not isinstance(said, str) or len(said.split()) > MOST_SCOPES:
        raise TokenRefused("scope")
    return frozenset(said.split())


def _referral(claims: Mapping[str, Any]) -> uuid.UUID | None:
    said = claims.get("referral_id")
    try:
        return None if said is None else uuid.UUID(said)
    except (ValueError, TypeError, AttributeError):
        raise TokenRefused("referral_id") from None


def _origins(claims: Mapping[str, Any]) -> tuple[str, ...]:
    said = claims.get("origins", [])
    if not isinstance(said, list) or len(said) > MOST_ORIGINS:
        raise TokenRefused("origins")
    return tuple(_text({"origins": one}, "origins", LONGEST_NAME) for one in said)


def _key_bound_to(claims: Mapping[str, Any]) -> str | None:
    bound = claims.get("cnf")
    if bound is None:
        return None
    if not isinstance(bound, dict) or set(bound) != {"jkt"}:
        raise TokenRefused("cnf")  # bound in a way that we cannot check
    return _text(bound, "jkt", LONGEST_NAME)


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable() or value != value.strip():
        raise TokenRefused(name)
    return value


def _text_if_any(claims: Mapping[str, Any], name: str) -> str | None:
    return None if claims.get(name) is None else _text(claims, name, LONGEST_PLACE)
