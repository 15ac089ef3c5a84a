"""A provider's place in its feed, sealed: a cursor tells its holder nothing, and nobody else can use it."""

import json
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

_HEADER = {"alg": "dir", "enc": "A256GCM"}
_ALGORITHMS = ["dir", "A256GCM"]


def new_key() -> dict[str, Any]:
    """Return a new random key, as it is kept."""
    return dict(OctKey.generate_key(256, private=True).as_dict(private=True))


def seal(key: dict[str, Any], organisation: str, number: int) -> str:
    """Return the cursor of an organisation after an entry."""
    place = json.dumps([organisation, number]).encode()
    return jwe.encrypt_compact(_HEADER, place, OctKey.import_key(key), algorithms=_ALGORITHMS)


def unseal(key: dict[str, Any] | None, cursor: str, organisation: str | None) -> int | None:
    """Return the number a cursor of this organisation stands for; None where it is not one, or is sealed otherwise."""
    if key is None:
        return None
    try:
        opened = jwe.decrypt_compact(cursor, OctKey.import_key(key), algorithms=_ALGORITHMS).plaintext
        whose, number = json.loads(opened or b"[]")
    except (JoseError, ValueError, TypeError):
        return None
    return number if whose == organisation and isinstance(number, int) else None
