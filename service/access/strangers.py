"""What is kept of where a stranger comes from: a mark that all processes make alike, and no address."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

_PURPOSE = b"strangers"


def key_of(cursor_key: Mapping[str, Any]) -> bytes:
    """Return the key of marks, made from the one secret (a JWK) that every process has: it cannot be led back."""
    return hmac.digest(str(cursor_key["k"]).encode(), _PURPOSE, hashlib.sha256)


def mark_of(key: bytes, network: str) -> str:
    """Return the mark of a network, 64 hexadecimal digits: who has not the key cannot tell whose it is."""
    return hmac.new(key, network.encode(), hashlib.sha256).hexdigest()
