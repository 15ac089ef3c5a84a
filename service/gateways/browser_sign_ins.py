"""Signing in at an external issuer: where its pages are, and the exchange of its code for tokens."""

from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from service.errors import Unavailable
from service.gateways.external_issuers import LARGEST_ANSWER, SECONDS, fetch_metadata


@dataclass(frozen=True, slots=True)
class SignInClient:
    """This service as its issuer knows it: a public client, or one with a secret."""

    issuer: str
    client_id: str
    secret: SecretStr | None
    transport: httpx.AsyncBaseTransport | None = None


@dataclass(frozen=True, slots=True)
class SignInAddresses:
    """Where a person signs in, and where the code they come back with is exchanged."""

    authorization: str
    token: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What an issuer gives for a code: who signed in, and a token to act as them."""

    id_token: str
    access_token: str


class CodeRefused(Exception):
    """The issuer would not exchange the code."""


async def find_addresses(client: SignInClient) -> SignInAddresses:
    """Return where signing in goes on, as the issuer describes itself; Unavailable when it cannot be asked."""
    async with httpx.AsyncClient(timeout=SECONDS, transport=client.transport) as http:
        metadata = await fetch_metadata(http, client.issuer)
    found = [metadata.get(name) for name in ("authorization_endpoint", "token_endpoint")]
    if not all(isinstance(address, str) and address.startswith(("https://", "http://")) for address in found):
        raise Unavailable("The issuer does not say where people sign in.")
    return SignInAddresses(str(found[0]), str(found[1]))


async def exchange_code(client: SignInClient, code: str, verifier: str, redirect_uri: str) -> SignedIn:
    """Exchange a code for tokens (RFC 6749 §4.1.3, RFC 7636); CodeRefused, or Unavailable when nobody answers."""
    addresses = await find_addresses(client)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "client_id": client.client_id,
    }
    given = client.secret
    basic = httpx.BasicAuth(client.client_id, given.get_secret_value()) if given is not None else None
    try:
        async with httpx.AsyncClient(timeout=SECONDS, transport=client.transport, auth=basic) as http:
            answer = await http.post(addresses.token, data=form, headers={"Accept": "application/json"})
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Unavailable("The issuer does not answer.") from None
    return _signed_in(answer)


def _signed_in(answer: httpx.Response) -> SignedIn:
    if answer.is_server_error or len(answer.content) > LARGEST_ANSWER:
        raise Unavailable("The issuer does not answer.")
    try:
        body: Any = answer.json()
    except ValueError:
        body = None
    if answer.status_code != httpx.codes.OK or not isinstance(body, dict):
        raise CodeRefused
    tokens = [body.get("id_token"), body.get("access_token")]
    if not all(isinstance(token, str) for token in tokens):
        raise CodeRefused
    return SignedIn(str(tokens[0]), str(tokens[1]))
