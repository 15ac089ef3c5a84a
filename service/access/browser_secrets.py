"""What a browser holds of its session, and what is known of it here: digests, and the mark its own forms carry."""

import base64
import hashlib
import hmac
import secrets
from typing import Any

from service.access.callers import Caller, Role

# Who has pages. Everybody else works through a system of their own.
SIGNS_IN = frozenset({Role.PRACTITIONER, Role.MANAGER, Role.PREMISES})
_KEPT = ("worker", "role", "client", "organisation", "area", "premises", "token_id", "origins", "issued_at")
_FORM_PURPOSE = b"form"


def new_secret() -> str:
    """Return a secret that cannot be guessed: 32 bytes, as it stands in a cookie or an address."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret: what it opens cannot be opened with that."""
    return hashlib.sha256(secret.encode()).hexdigest()


def form_mark(secret: str) -> str:
    """Return what every form of this session carries, and nobody else's can (against forged requests)."""
    return hmac.new(secret.encode(), _FORM_PURPOSE, hashlib.sha256).hexdigest()


def is_form_mark(secret: str, sent: str) -> bool:
    """Whether a form carries the session's mark."""
    return hmac.compare_digest(form_mark(secret).encode(), sent.encode())


def challenge_of(verifier: str) -> str:
    """Return PKCE's S256 challenge for a verifier (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def kept_of(caller: Caller) -> dict[str, Any]:
    """Return a caller as a session keeps them."""
    kept: dict[str, Any] = {name: getattr(caller, name) for name in _KEPT}
    return kept | {"scopes": None if caller.scopes is None else sorted(caller.scopes)}


def caller_from(kept: dict[str, Any]) -> Caller:
    """Return the caller a session speaks for: the same as their token would make."""
    scopes = kept.get("scopes")
    named: dict[str, Any] = {name: kept.get(name) for name in _KEPT} | {"role": Role(kept["role"])}
    named["origins"] = tuple(kept.get("origins") or ())
    return Caller(**named, scopes=None if scopes is None else frozenset(scopes))
