"""Which registered client is asking for a token: found by the key it signs with, in development also by a secret."""

import datetime
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from service.access import assertions
from service.access.assertions import Assertion
from service.access.oauth_problems import ClientRefused, TokenRequestRefused
from service.access.proofs import Asked, Proof, check_proof
from service.access.tokens import TokenRefused
from service.db import Session
from service.domain.request_limits import CLIENT, Quota, exceeded, header_values, too_many
from service.observation import note_stranger
from service.operations.clients import digest_of_secret
from service.store import admissions
from service.store import clients as store

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Knock:
    """What is known of a request before its client is: where it came to, its proof, and the rules it comes under.

    Only what is given a token proves its key besides: to look at one, or to end it, the client's assertion is enough.
    """

    method: str
    address: str
    issuer: str
    proofs: tuple[str, ...]
    is_for_a_token: bool
    most: int
    is_development: bool
    now: datetime.datetime
    note_limit: Callable[[tuple[str, str]], None]


@dataclass(frozen=True, slots=True)
class KnownClient:
    """A client that proved it is asking; `worker` is whom it signed for, `thumbprint` that of the key it holds."""

    id: str
    role: str
    organisation: str | None
    scopes: frozenset[str]
    worker: str | None
    thumbprint: str | None
    ends_before: datetime.datetime | None = None


async def known_client(session: Session, asked: Mapping[str, str], knock: Knock) -> KnownClient:
    """Return which client is asking; ClientRefused, TooManyRequests, or TokenRequestRefused for a bad proof.

    An assertion and a proof are spent here, used once whatever becomes of the request.
    """
    if "client_assertion_type" in asked or "client_assertion" in asked:
        client, spent = await _by_assertion(session, asked, knock)
    else:
        client, spent = await _by_secret(session, asked, knock), None
    await _count(session, client["id"], Proof("", spent.id, spent.until) if spent else None, knock)
    must = client["role"] == "provider" and not knock.is_development
    proof = await _possession(session, knock) if knock.is_for_a_token and (knock.proofs or must) else None
    return KnownClient(
        id=client["id"],
        role=client["role"],
        organisation=client["organisation"],
        scopes=frozenset(client["scopes"]),
        worker=client["worker"] if spent is None else spent.worker,
        thumbprint=None if proof is None else proof.thumbprint,
        ends_before=client["ends_before"],
    )


async def _by_assertion(session: Session, asked: Mapping[str, str], knock: Knock) -> tuple[dict[str, Any], Assertion]:
    sent = asked.get("client_assertion", "")
    if asked.get("client_assertion_type") != ASSERTION_TYPE:
        raise _refused("assertion_type")
    try:
        named = assertions.client_named_in(sent)
        client = await store.find_client(session, named)
        keys = client["keys"] if client is not None else []
        asserted = assertions.check_assertion(sent, keys, knock.issuer, knock.now)
    except TokenRefused as refusal:
        raise _refused(str(refusal)) from None
    if client is None or asserted.client != named or asked.get("client_id", named) != named:
        raise _refused("client_unknown")
    return client, asserted


async def _by_secret(session: Session, asked: Mapping[str, str], knock: Knock) -> dict[str, Any]:
    """Find a client by its secret, which exists in development only; it speaks for the one worker it is kept with."""
    name, secret = asked.get("client_id", ""), asked.get("client_secret", "")
    if not knock.is_development or not name or not secret or "\0" in name:
        raise _refused("client_unproven")
    client = await store.find_client(session, name)
    kept = client["secret_digest"] if client is not None else None
    if client is None or kept is None or not hmac.compare_digest(kept, digest_of_secret(secret)):
        raise _refused("client_secret")
    return client


def _refused(why: str) -> ClientRefused:
    note_stranger(why)
    return ClientRefused()


async def _count(session: Session, client_id: str, spent: Proof | None, knock: Knock) -> None:
    """Spend the assertion and count the client's request, among all it makes in this minute."""
    quotas = [Quota(CLIENT, client_id, knock.most)]
    await session.rollback()  # what spends and counts is a transaction of its own
    found = await admissions.spend(session, spent, quotas, knock.now)
    if not found.fresh:
        raise _refused("assertion_used")
    knock.note_limit(header_values(quotas, found.counted, knock.now))
    if exceeded(quotas, found.counted):
        raise too_many(knock.now)


async def _possession(session: Session, knock: Knock) -> Proof:
    """Return the proof of the key that the token is to be bound to, and spend it."""
    try:
        # None is as bad as two: neither says which key it is.
        proof = check_proof(",".join(knock.proofs), Asked(knock.method, knock.address), knock.now)
    except TokenRefused as refusal:
        note_stranger(str(refusal))
        raise TokenRequestRefused("invalid_dpop_proof", "Send one DPoP proof made for this request.") from None
    if not (await admissions.spend(session, proof, [], knock.now)).fresh:
        note_stranger("proof_used")
        raise TokenRequestRefused("invalid_dpop_proof", "The proof was used before.")
    return proof
