"""Signatures on the record of access: a key of its own, which signs canonical JSON and is proven without a network."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from joserfc import jwk, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from service.domain.canonical_json import canonical_json

ALGORITHM = "ES256"
# What signs one thing cannot be passed off as another.
SEAL, CHECKPOINT = "audit-seal+jws", "audit-checkpoint+jws"


def new_key() -> dict[str, Any]:
    """Return a private key (JWK) that signs seals and nothing else."""
    key = jwk.generate_key("EC", "P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    return dict(key.as_dict(private=True))


def public_part(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be shown of a key."""
    return dict(ECKey.import_key(dict(document)).as_dict(private=False))


def sign(claims: Mapping[str, Any], document: Mapping[str, Any], kind: str = SEAL) -> str:
    """Return claims, signed with a private key."""
    header = {"alg": ALGORITHM, "typ": kind, "kid": document["kid"]}
    return jws.serialize_compact(header, canonical_json(claims), ECKey.import_key(dict(document)), [ALGORITHM])


def opened(signature: str, documents: Sequence[Mapping[str, Any]], kind: str = SEAL) -> dict[str, Any] | None:
    """Return the claims that one of these keys signed as this kind of thing, or None."""
    keys = {document["kid"]: document for document in documents}
    try:
        header = jws.extract_compact(signature.encode("ascii")).headers()
        if header.get("typ") != kind or header.get("kid") not in keys:
            return None
        key = ECKey.import_key(dict(keys[header["kid"]]))
        claims = json.loads(jws.deserialize_compact(signature, key, [ALGORITHM]).payload)
    except (JoseError, ValueError, TypeError):
        return None
    return claims if isinstance(claims, dict) else None
