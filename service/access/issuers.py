"""Who vouches for callers: an issuer's keys, remembered for a while and asked for again when a new one appears."""

import asyncio
import datetime
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwk
from joserfc.errors import JoseError
from joserfc.jwk import Key

from service.access import tokens
from service.access.callers import Caller
from service.access.tokens import Expected, TokenRefused, Vouched
from service.errors import Unavailable

KeyDocuments = Sequence[Mapping[str, Any]]
MOST_REMEMBERED = 2000  # tokens
PUBLIC_PARTS = {"EC": ("crv", "x", "y"), "RSA": ("n", "e"), "OKP": ("crv", "x")}


@dataclass(frozen=True, slots=True)
class Patience:
    """How an issuer's keys are remembered, in seconds."""

    apart: float  # between two fetches, however many strangers name keys that do not exist
    fresh: float  # until a known key is asked for again, so that a retired one is forgotten
    kept: float  # until a known key is no longer believed, when asking again has failed all that time
    waits: bool  # whether a caller with an unknown key waits for the next fetch, or is refused until then
    known: float  # for the answer about a known key that is not fresh; then it is believed without


# Our own keys are a short query away; another's issuer is not to be pestered.
EMBEDDED = Patience(apart=0.25, fresh=60, kept=60, waits=True, known=60)
EXTERNAL = Patience(apart=30, fresh=600, kept=3600, waits=False, known=1)


@dataclass(slots=True)
class KeyRing:
    """An issuer's public keys by their ids. `fetch` raises Unavailable when they cannot be had."""

    fetch: Callable[[], Awaitable[KeyDocuments]]
    patience: Patience
    monotonic: Callable[[], float] = time.monotonic
    _keys: dict[str, Key] = field(default_factory=dict)
    _asked_at: float = float("-inf")
    _fetched_at: float = float("-inf")
    _failed: bool = False
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _renewal: asyncio.Task[None] | None = None
    _renewed_at: float = float("-inf")

    async def find(self, kid: str) -> Key | None:
        """Return the key of this id, or None where the issuer has no such key; Unavailable where we cannot tell."""
        if kid not in self._keys or self._age() > self.patience.kept:
            await self._ask(arrived=self.monotonic())
        elif self._age() > self.patience.fresh:
            await self._renew()
        key = self._keys.get(kid)
        if (key is None and self._failed) or self._age() > self.patience.kept:
            raise Unavailable("The keys that tokens are signed with cannot be fetched.", headers={"Retry-After": "30"})
        return key

    async def documents(self) -> list[dict[str, Any]]:
        """Return the keys as a JSON Web Key Set lists them, as they stand now."""
        return [dict(document) for document in await self.fetch()]

    def _age(self) -> float:
        return self.monotonic() - self._fetched_at

    async def _renew(self) -> None:
        """Ask again about keys that are known, and wait a moment for the answer: one issuer that hangs stops nobody."""
        now = self.monotonic()
        if self._renewal is None or self._renewal.done():
            self._renewal, self._renewed_at = asyncio.create_task(self._ask(arrived=now), name="issuer-keys"), now
        await asyncio.wait({self._renewal}, timeout=max(0.0, self._renewed_at + self.patience.known - now))

    async def _ask(self, arrived: float) -> None:
        async with self._lock:
            # Whoever waited here while another asked has that answer already.
            if self._asked_at >= arrived:
                return
            early = self.patience.apart - (self.monotonic() - self._asked_at)
            if early > 0:
                if not self.patience.waits:
                    return
                await asyncio.sleep(early)
            self._asked_at = self.monotonic()
            try:
                self._keys = usable_keys(await self.fetch())
            except Unavailable:
                self._failed = True
                return
            self._failed, self._fetched_at = False, self.monotonic()


def usable_keys(documents: KeyDocuments) -> dict[str, Key]:
    """Return the public signature keys among JSON Web Keys; what is not one of them is passed over."""
    keys: dict[str, Key] = {}
    for document in documents:
        kid, parts = document.get("kid"), PUBLIC_PARTS.get(str(document.get("kty")))
        if not isinstance(kid, str) or kid in keys or parts is None or document.get("use", "sig") != "sig":
            continue
        try:
            keys[kid] = jwk.import_key({"kty": document["kty"], "kid": kid, **{part: document[part] for part in parts}})
        except (JoseError, KeyError, ValueError, TypeError):
            continue
    return keys


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whom we believe about callers."""

    expected: Expected
    keys: KeyRing
    _vouched: dict[bytes, Vouched] = field(default_factory=dict)

    async def identify(self, token: str, now: datetime.datetime) -> Caller:
        """Return whom a token speaks of; TokenRefused where it is not good, Unavailable where we cannot tell.

        A signature is checked once for as long as its key is held: checking costs as much as a small query.
        """
        # By its digest, so that no token that could be used lies in memory longer than its request.
        digest = hashlib.sha256(token.encode("ascii")).digest()
        vouched = self._vouched.get(digest)
        kid = tokens.key_id_of(token, self.expected) if vouched is None else str(vouched.key.kid)
        key = await self.keys.find(kid)
        if key is None:
            raise TokenRefused("unknown_key")
        if vouched is None or not vouched.holds(key, now):
            vouched = tokens.vouched_for(token, key, self.expected, now)
            if len(self._vouched) >= MOST_REMEMBERED:
                self._vouched.clear()
            self._vouched[digest] = vouched
        return vouched.caller


@dataclass(frozen=True, slots=True)
class TwoIssuers:
    """Our own issuer, which vouches for clients' workers, beside the one elsewhere that vouches for our colleagues."""

    own: Issuer
    other: Issuer

    async def identify(self, token: str, now: datetime.datetime) -> Caller:
        """Return whom a token speaks of, as the issuer it names finds; both raise as Issuer does."""
        named = tokens.unverified_claim(token, "iss")
        issuer = self.own if named in self.own.expected.issuers else self.other
        return await issuer.identify(token, now)
