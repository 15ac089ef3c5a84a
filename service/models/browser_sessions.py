"""Who is signed in with a browser, and who is about to: known by digests, so that no row opens anything by itself."""

import datetime
from typing import Any, ClassVar

from sqlmodel import Field

from service.models.naming import Json, Table


class BrowserSignIn(Table, table=True):
    """A sign-in that has begun at the issuer, or a development machine's link. `caller` is who the link signs in."""

    __tablename__ = "browser_sign_in"
    shown_in_repr: ClassVar[tuple[str, ...]] = ()

    digest: str = Field(primary_key=True, max_length=64)
    browser_digest: str | None = Field(default=None, max_length=64)
    nonce: str | None = Field(default=None, max_length=100)
    verifier: str | None = Field(default=None, max_length=100)
    caller: dict[str, Any] | None = Field(default=None, sa_type=Json)
    until: datetime.datetime = Field(index=True)


class BrowserSession(Table, table=True):
    """A signed-in browser: whom it speaks for, when it was last heard of, and when it ends whatever happens."""

    __tablename__ = "browser_session"
    shown_in_repr: ClassVar[tuple[str, ...]] = ()

    digest: str = Field(primary_key=True, max_length=64)
    caller: dict[str, Any] = Field(sa_type=Json)
    began_at: datetime.datetime
    seen_at: datetime.datetime
    until: datetime.datetime = Field(index=True)
