"""The service's signing keys, of tokens and of seals, shared by every process and kept over restarts."""

import datetime
from typing import Any, ClassVar

from sqlmodel import Field

from service.models.naming import Json, Table


class SigningKey(Table, table=True):
    """A private key as a JWK. The newest that is not retired signs; all that are not retired verify."""

    __tablename__ = "signing_key"
    shown_in_repr: ClassVar[tuple[str, ...]] = ("kid",)

    kid: str = Field(primary_key=True, max_length=80)
    kind: str = Field(default="token", max_length=20, sa_column_kwargs={"server_default": "token"})
    jwk: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime.datetime
    retired_at: datetime.datetime | None = None
