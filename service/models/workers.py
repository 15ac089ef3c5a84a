"""The people who use the service, and the team each belongs to."""

from typing import ClassVar

from sqlmodel import Field

from service.models.naming import Table


class Worker(Table, table=True):
    """A member of staff as their token names them. The team decides whose cases they see besides their own."""

    __tablename__ = "worker"
    shown_in_repr: ClassVar[tuple[str, ...]] = ("id",)

    id: str = Field(primary_key=True, max_length=120)
    name: str = Field(max_length=200)
    team: str | None = Field(default=None, max_length=60, index=True)
    region: str | None = Field(default=None, max_length=60)
    active: bool = True
