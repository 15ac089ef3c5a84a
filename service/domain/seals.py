"""What a seal on the record of access says, and whether a chain of seals and the rows beneath it still agree."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from service.domain.canonical_json import canonical_json

VERSION = 1


def hash_of(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def digest_of(members: Sequence[Mapping[str, Any]]) -> str:
    """Return what a seal says of its rows, in their order: which they are, and what each one holds."""
    return hash_of([[member["entry_id"], member["at"], member["row_hash"]] for member in members])


def seal_claims(
    number: int, previous: str | None, members: Sequence[Mapping[str, Any]], sealed_at: str, covers_until: str
) -> dict[str, Any]:
    """Return what a seal signs; its members are of one month, so that a month can be retired whole."""
    return {
        "version": VERSION,
        "number": number,
        "previous": previous,
        "month": members[0]["at"][:7],
        "entries": len(members),
        "first_at": members[0]["at"],
        "last_at": members[-1]["at"],
        "covers_until": covers_until,
        "sealed_at": sealed_at,
        "digest": digest_of(members),
    }


def stub_claims(month: str, seals: Sequence[Mapping[str, Any]], retired_at: str) -> dict[str, Any]:
    """Return what is signed in the place of a retired month's rows; `seals` are the claims of all its seals."""
    return {
        "version": VERSION,
        "month": month,
        "entries": sum(int(seal["entries"]) for seal in seals),
        "seals": len(seals),
        "first_seal": seals[0]["number"] if seals else None,
        "last_seal": seals[-1]["number"] if seals else None,
        "digest": hash_of([seal["digest"] for seal in seals]),
        "retired_at": retired_at,
    }
