"""An external issuer's public keys, fetched from where it says they are."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from service.errors import Unavailable

SECONDS = 5.0  # for all of it, however slowly the answer comes
LARGEST_ANSWER = 1_000_000  # bytes, unpacked
MOST_KEYS = 100
PIECE = 65_536  # bytes


async def fetch_keys(
    issuer: str, jwks_url: str | None, transport: httpx.AsyncBaseTransport | None = None
) -> list[Mapping[str, Any]]:
    """Return an issuer's JSON Web Keys; without `jwks_url`, from where its metadata says (RFC 8414, or OpenID's).

    Unavailable when either cannot be fetched or read in time, or the metadata is another issuer's, or there are too
    many keys. Redirects are not followed.
    """
    try:
        async with asyncio.timeout(SECONDS), httpx.AsyncClient(timeout=SECONDS, transport=transport) as client:
            address = jwks_url or await _jwks_url(client, issuer)
            keys = (await _document(client, address)).get("keys")
    except TimeoutError:
        raise _unavailable() from None
    if not isinstance(keys, list) or len(keys) > MOST_KEYS or not all(isinstance(key, dict) for key in keys):
        raise _unavailable()
    return keys


async def _jwks_url(client: httpx.AsyncClient, issuer: str) -> str:
    address = (await fetch_metadata(client, issuer)).get("jwks_uri")
    if not isinstance(address, str):
        raise _unavailable()
    return address


async def fetch_metadata(client: httpx.AsyncClient, issuer: str) -> dict[str, Any]:
    """Return how an issuer describes itself; Unavailable where it cannot be read or speaks for another."""
    try:
        metadata = await _document(client, metadata_urls(issuer)[0])
    except Unavailable:
        metadata = await _document(client, metadata_urls(issuer)[1])
    named = metadata.get("issuer")
    if not isinstance(named, str) or named.rstrip("/") != issuer:
        raise _unavailable()
    return metadata


def metadata_urls(issuer: str) -> tuple[str, str]:
    """Return where an issuer may describe itself: RFC 8414 puts the well-known part before its path, OpenID after."""
    parts = urlsplit(issuer)
    before = urlunsplit(parts._replace(path=f"/.well-known/oauth-authorization-server{parts.path}"))
    return before, f"{issuer}/.well-known/openid-configuration"


async def _document(client: httpx.AsyncClient, address: str) -> dict[str, Any]:
    try:
        async with client.stream("GET", address, headers={"Accept": "application/json"}) as answer:
            document = json.loads(await _read(answer))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError):
        raise _unavailable() from None
    if not isinstance(document, dict):
        raise _unavailable()
    return document


async def _read(answer: httpx.Response) -> bytes:
    """Return an answer's body, of which no more is read than any issuer needs."""
    if answer.status_code != httpx.codes.OK:
        raise _unavailable()
    body = bytearray()
    async for piece in answer.aiter_bytes(PIECE):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise _unavailable()
    return bytes(body)


def _unavailable() -> Unavailable:
    return Unavailable("The issuer's keys cannot be fetched.")
