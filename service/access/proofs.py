"""Proof that a token's holder holds its key (DPoP, RFC 9449): made for one request, signed, used once."""

import base64
import datetime
import hashlib
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key
from joserfc.jws import JWSRegistry

from service.access.issuers import usable_keys
from service.access.tokens import LEEWAY_SECONDS, OUR_ALGORITHM, TokenRefused, unverified

PROOF_TYPE = "dpop+jwt"
# A proof carries its key in its header, which is short: no RSA key fits in it.
PROOF_ALGORITHMS = ("ES256", "ES384", "ES512", "Ed25519")
DEFAULT_PORTS = {"https": ":443", "http": ":80"}
LIFE_SECONDS = 60
LONGEST_PROOF, LONGEST_ID = 4096, 200
KEYS_REMEMBERED = 1000
_REGISTRY = JWSRegistry(algorithms=list(PROOF_ALGORITHMS), strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that a proof must be about; `token` is None where a token is being asked for.

    The `address` is written as addresses are: what is no letter of its path is percent-encoded.
    """

    method: str
    address: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that was found good: whose key, by which id it is spent, and until when it could be used."""

    thumbprint: str
    id: str
    until: datetime.datetime


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text as proofs write it: base64url without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def make_proof(key: ECKey, asked: Asked, now: datetime.datetime) -> str:
    """Return a proof for one request, signed with a client's private key."""
    public = {name: value for name, value in key.as_dict(private=False).items() if name in {"kty", "crv", "x", "y"}}
    claims: dict[str, Any] = {
        "jti": secrets.token_urlsafe(16),
        "htm": asked.method,
        "htu": asked.address,
        "iat": int(now.timestamp()),
    }
    if asked.token is not None:
        claims["ath"] = digest_of(asked.token)
    header = {"typ": PROOF_TYPE, "alg": OUR_ALGORITHM, "jwk": public}
    return jwt.encode(header, claims, key, algorithms=[OUR_ALGORITHM])


def check_proof(proof: str, asked: Asked, now: datetime.datetime) -> Proof:
    """Verify a proof for one request (RFC 9449 §4.3); TokenRefused where anything is not right.

    Whether it was used before is for the database to say: it is spent by its id.
    """
    if len(proof) > LONGEST_PROOF:
        raise TokenRefused("proof_too_long")
    key, thumbprint = _key_in(proof.partition(".")[0])
    try:
        claims = jwt.decode(proof, key, registry=_REGISTRY).claims
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise TokenRefused("proof_not_good") from None
    issued_at, name = claims.get("iat"), claims.get("jti")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_ID:
        raise TokenRefused("proof_id")
    if not isinstance(issued_at, int) or isinstance(issued_at, bool) or not _is_fresh(issued_at, now):
        raise TokenRefused("proof_time")
    if claims.get("htm") != asked.method or not _same_address(claims.get("htu"), asked.address):
        raise TokenRefused("proof_of_another_request")
    if asked.token is not None and claims.get("ath") != digest_of(asked.token):
        raise TokenRefused("proof_of_another_token")
    until = datetime.datetime.fromtimestamp(issued_at + LIFE_SECONDS + LEEWAY_SECONDS, datetime.UTC)
    return Proof(thumbprint, digest_of(f"{thumbprint}.{name}"), until)


@lru_cache(maxsize=KEYS_REMEMBERED)
def _key_in(written: str) -> tuple[Key, str]:
    """Return the public key that a proof's header carries, and its thumbprint; all proofs of a key have one header.

    A key with a private part in it is nobody's any more.
    """
    header, _ = unverified(f"{written}..", "proof_")
    carried = header.get("jwk")
    if str(header.get("typ", "")).lower() != PROOF_TYPE or header.get("alg") not in PROOF_ALGORITHMS:
        raise TokenRefused("proof_type")
    if not isinstance(carried, dict) or "d" in carried or "k" in carried:
        raise TokenRefused("proof_key")
    found = usable_keys([{**carried, "kid": "carried", "use": "sig"}])
    if not found:
        raise TokenRefused("proof_key")
    return found["carried"], found["carried"].thumbprint()


def _is_fresh(issued_at: int, now: datetime.datetime) -> bool:
    return -LEEWAY_SECONDS <= int(now.timestamp()) - issued_at < LIFE_SECONDS + LEEWAY_SECONDS


def _same_address(said: Any, ours: str) -> bool:
    """Compare addresses without query and fragment, in all their equal ways of writing (RFC 3986 §6.2.2 and §6.2.3)."""
    if not isinstance(said, str):
        return False
    try:
        return said == ours or _address(said) == _address(ours)
    except ValueError:
        return False


def _address(written: str) -> tuple[str, str, str]:
    parts = urlsplit(written)
    scheme = parts.scheme.lower()
    return scheme, parts.netloc.lower().removesuffix(DEFAULT_PORTS.get(scheme, "")), unquote(parts.path) or "/"
