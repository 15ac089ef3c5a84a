"""What an administrator sends about a client, and what is shown of it: public keys, and of a secret nothing."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from service.domain import cursors
from service.schemas.texts import Code, ShortWords, WorkerId

ScopeName = Literal["referrals.read", "referrals.act", "changes.read", "changes.acknowledge", "workers.manage"]
Coordinate = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{40,100}$")]


class PublicKey(BaseModel):
    """A public key on a curve as a JSON Web Key. A private part is refused: it is nobody's secret once it was sent."""

    model_config = ConfigDict(extra="forbid")

    kty: Literal["EC"] = "EC"
    crv: Literal["P-256", "P-384", "P-521"]
    x: Coordinate
    y: Coordinate
    kid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{1,80}$")]
    use: Literal["sig"] = "sig"
    alg: Literal["ES256", "ES384", "ES512"] | None = None


class ClientKept(BaseModel):
    """A system that calls for workers. One that is not active gets no token, and those it has end at once."""

    model_config = ConfigDict(extra="forbid")

    name: ShortWords
    role: Literal["provider", "assessor", "coordinator", "record_system"]
    organisation: Code | None = Field(default=None, description="For whom it calls; the record system for nobody.")
    scopes: list[ScopeName] = Field(default_factory=list, max_length=20, description="A provider's: what it may ask.")
    keys: list[PublicKey] = Field(default_factory=list, max_length=5, description="Those it signs assertions with.")
    secret: Annotated[str, StringConstraints(min_length=32, max_length=200, pattern=r"^[\x21-\x7e]+$")] | None = Field(
        default=None, description="In development only, instead of a key."
    )
    worker: WorkerId | None = Field(default=None, description="Whom a token got by the secret names; development only.")
    active: StrictBool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.organisation is None) is not (self.role == "record_system"):
            raise PydanticCustomError("broker_client", "Name the organisation of every client but the record system's.")
        if bool(self.scopes) is not (self.role == "provider"):
            raise PydanticCustomError("broker_client", "Name the scopes of a provider's client, and of no other.")
        if len({key.kid for key in self.keys}) < len(self.keys):
            raise PydanticCustomError("broker_client", "Give each key an id of its own.")
        return self


class ClientShown(BaseModel):
    """A client as it is registered."""

    id: str
    name: str
    role: str
    organisation: str | None
    scopes: list[str]
    keys: list[PublicKey]
    has_secret: bool
    worker: str | None
    active: bool
    registered_at: datetime.datetime


class ClientList(BaseModel):
    """Clients by their ids, and where the next page begins."""

    items: list[ClientShown]
    next: str | None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], limit: int) -> Self:
        """Return a page of the rows, which are one more than the limit where there is another page."""
        shown = [ClientShown.model_validate(row) for row in rows[:limit]]
        return cls(items=shown, next=cursors.encode(shown[-1].id) if len(rows) > limit else None)
