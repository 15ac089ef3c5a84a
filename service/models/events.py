"""The outbox: what happened, written with the change that caused it and delivered later."""

import datetime
import uuid
from typing import Any

from sqlalchemy import BigInteger, Identity
from sqlmodel import Field

from service.models.naming import Json, Table


class OutboxEvent(Table, table=True):
    """A thin event. `subject` and `data` carry ids and codes only; the CRN column is for distribution, never sent."""

    __tablename__ = "outbox_event"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(),))
    event_id: uuid.UUID = Field(default_factory=uuid.uuid4, unique=True)
    crn: str = Field(max_length=7, index=True)
    type: str = Field(max_length=80)
    subject: str = Field(max_length=80)
    data: dict[str, Any] = Field(sa_type=Json, default_factory=dict)
    occurred_at: datetime.datetime
    delivered_at: datetime.datetime | None = None
