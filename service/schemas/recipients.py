"""What an administrator sends about a recipient, and what everybody sees of one."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from service.domain import cursors
from service.schemas.texts import Code, PlaceName, ShortWords

Category = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")]


class Contract(BaseModel):
    """A commissioned contract: its service categories (one, or a cohort's several) and the outcomes each offers."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")] | None = None
    reference: Code | None = None
    categories: list[Category] = Field(min_length=1, max_length=20, description="Like acc, ete.")
    outcomes: dict[Category, list[Code]] = Field(default_factory=dict, max_length=20)


class RecipientKept(BaseModel):
    """A place that receives one kind of referral, and the organisation whose workers see what was sent to it."""

    model_config = ConfigDict(extra="forbid")

    pack: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    name: ShortWords
    organisation: Code
    area: PlaceName | None = None
    contract: Contract | None = None
    active: StrictBool = True


class RecipientShown(BaseModel):
    """A recipient."""

    id: str
    pack: str
    name: str
    organisation: str
    area: str
    contract: dict[str, Any]
    active: bool


class RecipientList(BaseModel):
    """Recipients in the order of their ids, and where the next page starts."""

    items: list[RecipientShown]
    next: str | None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], limit: int) -> "RecipientList":
        """Return a page of rows; `rows` has one more than `limit` where there is a next page."""
        items = [RecipientShown.model_validate(row) for row in rows[:limit]]
        return cls(items=items, next=cursors.encode(items[-1].id) if len(rows) > limit else None)
