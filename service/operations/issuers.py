"""The issuers this service can be told to believe: its own, on a development machine, or one elsewhere."""

from typing import Any

from joserfc.jwk import ECKey

from service.access import issuers
from service.access.issuers import Issuer, KeyDocuments, KeyRing
from service.access.tokens import OUR_ALGORITHM, ClaimNames, Expected
from service.db import Sessions
from service.gateways import external_issuers
from service.store import sessions as database
from service.store import signing_keys


def embedded_issuer(address: str, audience: str, sessions: Sessions) -> Issuer:
    """Return the issuer of a development machine: its keys are in the database, shared by every process."""

    async def fetch() -> KeyDocuments:
        try:
            async with sessions() as session:
                connection = await session.driver()
                return [_public(key) for key in await signing_keys.keys_in_use(connection)]
        except database.TRANSIENT as failure:
            raise database.as_problem(failure) from failure

    expected = Expected((address,), audience, (OUR_ALGORITHM,), ClaimNames(scope="scope"))
    return Issuer(expected, KeyRing(fetch, issuers.EMBEDDED))


def external_issuer(
    address: str, audience: str, jwks_url: str | None, names: ClaimNames, algorithms: tuple[str, ...]
) -> Issuer:
    """Return an issuer elsewhere: its keys are fetched, at most every 30 seconds for one we do not know."""

    async def fetch() -> KeyDocuments:
        return await external_issuers.fetch_keys(address, jwks_url)

    # Some issuers end their own name with a slash, which the setting has lost.
    expected = Expected((address, f"{address}/"), audience, algorithms, names)
    return Issuer(expected, KeyRing(fetch, issuers.EXTERNAL))


def _public(document: Any) -> dict[str, Any]:
    key = ECKey.import_key(dict(document))
    return {**key.as_dict(private=False), "use": "sig", "alg": OUR_ALGORITHM}
