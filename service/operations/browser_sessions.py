"""Signing in with a browser and out again: at the issuer, or by a development machine's link."""

import datetime
from dataclasses import dataclass
from urllib.parse import urlencode

from psycopg import AsyncConnection

from service.access import browser_secrets, id_tokens
from service.access.browser_secrets import SIGNS_IN, digest_of, new_secret
from service.access.callers import Caller
from service.access.id_tokens import SignInExpected
from service.access.issuers import Issuer
from service.access.tokens import Bearer, TokenRefused
from service.db import Sessions
from service.gateways import browser_sign_ins
from service.gateways.browser_sign_ins import CodeRefused, SignInClient
from service.store import browser_sessions as store
from service.store.browser_sessions import SignInBegun

SIGN_IN_FOR = datetime.timedelta(minutes=10)
LINK_FOR = datetime.timedelta(hours=8)
SEEN_EVERY = datetime.timedelta(minutes=1)  # a page need not write each time
PAGES = "pages"  # the client of who signs in by a link


class SignInRefused(Exception):
    """Nobody is signed in. The reason is for the metrics; whoever tried is told no more than that."""


@dataclass(frozen=True, slots=True)
class Lives:
    """How long a session lasts: without a page, and at all."""

    idle: datetime.timedelta
    whole: datetime.timedelta


@dataclass(frozen=True, slots=True)
class SignInAt:
    """Where people sign in: which issuer, known by which client, and the address that they come back to."""

    issuer: Issuer
    client: SignInClient
    redirect_uri: str
    scope: str


@dataclass(frozen=True, slots=True)
class ComingBack:
    """What a browser comes back with from the issuer, and what it was given when it left."""

    code: str
    state: str
    browser: str


async def begin_sign_in(sessions: Sessions, at: SignInAt, now: datetime.datetime) -> tuple[str, str]:
    """Return where the browser is to go, and what it is to hold until it comes back."""
    addresses = await browser_sign_ins.find_addresses(at.client)
    state, browser = new_secret(), new_secret()
    begun = SignInBegun(nonce=new_secret(), verifier=new_secret())
    async with sessions() as session:
        connection = await session.driver()
        await store.add_sign_in(connection, digest_of(state), digest_of(browser), begun, now + SIGN_IN_FOR)
        await session.commit()
    query = {
        "response_type": "code",
        "client_id": at.client.client_id,
        "redirect_uri": at.redirect_uri,
        "scope": at.scope,
        "state": state,
        "nonce": begun.nonce,
        "code_challenge": browser_secrets.challenge_of(begun.verifier),
        "code_challenge_method": "S256",
    }
    return f"{addresses.authorization}{'&' if '?' in addresses.authorization else '?'}{urlencode(query)}", browser


async def finish_sign_in(
    sessions: Sessions, at: SignInAt, back: ComingBack, lives: Lives, now: datetime.datetime
) -> str:
    """Exchange what the browser came back with for a session, and return its secret; SignInRefused, Unavailable.

    No database connection is held while the issuer is asked.
    """
    async with sessions() as session:
        connection = await session.driver()
        begun = await store.take_sign_in(connection, digest_of(back.state), digest_of(back.browser), now)
        await session.commit()
    if begun is None:
        raise SignInRefused("sign_in_unknown")
    try:
        signed_in = await browser_sign_ins.exchange_code(at.client, back.code, begun.verifier, at.redirect_uri)
        subject = await _subject(at, signed_in.id_token, begun.nonce, now)
        caller = await at.issuer.identify(signed_in.access_token, now)
    except CodeRefused:
        raise SignInRefused("code_refused") from None
    except TokenRefused as refusal:
        raise SignInRefused(str(refusal)) from None
    if caller.worker != subject:
        raise SignInRefused("another_subject")
    return await _open(sessions, caller, lives, now)


async def _subject(at: SignInAt, id_token: str, nonce: str, now: datetime.datetime) -> str:
    expected = at.issuer.expected
    key = await at.issuer.keys.find(id_tokens.key_id_of(id_token, expected.algorithms))
    if key is None:
        raise TokenRefused("id_token_key")
    wanted = SignInExpected(expected.issuers, at.client.client_id, nonce, expected.algorithms)
    return id_tokens.subject_of(id_token, key, wanted, now)


async def make_link(connection: AsyncConnection[object], bearer: Bearer, now: datetime.datetime) -> str:
    """Return the secret of a link that signs in as an invented worker, good for 8 hours on a development machine."""
    secret = new_secret()
    caller = Caller(
        worker=bearer.worker,
        role=bearer.role,
        client=PAGES,
        organisation=bearer.organisation,
        area=bearer.area,
        premises=bearer.premises,
    )
    await store.add_link(connection, digest_of(secret), browser_secrets.kept_of(caller), now + LINK_FOR)
    return secret


async def follow_link(sessions: Sessions, link: str, lives: Lives, now: datetime.datetime) -> str:
    """Sign in by a development machine's link and return the session's secret; SignInRefused for one there is not."""
    async with sessions() as session:
        kept = await store.find_link(await session.driver(), digest_of(link), now)
    if kept is None:
        raise SignInRefused("link_unknown")
    return await _open(sessions, browser_secrets.caller_from(kept), lives, now)


async def _open(sessions: Sessions, caller: Caller, lives: Lives, now: datetime.datetime) -> str:
    """Open a session for who has pages; each has a secret of its own, made here and never chosen by a browser."""
    if caller.role not in SIGNS_IN:
        raise SignInRefused("no_pages_for_the_role")
    # A browser cannot prove that it holds a key, and a token for one referral is no sign-in.
    if caller.bound_to is not None or caller.narrowed_to is not None:
        raise SignInRefused("token_bound_or_narrowed")
    secret = new_secret()
    async with sessions() as session:
        connection = await session.driver()
        kept = browser_secrets.kept_of(caller)
        await store.add_session(connection, digest_of(secret), kept, now, now + lives.whole)
        await session.commit()
    return secret


async def recognise(sessions: Sessions, secret: str, lives: Lives, now: datetime.datetime) -> Caller | None:
    """Return whom a browser's session speaks for, and note that it was heard of; None where it has ended."""
    async with sessions() as session:
        connection = await session.driver()
        digest = digest_of(secret)
        found = await store.find_session(connection, digest, now=now, idle_since=now - lives.idle)
        if found is not None and now - found.seen_at >= SEEN_EVERY:
            await store.see_session(connection, digest, now)
            await session.commit()
    return None if found is None else browser_secrets.caller_from(found.caller)


async def sign_out(sessions: Sessions, secret: str) -> None:
    """End a session: its secret opens nothing from now on, wherever it is still kept."""
    async with sessions() as session:
        await store.end_session(await session.driver(), digest_of(secret))
        await session.commit()
