"""How organisations, contracts and cases stood, whose own rows are replaced: so that an earlier time is answered."""

import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from service.models.naming import Json, Table


class Standing(Table, table=True):
    """What held from an instant on until the next such row; of kind `record`, from when on these rows were kept."""

    __tablename__ = "standing"
    shown_in_repr = ("kind",)
    __table_args__ = (
        CheckConstraint("kind IN ('record', 'organisation', 'contract', 'case', 'disclosure_table')", name="kind"),
        Index("ix_standing_subject", "kind", "subject", "recorded_at"),
    )

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    kind: str = Field(max_length=20)
    subject: str = Field(max_length=60)
    held: dict[str, Any] = Field(sa_type=Json)
    recorded_by: str = Field(max_length=120)
    recorded_at: datetime.datetime
