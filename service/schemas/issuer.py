"""What the embedded issuer says of itself."""

from typing import Any

from pydantic import BaseModel, Field


class KeySet(BaseModel):
    """The public keys tokens are signed with, as JSON Web Keys (RFC 7517)."""

    keys: list[dict[str, Any]]


class IssuerMetadata(BaseModel):
    """The embedded issuer (RFC 8414). It has no endpoint for tokens: the command line makes them."""

    issuer: str
    jwks_uri: str
    response_types_supported: list[str] = Field(description="None: nobody signs in here.")
    grant_types_supported: list[str] = Field(description="None: the command line makes tokens.")
