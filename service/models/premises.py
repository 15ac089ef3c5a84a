"""Approved premises, as an administrator keeps them: no address, which nobody here needs."""

import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from service.models.naming import Table


class Premises(Table, table=True):
    """Premises that people are placed in."""

    __tablename__ = "premises"
    __table_args__ = (CheckConstraint("places BETWEEN 1 AND 200", name="places"),)

    id: str = Field(primary_key=True, max_length=60)
    name: str = Field(max_length=200)
    kind: str = Field(max_length=30)
    places: int
    region: str = Field(max_length=60, index=True)
    registered_at: datetime.datetime
