"""A provider's system as tests hold it: its keys, its assertions and proofs, and the tokens it gets."""

import datetime
import json
from dataclasses import dataclass, field
from typing import Any

from httpx import AsyncClient, Response
from joserfc import jwk
from joserfc.jwk import ECKey

from service.access.assertions import make_assertion
from service.access.proofs import Asked, make_proof
from service.operations.client_authentication import ASSERTION_TYPE
from service.operations.tokens import ACCESS_TOKEN, TOKEN_EXCHANGE
from tests.routes.callers import Clock

EVERY_SCOPE = ["referrals.read", "referrals.act", "changes.read", "changes.acknowledge"]
PUBLIC = ("kty", "crv", "x", "y", "kid")


def new_key() -> ECKey:
    return jwk.generate_key("EC", "P-256", auto_kid=True)


def public(key: ECKey) -> dict[str, Any]:
    shown = key.as_dict(private=False)
    return {part: shown[part] for part in PUBLIC}


@dataclass
class System:
    """A client with a key, at one address of the service."""

    client: AsyncClient
    clock: Clock
    id: str
    worker: str | None
    address: str
    key: ECKey = field(default_factory=new_key)

    @property
    def now(self) -> datetime.datetime:
        return self.clock.now

    def assertion(self, **changes: Any) -> str:
        made = {"client": self.id, "worker": self.worker, "issuer": self.address, "now": self.now} | changes
        return make_assertion(made.pop("key", self.key), **made)

    def proof(self, method: str, path: str, token: str | None = None, key: ECKey | None = None) -> str:
        return make_proof(key or self.key, Asked(method, self.address + path, token), self.now)

    async def ask(self, path: str = "/oauth2/token", *, proof: str | None = None, **form: str) -> Response:
        """Send a form with a fresh assertion, unless the form says who is asking."""
        known = {"client_assertion_type": ASSERTION_TYPE}
        if "client_assertion" not in form and "client_secret" not in form:
            form["client_assertion"] = self.assertion()
        headers = {} if proof is None else {"DPoP": proof}
        asked = (known if "client_secret" not in form else {}) | form
        return await self.client.post(path, data=asked, headers=headers)

    async def token(self, *, bound: bool = False, **form: str) -> str:
        """Get a token, bound to the system's key or not."""
        proof = self.proof("POST", "/oauth2/token") if bound else None
        answer = await self.ask(proof=proof, **({"grant_type": "client_credentials"} | form))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def exchange(self, token: str, *, proof: str | None = None, **form: str) -> Response:
        subject = {"grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN}
        return await self.ask(proof=proof, **(subject | form))

    async def get(self, path: str, token: str) -> Response:
        return await self.client.get(path, headers={"Authorization": f"Bearer {token}"})

    async def get_bound(self, path: str, token: str, proof: str | None = None) -> Response:
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof or self.proof("GET", path, token)}
        return await self.client.get(path, headers=headers)


async def register(administrator: AsyncClient, system: System, whose: str, **changes: Any) -> Response:
    kept = {
        "name": "A case system",
        "role": "provider",
        "organisation": whose,
        "scopes": EVERY_SCOPE,
        "keys": [public(system.key)],
    }
    return await administrator.put(f"/v1/clients/{system.id}", content=json.dumps(kept | changes), headers=JSON)


JSON = {"Content-Type": "application/json"}
