"""What the token endpoint answers, and how the issuer and this service describe themselves to clients."""

from typing import Any

from pydantic import BaseModel, Field


class TokenAnswer(BaseModel):
    """An access token (RFC 6749 §5.1, RFC 9068), of ten minutes at most."""

    access_token: str
    token_type: str = Field(description="`DPoP` where it is bound to a key, `Bearer` where it is not.")
    expires_in: int = Field(description="In seconds.")
    scope: str | None = None
    issued_token_type: str | None = None


class Introspection(BaseModel):
    """What a token says (RFC 7662 §2.2); of one that is not the client's, or has ended, only that it is not active."""

    active: bool
    iss: str | None = None
    aud: str | None = None
    sub: str | None = None
    client_id: str | None = None
    role: str | None = None
    organisation: str | None = None
    scope: str | None = None
    referral_id: str | None = None
    subcontractor: str | None = None
    act: dict[str, Any] | None = Field(default=None, description="Of a narrowed token: the client that acts.")
    jti: str | None = None
    iat: int | None = None
    exp: int | None = None
    token_type: str | None = None
    cnf: dict[str, Any] | None = None


class Revocation(BaseModel):
    """A token has ended, whether it was one or not (RFC 7009 §2.2)."""


class ResourceMetadata(BaseModel):
    """This service as a protected resource (RFC 9728)."""

    resource: str
    authorization_servers: list[str]
    scopes_supported: list[str]
    bearer_methods_supported: list[str]
    dpop_signing_alg_values_supported: list[str]
    dpop_bound_access_tokens_required: bool = Field(
        description="Not of everybody: outside development of providers, who are given no other tokens."
    )
