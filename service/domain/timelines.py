"""One timeline per person: by when each referral should be made, worked back from release or from leaving premises.

Dates are facts from the record system or the practitioner: a release date is never computed, and when one moves the
timeline moves with it. A deadline whose date is missing says so instead of vanishing.
"""

from datetime import date

from service.domain.deadlines import Deadline, KeyDates, settle
from service.domain.eligibility.facts import Facts
from service.domain.eligibility.situations import Situation
from service.domain.eligibility.thresholds import Thresholds
from service.domain.housing_deadlines import (
    cas3_referral,
    commissioned_services_referral,
    duty_to_refer_expiry,
    duty_to_refer_referral,
)
from service.domain.move_on_deadlines import move_on_plan, next_home_confirmed
from service.domain.release_deadlines import (
    approved_premises_application,
    mappa_level,
    mappa_referral,
    oasys_review,
)

PLANNED_IN_ORDER = (
    mappa_referral,
    mappa_level,
    approved_premises_application,
    oasys_review,
    commissioned_services_referral,
    duty_to_refer_referral,
    duty_to_refer_expiry,
    cas3_referral,
    move_on_plan,
    next_home_confirmed,
)


def timeline(dates: KeyDates, facts: Facts, thresholds: Thresholds, today: date) -> list[Deadline]:
    """Return every deadline of one person, the earliest due first and those without a date last. Never fails."""
    situation = Situation.of(facts, today, thresholds)
    deadlines = [settle(plan(dates, situation), today) for plan in PLANNED_IN_ORDER]
    return sorted(deadlines, key=lambda deadline: deadline.due_on or date.max)
