"""What a MAPPA screening may say: which levels a category can be managed at, and when."""

import datetime

from service.domain.eligibility.facts import MappaCategory, MappaLevel
from service.errors import FieldError


def faults_in_screening(
    category: MappaCategory | None,
    level: MappaLevel | None,
    *,
    screened_on: datetime.date,
    review_on: datetime.date | None,
    today: datetime.date,
) -> list[FieldError]:
    """Return everything wrong with a screening.

    A level is set for somebody in a category, and category 3 is not managed at level 1 (MAPPA guidance, chapter 7).
    """
    faults = []
    if level is not None and category is None:
        faults.append(FieldError("/level", "needs-category", "A level is set only for somebody in a category."))
    if category == "3" and level == "1":
        faults.append(FieldError("/level", "category-3-needs-level-2", "Category 3 is managed at level 2 or 3."))
    if screened_on > today:
        faults.append(FieldError("/screened_on", "in-the-future", "This date is in the future."))
    if review_on is not None and review_on <= screened_on:
        faults.append(FieldError("/review_on", "before-screening", "The review comes after the screening."))
    return faults


# The level that a coordinator's acceptance of a referral sets, by its coded reason.
LEVEL_ACCEPTED: dict[str, MappaLevel] = {"accepted_level_2": "2", "accepted_level_3": "3"}
