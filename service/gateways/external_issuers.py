"""An external issuer's public keys, fetched from where it says they are."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from service.errors import Unavailable

SECONDS = 5.0
LARGEST_ANSWER = 1_000_000  # bytes


async def fetch_keys(
    issuer: str, jwks_url: str | None, transport: httpx.AsyncBaseTransport | None = None
) -> list[Mapping[str, Any]]:
    """Return an issuer's JSON Web Keys; without `jwks_url`, from where its metadata says (RFC 8414, or OpenID's).

    Unavailable when either cannot be fetched or read, or the metadata is another issuer's. Redirects are not followed.
    """
    async with httpx.AsyncClient(timeout=SECONDS, transport=transport) as client:
        address = jwks_url or await _jwks_url(client, issuer)
        keys = (await _document(client, address)).get("keys")
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
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
        answer = await client.get(address, headers={"Accept": "application/json"})
        if answer.status_code != httpx.codes.OK or len(answer.content) > LARGEST_ANSWER:
            raise _unavailable()
        document = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise _unavailable() from None
    if not isinstance(document, dict):
        raise _unavailable()
    return document


def _unavailable() -> Unavailable:
    return Unavailable("The issuer's keys cannot be fetched.")
