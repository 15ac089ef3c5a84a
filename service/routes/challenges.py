"""How whoever is refused is let in (`WWW-Authenticate`): by which scheme, what was wrong, where that is described."""

from collections.abc import Mapping

from service.access.callers import Caller
from service.access.permissions import permits
from service.access.proofs import PROOF_ALGORITHMS
from service.access.scopes import lets, scope_of

HEADER = "WWW-Authenticate"
RESOURCE_METADATA = "/.well-known/oauth-protected-resource"
_ALGORITHMS = f'algs="{" ".join(PROOF_ALGORITHMS)}"'


def to_a_stranger(address: str) -> Mapping[str, str]:
    """Return what is said to whoever sent no token: both schemes (RFC 6750 §3, RFC 9449 §7.2, RFC 9728 §5.1)."""
    described = _described(address)
    return {HEADER: f"Bearer {described}, DPoP {_ALGORITHMS}, {described}"}


def to_a_bad_token(address: str, *, is_dpop: bool) -> Mapping[str, str]:
    """Return what is said of a token that is not good, in the scheme it was sent with; all bad ones are told alike."""
    described = _described(address)
    if is_dpop:
        return {HEADER: f'DPoP error="invalid_token", {_ALGORITHMS}, {described}'}
    return {HEADER: f'Bearer error="invalid_token", {described}, DPoP {_ALGORITHMS}, {described}'}


def to_a_bad_proof(address: str) -> Mapping[str, str]:
    """Return what is said of a proof of possession that is missing, is not good, or was used before."""
    return {HEADER: f'DPoP error="invalid_dpop_proof", {_ALGORITHMS}, {_described(address)}'}


def to_a_narrow_token(address: str, operation: str, caller: Caller) -> Mapping[str, str]:
    """Return what is said where an operation is the role's and the token lacks its scope (RFC 6750 §3.1); else none."""
    scope = scope_of(operation)
    if scope is None or lets(operation, caller) or not permits(operation, caller.role):
        return {}
    scheme = "DPoP" if caller.bound_to else "Bearer"
    return {HEADER: f'{scheme} error="insufficient_scope", scope="{scope}", {_described(address)}'}


def _described(address: str) -> str:
    return f'resource_metadata="{address}{RESOURCE_METADATA}"'
