"""A provider's place in its feed, sealed: a cursor tells its holder nothing, and nobody else can use it."""

import base64
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import OctKey

NONCE, NUMBER = 12, 8  # bytes


def new_key() -> dict[str, Any]:
    """Return a new random key, as it is kept."""
    return dict(OctKey.generate_key(256, private=True).as_dict(private=True))


class FeedCursors:
    """Seals and opens the cursors of every organisation's feed with one key, which all processes share.

    A cursor is a nonce and the sealed number of an entry, bound to the organisation it was made for, as base64url.
    """

    def __init__(self, key: Mapping[str, Any]) -> None:
        self._box = AESGCM(OctKey.import_key(dict(key)).raw_value)

    def seal(self, organisation: str, number: int) -> str:
        """Return the cursor of an organisation after an entry."""
        nonce = os.urandom(NONCE)
        sealed = self._box.encrypt(nonce, number.to_bytes(NUMBER), organisation.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode("ascii")

    def unseal(self, cursor: str, organisation: str) -> int | None:
        """Return the number a cursor of this organisation stands for; None where it is not one."""
        try:
            sent = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
            return int.from_bytes(self._box.decrypt(sent[:NONCE], sent[NONCE:], organisation.encode()))
        except (ValueError, InvalidTag):
            return None
