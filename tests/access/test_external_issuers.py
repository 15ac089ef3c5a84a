"""An issuer elsewhere is asked over HTTP, and what it does not say plainly is not believed."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from service.errors import Unavailable
from service.gateways import external_issuers
from service.gateways.external_issuers import MOST_KEYS, fetch_keys, metadata_urls

ISSUER = "https://issuer.example/realms/justice"
JWKS = "https://keys.example/jwks"
KEYS = [{"kty": "EC", "kid": "one"}]
Answers = dict[str, httpx.Response]


def answering(answers: Answers) -> httpx.MockTransport:
    """Answer by address; 404 for any other."""
    return httpx.MockTransport(lambda request: answers.get(str(request.url), httpx.Response(404)))


async def test_keys_come_from_the_configured_address() -> None:
    transport = answering({JWKS: httpx.Response(200, json={"keys": KEYS})})

    assert await fetch_keys(ISSUER, JWKS, transport) == KEYS


@pytest.mark.parametrize("described_at", metadata_urls(ISSUER))
async def test_without_one_they_come_from_where_the_issuer_says(described_at: str) -> None:
    metadata = {"issuer": ISSUER, "jwks_uri": JWKS}
    transport = answering(
        {described_at: httpx.Response(200, json=metadata), JWKS: httpx.Response(200, json={"keys": KEYS})}
    )

    assert await fetch_keys(ISSUER, None, transport) == KEYS


def test_an_issuer_with_a_path_describes_itself_in_either_place() -> None:
    assert metadata_urls(ISSUER) == (
        "https://issuer.example/.well-known/oauth-authorization-server/realms/justice",
        "https://issuer.example/realms/justice/.well-known/openid-configuration",
    )


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://issuer.example/realms/another", "jwks_uri": JWKS},
        {"jwks_uri": JWKS},
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": ["https://a", "https://b"]},
        [],
    ],
)
async def test_metadata_that_is_not_the_issuers_own_is_not_followed(metadata: Any) -> None:
    described = {url: httpx.Response(200, json=metadata) for url in metadata_urls(ISSUER)}
    transport = answering({**described, JWKS: httpx.Response(200, json={"keys": KEYS})})

    with pytest.raises(Unavailable):
        await fetch_keys(ISSUER, None, transport)


def _raise(failure: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    return fail


@pytest.mark.parametrize(
    "transport",
    [
        answering({}),
        answering({JWKS: httpx.Response(500, json={"keys": KEYS})}),
        answering({JWKS: httpx.Response(302, headers={"Location": "https://elsewhere.example"})}),
        answering({JWKS: httpx.Response(200, text="<html>")}),
        answering({JWKS: httpx.Response(200, json=KEYS)}),
        answering({JWKS: httpx.Response(200, json={"keys": "one"})}),
        answering({JWKS: httpx.Response(200, json={"keys": ["one"]})}),
        answering({JWKS: httpx.Response(200, json={"keys": KEYS, "more": "x" * 1_000_000})}),
        answering({JWKS: httpx.Response(200, json={"keys": KEYS * (MOST_KEYS + 1)})}),
        answering({JWKS: httpx.Response(200, text='{"keys": ' * 100_000)}),
        httpx.MockTransport(_raise(httpx.ConnectTimeout("too long"))),
        httpx.MockTransport(_raise(httpx.ConnectError("no such host"))),
    ],
)
async def test_keys_that_cannot_be_had_are_said_to_be_unavailable(transport: httpx.MockTransport) -> None:
    with pytest.raises(Unavailable):
        await fetch_keys(ISSUER, JWKS, transport)


class Pieces(httpx.AsyncByteStream):
    """An answer in pieces, of which it is known how many were read."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self.pieces = pieces
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self.pieces:
            self.read += 1
            yield piece


async def without_end() -> AsyncIterator[bytes]:
    while True:
        yield b" " * 100_000


async def zeros_without_end() -> AsyncIterator[bytes]:
    packed = gzip.compress(b" " * 10_000_000)
    yield packed
    while True:
        yield packed


@pytest.mark.parametrize(
    ("pieces", "headers"),
    [(without_end, {}), (zeros_without_end, {"Content-Encoding": "gzip"})],
    ids=["plain", "packed"],
)
async def test_an_answer_without_end_is_not_read_to_it(pieces: Any, headers: dict[str, str]) -> None:
    stream = Pieces(pieces())
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, stream=stream))

    with pytest.raises(Unavailable):
        await fetch_keys(ISSUER, JWKS, transport)
    assert stream.read < 20


async def test_an_issuer_that_says_a_little_now_and_then_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0)

    monkeypatch.setattr(external_issuers, "SECONDS", 0.05)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Pieces(drops())))

    with pytest.raises(Unavailable):
        await asyncio.wait_for(fetch_keys(ISSUER, JWKS, transport), timeout=30)
