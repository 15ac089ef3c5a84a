"""Who holds which token while it is measured; a provider's is bound to a key, as it must be outside development."""

import datetime
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import httpx
from joserfc.jwk import ECKey

from service.access.proofs import Asked, make_proof


@dataclass(frozen=True, slots=True)
class Holder:
    """A token, and the private key it is bound to, where it is to any."""

    token: str = field(repr=False)
    key: dict[str, Any] | None = field(default=None, repr=False)

    def headers(self, method: str, address: str) -> dict[str, str]:
        """Return what a request must say of its sender: the token and, for a bound one, a proof that is good once."""
        if self.key is None:
            return {"Authorization": f"Bearer {self.token}"}
        asked = Asked(method, address.partition("?")[0], self.token)
        proof = make_proof(ECKey.import_key(self.key), asked, datetime.datetime.now(datetime.UTC))
        return {"Authorization": f"DPoP {self.token}", "DPoP": proof}


class Signed(httpx.Auth):
    """Signs each request of a client as its holder."""

    def __init__(self, holder: Holder) -> None:
        self.holder = holder

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add what the request must say of its sender."""
        request.headers.update(self.holder.headers(request.method, str(request.url)))
        yield request


def new_key() -> ECKey:
    """Return a new key to bind a token to."""
    return ECKey.generate_key("P-256", private=True)
