"""Signing in at an external issuer: a code and PKCE, and nobody is believed whose answer does not fit the question."""

import dataclasses
import datetime
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import SecretStr

from service.access import issuers
from service.access.browser_secrets import challenge_of
from service.access.issuers import KeyRing
from service.app import create_app
from service.pages.authentication import SESSION
from service.settings import Settings
from tests.clusters import DatabaseUrls
from tests.routes.callers import A_MONDAY, Clock

ISSUER, CLIENT = "https://issuer.example", "broker-pages"
KEY, FOREIGN = (ECKey.generate_key("P-256", auto_kid=True) for _ in range(2))
ASKED_AT = f"{ISSUER}/authorize"


def signed(claims: dict[str, Any], kind: str, key: ECKey = KEY) -> str:
    return jwt.encode({"alg": "ES256", "typ": kind, "kid": KEY.kid}, claims, key, algorithms=["ES256"])


def times(now: datetime.datetime) -> dict[str, int]:
    return {"iat": int(now.timestamp()), "exp": int(now.timestamp()) + 600}


@dataclass
class IssuerElsewhere:
    """An issuer that answers as a test says; it notes what it was asked."""

    nonce: str = ""
    id_claims: dict[str, Any] = field(default_factory=dict)
    access_claims: dict[str, Any] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: KEY)
    status: int = 200
    exchanges: list[dict[str, str]] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if "well-known" in request.url.path:
            addresses = {"authorization_endpoint": ASKED_AT, "token_endpoint": f"{ISSUER}/token"}
            return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"} | addresses)
        self.exchanges.append(dict(parse_qsl(request.content.decode())))
        about = {"iss": ISSUER, "sub": "p.test", **times(A_MONDAY)}
        said = about | {"aud": CLIENT, "nonce": self.nonce} | self.id_claims
        token = about | {"aud": "referral-broker", "client_id": CLIENT, "jti": "1", "role": "practitioner"}
        tokens = {
            "id_token": signed(said, "JWT", self.key),
            "access_token": signed(token | self.access_claims, "at+jwt"),
        }
        return httpx.Response(self.status, json=tokens | {"token_type": "Bearer"})


@pytest.fixture
async def elsewhere(database_urls: DatabaseUrls) -> AsyncIterator[tuple[IssuerElsewhere, FastAPI]]:
    """Give an issuer elsewhere, and the service that believes it."""
    settings = Settings(
        environment="development",
        database_url=SecretStr(database_urls.application),
        issuer=ISSUER,
        sign_in_client_id=CLIENT,
        public_url="https://broker.example",
        stranger_requests_per_minute=1_000_000,
    )
    app, issuer = create_app(settings, Clock(A_MONDAY)), IssuerElsewhere()

    async def fetch() -> list[dict[str, Any]]:
        return [dict(KEY.as_dict(private=False))]

    async with app.router.lifespan_context(app):
        app.state.issuer = dataclasses.replace(app.state.issuer, keys=KeyRing(fetch, issuers.EXTERNAL))
        app.state.issuer_transport = httpx.MockTransport(issuer.answer)
        yield issuer, app


@pytest.fixture
async def browser(elsewhere: tuple[IssuerElsewhere, FastAPI]) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser that is about to sign in."""
    transport = httpx.ASGITransport(app=elsewhere[1])
    async with httpx.AsyncClient(transport=transport, base_url="https://broker.example") as client:
        yield client


async def leave(browser: httpx.AsyncClient, issuer: IssuerElsewhere) -> dict[str, str]:
    """Go to the issuer, and return what it was asked."""
    sent = urlsplit((await browser.get("/pages/sign-in/begin")).headers["location"])
    asked = {name: values[0] for name, values in parse_qs(sent.query).items()}
    assert f"{sent.scheme}://{sent.netloc}{sent.path}" == ASKED_AT
    issuer.nonce = asked["nonce"]
    return asked


async def come_back(browser: httpx.AsyncClient, state: str, **more: str) -> httpx.Response:
    return await browser.get("/pages/sign-in/answer", params={"code": "code-1", "state": state, **more})


async def test_a_browser_that_comes_back_with_a_code_is_signed_in(
    elsewhere: tuple[IssuerElsewhere, FastAPI], browser: httpx.AsyncClient
) -> None:
    issuer, _ = elsewhere
    asked = await leave(browser, issuer)

    answer = await come_back(browser, asked["state"], iss=ISSUER)

    assert (answer.status_code, answer.headers["location"]) == (303, "/pages")
    assert (await browser.get("/pages/people")).status_code == 200
    (exchange,) = issuer.exchanges
    assert challenge_of(exchange["code_verifier"]) == asked["code_challenge"]
    assert asked["code_challenge_method"] == "S256"
    assert exchange["redirect_uri"] == asked["redirect_uri"] == "https://broker.example/pages/sign-in/answer"


async def test_the_same_answer_signs_in_once(
    elsewhere: tuple[IssuerElsewhere, FastAPI], browser: httpx.AsyncClient
) -> None:
    asked = await leave(browser, elsewhere[0])
    held = dict(browser.cookies)
    await come_back(browser, asked["state"])
    browser.cookies.update(held)

    assert (await come_back(browser, asked["state"])).status_code == 401


async def test_another_browser_cannot_bring_the_answer(
    elsewhere: tuple[IssuerElsewhere, FastAPI], browser: httpx.AsyncClient
) -> None:
    asked = await leave(browser, elsewhere[0])
    browser.cookies.clear()

    assert (await come_back(browser, asked["state"])).status_code == 401
    await leave(browser, elsewhere[0])
    assert (await come_back(browser, asked["state"])).status_code == 401
    assert elsewhere[0].exchanges == []


async def test_signing_in_takes_ten_minutes_at_most(
    elsewhere: tuple[IssuerElsewhere, FastAPI], browser: httpx.AsyncClient
) -> None:
    asked = await leave(browser, elsewhere[0])
    elsewhere[1].state.clock.advance(minutes=11)

    assert (await come_back(browser, asked["state"])).status_code == 401


Changed = Callable[[IssuerElsewhere], None]


def saying(**claims: Any) -> Changed:
    return lambda issuer: issuer.id_claims.update(claims)


def granting(**claims: Any) -> Changed:
    return lambda issuer: issuer.access_claims.update(claims)


@pytest.mark.parametrize(
    "change",
    [
        saying(nonce="another"),
        saying(aud="another-client"),
        saying(aud=[CLIENT, "another"], azp="another"),
        saying(iss="https://another.example"),
        saying(exp=int(A_MONDAY.timestamp()) - 3600),
        saying(sub="somebody.else"),
        granting(aud="another-service"),
        granting(iss="https://another.example"),
        granting(role="provider"),
        granting(role="nobody"),
        lambda issuer: setattr(issuer, "key", FOREIGN),
        lambda issuer: setattr(issuer, "status", 400),
    ],
)
async def test_an_answer_that_does_not_fit_signs_nobody_in(
    elsewhere: tuple[IssuerElsewhere, FastAPI], browser: httpx.AsyncClient, change: Changed
) -> None:
    asked = await leave(browser, elsewhere[0])
    change(elsewhere[0])

    answer = await come_back(browser, asked["state"])

    assert answer.status_code == 401
    assert SESSION not in browser.cookies


@pytest.mark.parametrize("more", [{"iss": "https://another.example"}, {"code": ""}, {"error": "denied", "code": ""}])
async def test_an_answer_of_another_issuer_or_without_a_code_is_not_exchanged(
    elsewhere: tuple[IssuerElsewhere, FastAPI], browser: httpx.AsyncClient, more: dict[str, str]
) -> None:
    asked = await leave(browser, elsewhere[0])

    assert (await come_back(browser, asked["state"], **more)).status_code == 401
    assert elsewhere[0].exchanges == []


async def test_an_issuer_that_does_not_answer_is_a_page_and_no_trace_of_why(
    elsewhere: tuple[IssuerElsewhere, FastAPI], browser: httpx.AsyncClient
) -> None:
    asked = await leave(browser, elsewhere[0])
    elsewhere[0].status = 500

    answer = await come_back(browser, asked["state"])

    assert answer.status_code == 503
    assert "there is a problem" in answer.text


async def test_a_development_machines_link_does_not_open_a_service_with_an_issuer(browser: httpx.AsyncClient) -> None:
    assert (await browser.get(f"/pages/sign-in/link?key={'A' * 43}")).status_code == 404
