"""What the embedded issuer says of itself."""

from typing import Any

from pydantic import BaseModel, Field


class KeySet(BaseModel):
    """The public keys tokens are signed with, as JSON Web Keys (RFC 7517)."""

    keys: list[dict[str, Any]]


class IssuerMetadata(BaseModel):
    """The embedded issuer (RFC 8414). Registered clients ask it for tokens; nobody signs in here."""

    issuer: str
    jwks_uri: str
    token_endpoint: str
    introspection_endpoint: str
    revocation_endpoint: str
    response_types_supported: list[str] = Field(description="None: nobody signs in here.")
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_signing_alg_values_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    dpop_signing_alg_values_supported: list[str]
    scopes_supported: list[str]
