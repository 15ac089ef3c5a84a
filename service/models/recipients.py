"""Who a referral can be sent to: referral units, housing teams, MAPPA areas, commissioned contracts."""

from typing import Any, ClassVar

from sqlmodel import Field

from service.models.naming import Json, Table


class Recipient(Table, table=True):
    """A place that receives one pack. `contract` holds a commissioned contract's categories and outcomes."""

    __tablename__ = "recipient"
    shown_in_repr: ClassVar[tuple[str, ...]] = ("id",)

    id: str = Field(primary_key=True, max_length=60)
    pack: str = Field(max_length=40, index=True)
    name: str = Field(max_length=200)
    organisation: str = Field(max_length=60, index=True)
    area: str = Field(default="", max_length=60)
    contract: dict[str, Any] = Field(sa_type=Json, default_factory=dict)
    active: bool = True
