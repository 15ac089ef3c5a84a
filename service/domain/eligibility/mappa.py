"""Whether somebody comes under MAPPA, and whether their level has been set in time for release."""

from service.domain.eligibility.facts import MappaLevel
from service.domain.eligibility.lines import Line, Status
from service.domain.eligibility.periods import day_before, first_day_within, is_within
from service.domain.eligibility.rules import category_3_is_managed_above_level_1, failures, mappa_category_is_known
from service.domain.eligibility.situations import Situation

CATEGORY = (mappa_category_is_known,)
ELIGIBILITY = (mappa_category_is_known, category_3_is_managed_above_level_1)

BY_LEVEL = {"1": Status.LEVEL_1, "2": Status.LEVEL_2, "3": Status.LEVEL_3}


def level_in_force(situation: Situation) -> MappaLevel | None:
    """Return the level set, unless it is one the category cannot be managed at."""
    return None if failures(ELIGIBILITY, situation) else situation.mappa.level


def assess_mappa(situation: Situation) -> Line:
    """Answer for MAPPA: the level once set; before that, how near the first possible release is.

    Over nine months away is upcoming; exactly nine is not. Under six months without a level is late; exactly six is
    not. Category 3 cannot be managed at level 1, so that pair is refused. Without a date nothing is upcoming or late.
    """
    if reasons := failures(ELIGIBILITY, situation):
        return Line(status=Status.NOT_ELIGIBLE, reasons=reasons)
    if level := level_in_force(situation):
        return Line(status=BY_LEVEL[level])
    release_on = situation.mappa.first_release_on
    if release_on is None:
        return Line(status=Status.NOT_STARTED)
    ahead, due = situation.thresholds.mappa_referral_may_start.period, situation.thresholds.mappa_level_due.period
    if not is_within(release_on, situation.on, ahead):
        return Line(status=Status.UPCOMING, starts_on=first_day_within(release_on, ahead))
    is_late = situation.on > day_before(release_on, due)
    return Line(status=Status.LEVEL_NOT_SET if is_late else Status.NOT_STARTED)
