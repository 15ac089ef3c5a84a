"""What tests hold in their hands: the service's clock, and clients that call as somebody."""

import datetime
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

import httpx
from httpx import AsyncClient

from service.access.callers import Role

A_MONDAY = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)


@dataclass
class Clock:
    """The service's clock. It stands still until a test moves it."""

    now: datetime.datetime = A_MONDAY

    def __call__(self) -> datetime.datetime:
        """Return the time, as the service asks for it."""
        return self.now

    def set(self, now: datetime.datetime) -> None:
        """Move to a moment."""
        self.now = now

    def advance(self, **by: float) -> None:
        """Move on, as in `advance(days=3, hours=1)`."""
        self.now += datetime.timedelta(**by)


class TokenFor(Protocol):
    """Signs a token that is good now."""

    def __call__(
        self,
        role: str | Role,
        worker: str | None = None,
        organisation: str | None = None,
        area: str | None = None,
        premises: str | None = None,
    ) -> str: ...


class AsRole(Protocol):
    """Opens a client whose every request carries a fresh token."""

    def __call__(
        self,
        role: str | Role,
        worker: str | None = None,
        organisation: str | None = None,
        area: str | None = None,
        premises: str | None = None,
    ) -> AsyncClient: ...


class FreshTokens(httpx.Auth):
    """Signs a token for each request, so that a test may move the clock by years."""

    def __init__(self, sign: Callable[[], str]) -> None:
        self.sign = sign

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the token, unless the test sends one of its own."""
        request.headers.setdefault("Authorization", f"Bearer {self.sign()}")
        yield request
