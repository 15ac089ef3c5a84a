"""The embedded issuer, described for those who verify its tokens. An external one speaks for itself."""

from fastapi import APIRouter, Request

from service.access.issuers import Issuer
from service.errors import NotFound, Unavailable
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.issuer import IssuerMetadata, KeySet

router = APIRouter(route_class=TransactionalRoute, prefix="/.well-known", tags=["issuer"])


def _publishing(request: Request) -> Issuer:
    issuer: Issuer = request.app.state.issuer
    if not issuer.publishes:
        raise NotFound
    return issuer


@router.get("/jwks.json", responses=problems_of(NotFound, Unavailable))
async def read_keys(request: Request) -> KeySet:
    """Read the public keys of the embedded issuer; absent where tokens come from an external one."""
    return KeySet(keys=await _publishing(request).keys.documents())


@router.get("/oauth-authorization-server", responses=problems_of(NotFound))
async def read_issuer_metadata(request: Request) -> IssuerMetadata:
    """Read how the embedded issuer describes itself (RFC 8414); absent where tokens come from an external one."""
    address = _publishing(request).expected.issuers[0]
    return IssuerMetadata(
        issuer=address,
        jwks_uri=f"{address}/.well-known/jwks.json",
        response_types_supported=[],
        grant_types_supported=[],
    )
