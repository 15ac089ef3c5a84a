"""The embedded issuer, described for those who verify its tokens or ask for one. An external one speaks for itself."""

from fastapi import APIRouter, Request

from service.access.assertions import CLIENT_ALGORITHMS
from service.access.issuers import Issuer
from service.access.proofs import PROOF_ALGORITHMS
from service.access.scopes import SCOPES
from service.errors import NotFound, Unavailable
from service.operations.tokens import CLIENT_CREDENTIALS, TOKEN_EXCHANGE
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.issuer import IssuerMetadata, KeySet
from service.schemas.tokens import ResourceMetadata

router = APIRouter(route_class=TransactionalRoute, prefix="/.well-known", tags=["issuer"])


def _own_issuer(request: Request) -> Issuer:
    issuer: Issuer | None = request.app.state.own_issuer
    if issuer is None:
        raise NotFound
    return issuer


@router.get("/jwks.json", responses=problems_of(NotFound, Unavailable))
async def read_keys(request: Request) -> KeySet:
    """Read the public keys of the embedded issuer; absent where tokens come from an external one alone."""
    return KeySet(keys=await _own_issuer(request).keys.documents())


@router.get("/oauth-authorization-server", responses=problems_of(NotFound))
async def read_issuer_metadata(request: Request) -> IssuerMetadata:
    """Read how the embedded issuer describes itself (RFC 8414); absent where there is an external one alone."""
    address = _own_issuer(request).expected.issuers[0]
    secrets = ["client_secret_post"] if request.app.state.settings.is_development else []
    # A client says who it is in one way at all three; left out, the last two would be said to take other ways.
    methods, algorithms = ["private_key_jwt", *secrets], list(CLIENT_ALGORITHMS)
    return IssuerMetadata(
        issuer=address,
        jwks_uri=f"{address}/.well-known/jwks.json",
        token_endpoint=f"{address}/oauth2/token",
        introspection_endpoint=f"{address}/oauth2/introspect",
        revocation_endpoint=f"{address}/oauth2/revoke",
        response_types_supported=[],
        grant_types_supported=[CLIENT_CREDENTIALS, TOKEN_EXCHANGE],
        token_endpoint_auth_methods_supported=methods,
        token_endpoint_auth_signing_alg_values_supported=algorithms,
        introspection_endpoint_auth_methods_supported=methods,
        introspection_endpoint_auth_signing_alg_values_supported=algorithms,
        revocation_endpoint_auth_methods_supported=methods,
        revocation_endpoint_auth_signing_alg_values_supported=algorithms,
        dpop_signing_alg_values_supported=list(PROOF_ALGORITHMS),
        scopes_supported=list(SCOPES),
    )


@router.get("/oauth-protected-resource", responses=problems_of(NotFound))
async def read_resource_metadata(request: Request) -> ResourceMetadata:
    """Read what this service asks of a token, and whose tokens it takes (RFC 9728)."""
    settings = request.app.state.settings
    own = [settings.address] if settings.issues_tokens else []
    return ResourceMetadata(
        resource=settings.address,
        authorization_servers=[*own, *([settings.issuer] if settings.issuer else [])],
        scopes_supported=list(SCOPES),
        bearer_methods_supported=["header"],
        dpop_signing_alg_values_supported=list(PROOF_ALGORITHMS),
        dpop_bound_access_tokens_required=False,
    )
