"""What managers send about lowered risk levels, and what is seen of them."""

import datetime
import uuid

from pydantic import BaseModel, Field

from service.domain.risk_lowerings import Because, View
from service.schemas.referrals import Input
from service.schemas.texts import LongWords


class ViewGiven(Input):
    """A manager's view of a risk level that was lowered."""

    view: View
    note: LongWords | None = None


class LevelLowered(BaseModel):
    """One level, as it was and as it became; null where it was taken back."""

    item: str
    part: str | None = Field(description="`community` or `custody`, where the level is given for each.")
    before: str
    after: str | None


class LoweringShown(BaseModel):
    """Levels lowered in one change, why a manager is to look at it, and the view once it is given."""

    id: uuid.UUID
    crn: str
    levels: list[LevelLowered]
    because: list[Because]
    lowered_by: str
    lowered_at: datetime.datetime
    view: View | None
    note: str | None
    given_by: str | None
    given_at: datetime.datetime | None


class LoweringList(BaseModel):
    """A person's lowered risk levels that a manager was to look at, the latest first."""

    items: list[LoweringShown]
    next: str | None
