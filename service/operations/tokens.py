"""The embedded issuer at work: a token for a client's worker, a narrower one for it, and the end of one."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.access import tokens
from service.access.callers import Caller, Role
from service.access.issuers import Issuer
from service.access.oauth_problems import TokenRequestRefused
from service.access.records import AccessRecord
from service.access.scopes import SCOPES
from service.access.tokens import CLIENT_LIFE, Bearer, TokenRefused
from service.db import Session
from service.operations import signing_keys
from service.operations.client_authentication import KnownClient
from service.store import audit
from service.store import clients as store

CLIENT_CREDENTIALS = "client_credentials"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105
JWT = "urn:ietf:params:oauth:token-type:jwt"
ONE_REFERRAL = "/v1/provider/referrals/"
Life = tuple[datetime.datetime, datetime.datetime]  # from when a token is said to be made until it ends


@dataclass(frozen=True, slots=True)
class Granting:
    """For whom the issuer acts: its keys, the audience its tokens name, the moment, and the request's trace."""

    issuer: Issuer
    now: datetime.datetime
    trace_id: str

    @property
    def address(self) -> str:
        """The issuer's name, which is the address of this service."""
        return self.issuer.expected.issuers[0]


async def grant(session: Session, asked: Mapping[str, str], client: KnownClient, granting: Granting) -> dict[str, Any]:
    """Return the answer of the token endpoint (RFC 6749 §5.1); TokenRequestRefused with OAuth's code."""
    kind, wanted = asked.get("grant_type"), asked.get("requested_token_type", ACCESS_TOKEN)
    if wanted not in {ACCESS_TOKEN, JWT}:
        raise TokenRequestRefused("invalid_request", "Only access tokens are given here.")
    if kind == CLIENT_CREDENTIALS:
        bearer = await _asked_by_client(session, asked, client, granting.address)
        until = granting.now + CLIENT_LIFE
    elif kind == TOKEN_EXCHANGE:
        bearer, until = await _narrowed(session, asked, client, granting)
    else:
        raise TokenRequestRefused("unsupported_grant_type", f"Ask with {CLIENT_CREDENTIALS} or {TOKEN_EXCHANGE}.")
    life = _issued_at(client, granting.now), until
    return await _signed(session, bearer, life, granting, wanted if kind == TOKEN_EXCHANGE else None)


def _issued_at(client: KnownClient, now: datetime.datetime) -> datetime.datetime:
    """Return when a token is said to be made: after the end of all its client had, which a whole second may not tell.

    So it may lie in the next second, which the difference allowed between clocks covers.
    """
    ended = client.ends_before
    if ended is None or now.replace(microsecond=0) >= ended:
        return now
    return ended.replace(microsecond=0) + datetime.timedelta(seconds=1)


async def _signed(
    session: Session, bearer: Bearer, life: Life, granting: Granting, exchanged_for: str | None
) -> dict[str, Any]:
    issued_at, until = life
    key = await signing_keys.signing_key(await session.driver(), granting.now)
    audience = granting.issuer.expected.audience
    token = tokens.sign(key, bearer, issuer=granting.address, audience=audience, now=issued_at, until=until)
    caller = tokens.caller_of(token, key, granting.issuer.expected, granting.now)
    await _record(session, "issue_token", caller, granting)
    answer: dict[str, Any] = {
        "access_token": token,
        "token_type": "DPoP" if bearer.bound_to else "Bearer",
        "expires_in": int((until - granting.now).total_seconds()),
    }
    if bearer.scopes is not None:
        answer["scope"] = " ".join(sorted(bearer.scopes))
    return answer | ({} if exchanged_for is None else {"issued_token_type": exchanged_for})


async def _record(session: Session, action: str, caller: Caller, granting: Granting) -> None:
    record = AccessRecord(action, referral_id=caller.narrowed_to)
    record.notes("changed", token=caller.token_id, origins=list(caller.origins), scopes=sorted(caller.scopes or ()))
    await audit.append(session, record, caller, granting.now, granting.trace_id)


async def _asked_by_client(session: Session, asked: Mapping[str, str], client: KnownClient, address: str) -> Bearer:
    """Return whom a client's token is for: the worker it named in what it signed, and nobody it named elsewhere."""
    if "subject_token" in asked or "subject_token_type" in asked:
        raise TokenRequestRefused("invalid_request", f"A subject token is exchanged with {TOKEN_EXCHANGE}.")
    role = Role(client.role)
    worker = client.worker or (client.id if role is Role.RECORD_SYSTEM else None)
    if worker is None:
        raise TokenRequestRefused("invalid_grant", "The assertion must name the worker it asks for.")
    if role is Role.PROVIDER and not await store.is_at_work(session, worker, str(client.organisation)):
        raise TokenRequestRefused("invalid_grant", "The organisation has no such worker at work.")
    whole = Caller(worker, role, client.id, client.organisation)
    allowed = client.scopes if role is Role.PROVIDER else None
    return Bearer(
        *(worker, role, client.id, client.organisation),
        scopes=_scopes(asked, allowed),
        narrowed_to=_one_referral(asked, whole, address),
        subcontractor=_subcontractor(asked, whole),
        bound_to=client.thumbprint,
    )


def _scopes(asked: Mapping[str, str], allowed: frozenset[str] | None) -> frozenset[str] | None:
    """Read which scopes a token is to have, of those allowed; without any to choose from, none is asked for."""
    if allowed is None:
        if asked.get("scope"):
            raise TokenRequestRefused("invalid_scope", "There are no scopes for this role.")
        return None
    wanted = frozenset(asked["scope"].split()) if asked.get("scope") else allowed
    if not wanted or not wanted <= allowed or not wanted <= set(SCOPES):
        raise TokenRequestRefused("invalid_scope", "Ask for scopes you have.")
    return wanted


async def _narrowed(
    session: Session, asked: Mapping[str, str], client: KnownClient, granting: Granting
) -> tuple[Bearer, datetime.datetime]:
    """Return whom an exchanged token is for (RFC 8693): the same worker with less, for no longer than before."""
    if asked.get("subject_token_type") != ACCESS_TOKEN or "actor_token" in asked:
        raise TokenRequestRefused("invalid_request", f"Send one subject_token of type {ACCESS_TOKEN}.")
    found = await live_token(session, asked.get("subject_token", ""), client, granting)
    if found is None or found.caller.bound_to != client.thumbprint:
        raise TokenRequestRefused("invalid_grant", "The subject token is not one of yours that is good now.")
    caller = found.caller
    if len(caller.origins) == tokens.MOST_ORIGINS:
        raise TokenRequestRefused("invalid_request", "Narrow an earlier token: this one came from too many others.")
    bearer = Bearer(
        *(caller.worker, Role(caller.role), caller.client, caller.organisation, caller.area, caller.premises),
        scopes=_scopes(asked, caller.scopes),
        narrowed_to=_one_referral(asked, caller, granting.address),
        subcontractor=_subcontractor(asked, caller),
        bound_to=caller.bound_to,
        origins=(*caller.origins, caller.token_id),
    )
    return bearer, min(found.until, granting.now + CLIENT_LIFE)


def _one_referral(asked: Mapping[str, str], caller: Caller, address: str) -> uuid.UUID | None:
    """Read the referral a token is narrowed to, which its request names as a resource (RFC 8693 §2.1, RFC 8707).

    The resource may also be the service itself, for which every token is. Only a provider's reach is one of referrals:
    another's token that named one would seem narrower than it is.
    """
    if asked.get("resource", address).removesuffix("/") == address:
        return caller.narrowed_to
    if caller.role is not Role.PROVIDER:
        raise TokenRequestRefused("invalid_target", "A token of this role cannot be narrowed to a referral.")
    try:
        wanted = uuid.UUID(asked["resource"].removeprefix(address + ONE_REFERRAL))
    except ValueError:
        raise TokenRequestRefused("invalid_target", f"Name a referral as {address}{ONE_REFERRAL}ID.") from None
    if caller.narrowed_to not in (None, wanted):
        raise TokenRequestRefused("invalid_target", "The subject token is for another referral.")
    return wanted


def _subcontractor(asked: Mapping[str, str], caller: Caller) -> str | None:
    """Read the subcontractor to whose shared contracts a token is narrowed, named as an audience (RFC 8693 §2.1)."""
    wanted = asked.get("audience")
    if wanted is None:
        return caller.subcontractor
    if caller.role is not Role.PROVIDER or caller.subcontractor not in (None, wanted):
        raise TokenRequestRefused("invalid_target", "The subject token cannot be narrowed to this organisation.")
    if not 0 < len(wanted) <= tokens.LONGEST_PLACE or not wanted.isprintable() or wanted != wanted.strip():
        raise TokenRequestRefused("invalid_target", "Name an organisation by its id.")
    return wanted


@dataclass(frozen=True, slots=True)
class LiveToken:
    """A token that is good now: whom it names, and when it ends."""

    caller: Caller
    until: datetime.datetime


async def live_token(session: Session, token: str, client: KnownClient, granting: Granting) -> LiveToken | None:
    """Return what a client's own token says where it is good now; None for any other, whatever the reason."""
    try:
        token.encode("ascii")
        kid = tokens.key_id_of(token, granting.issuer.expected)
        key = await granting.issuer.keys.find(kid)
        if key is None:
            return None
        vouched = tokens.vouched_for(token, key, granting.issuer.expected, granting.now)
    except (TokenRefused, UnicodeEncodeError):
        return None
    caller = vouched.caller
    if caller.client != client.id or await store.has_ended(session, caller.lineage, caller.client, caller.issued_at):
        return None
    until = datetime.datetime.fromtimestamp(vouched.good_until - tokens.LEEWAY_SECONDS, datetime.UTC)
    return LiveToken(caller, until) if until > granting.now else None


async def introspect(session: Session, token: str, client: KnownClient, granting: Granting) -> dict[str, Any]:
    """Return what a token of the client's says (RFC 7662 §2.2); of any other, and of one that ended, only that."""
    found = await live_token(session, token, client, granting)
    if found is None:
        return {"active": False}
    caller = found.caller
    if caller.role is Role.PROVIDER and not await store.is_at_work(session, caller.worker, str(caller.organisation)):
        return {"active": False}
    said = {
        "active": True,
        "iss": granting.address,
        "aud": granting.issuer.expected.audience,
        "sub": caller.worker,
        "client_id": caller.client,
        "role": str(caller.role),
        "organisation": caller.organisation,
        "scope": None if caller.scopes is None else " ".join(sorted(caller.scopes)),
        "referral_id": caller.narrowed_to and str(caller.narrowed_to),
        "subcontractor": caller.subcontractor,
        "act": {"sub": caller.client} if caller.origins else None,
        "jti": caller.token_id,
        "iat": caller.issued_at,
        "exp": int(found.until.timestamp()),
        "token_type": "DPoP" if caller.bound_to else "Bearer",
        "cnf": caller.bound_to and {"jkt": caller.bound_to},
    }
    return {name: value for name, value in said.items() if value is not None}


async def revoke(session: Session, token: str, client: KnownClient, granting: Granting) -> None:
    """End a client's own token, and those narrowed from it, from the next request on; any other is passed over."""
    found = await live_token(session, token, client, granting)
    if found is None:
        return
    caller = found.caller
    leeway = datetime.timedelta(seconds=tokens.LEEWAY_SECONDS)
    await store.revoke(session, caller.token_id, client.id, found.until + leeway, granting.now)
    await _record(session, "revoke_token", caller, granting)
