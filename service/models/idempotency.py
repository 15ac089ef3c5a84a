"""The first answer to a request that may be repeated, kept for a day under the caller's key."""

import datetime
from typing import ClassVar

from sqlalchemy import LargeBinary
from sqlmodel import Field

from service.models.naming import Json, Table


class IdempotentAnswer(Table, table=True):
    """Unique on client, worker, route and key: a concurrent repeat waits on this row and gets the first answer."""

    __tablename__ = "idempotent_answer"
    shown_in_repr: ClassVar[tuple[str, ...]] = ("route", "key")

    client_id: str = Field(primary_key=True, max_length=120)
    worker_id: str = Field(primary_key=True, max_length=120)
    route: str = Field(primary_key=True, max_length=200)
    key: str = Field(primary_key=True, max_length=255)
    fingerprint: str = Field(max_length=64)
    status: int | None = None
    headers: dict[str, str] = Field(sa_type=Json, default_factory=dict)
    body: bytes | None = Field(default=None, sa_type=LargeBinary)
    created_at: datetime.datetime = Field(index=True)
