"""Keeping the systems that call for workers: who they are, with which keys, for what."""

import hashlib
from typing import Any

from service.access.issuers import usable_keys
from service.db import Session
from service.errors import FieldError, InvalidInput
from service.operations.actors import Actor
from service.schemas.clients import ClientKept
from service.store import clients as store
from service.store import organisations


async def put_client(
    session: Session, client_id: str, kept: ClientKept, actor: Actor, *, is_development: bool
) -> dict[str, Any]:
    """Register a client or replace it. What it loses, its tokens lose on the next request.

    Raises InvalidInput for an organisation that is not registered, a key that is none, and outside development for a
    secret.
    """
    if faults := await _faults_in(session, kept, is_development=is_development):
        raise InvalidInput(errors=faults)
    values = kept.model_dump(exclude={"secret", "keys"}) | {
        "keys": [key.model_dump(exclude_none=True) for key in kept.keys],
        "secret_digest": None if kept.secret is None else digest_of_secret(kept.secret),
    }
    actor.record.notes("changed", client=client_id, organisation=kept.organisation, active=kept.active)
    return await store.put_client(session, client_id, values, actor.now)


def digest_of_secret(secret: str) -> str:
    """Return what is kept of a secret: it is long and random by rule, so that one round of SHA-256 keeps it."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def _faults_in(session: Session, kept: ClientKept, *, is_development: bool) -> list[FieldError]:
    faults = [
        FieldError(f"/keys/{place}", "not-a-key", "This is not a point on its curve.")
        for place, key in enumerate(kept.keys)
        if not usable_keys([key.model_dump(exclude_none=True)])
    ]
    if kept.role == "provider" and kept.organisation not in await organisations.known_organisations(
        session, [str(kept.organisation)]
    ):
        faults.append(FieldError("/organisation", "unknown-organisation", "Register this organisation first."))
    if not is_development:
        faults += [
            FieldError(f"/{name}", "development-only", "Sign assertions with a key instead.")
            for name in ("secret", "worker")
            if getattr(kept, name) is not None
        ]
    return faults
