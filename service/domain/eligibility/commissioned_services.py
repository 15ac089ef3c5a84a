"""Whether somebody should be referred to commissioned rehabilitative services for accommodation."""

from service.domain.eligibility.lines import Action, Line, Status
from service.domain.eligibility.rules import (
    accommodation_referral_is_live,
    all_pass,
    commissioned_services_may_start,
    failures,
    home_is_not_settled,
    there_is_no_next_home,
)
from service.domain.eligibility.situations import Situation
from service.domain.eligibility.windows import upcoming

WINDOW = (commissioned_services_may_start,)
LIVE_REFERRAL = (accommodation_referral_is_live,)
NEED = (there_is_no_next_home, home_is_not_settled)


def assess_commissioned_services(situation: Situation) -> Line:
    """Answer for commissioned services: within twelve weeks a live referral is shown; else whether one is needed.

    Earlier than that a live referral is ignored. A completed or withdrawn one counts as none.
    """
    in_window = all_pass(WINDOW, situation)
    if in_window and all_pass(LIVE_REFERRAL, situation):
        return Line(status=Status.SUBMITTED)
    if reasons := failures(NEED, situation):
        return Line(status=Status.NOT_REQUIRED, reasons=reasons)
    action = Action.SUBMIT_CRS_ACCOMMODATION_REFERRAL if situation.is_man else Action.SUBMIT_CRS_REFERRAL
    if not in_window:
        return upcoming(situation, situation.thresholds.commissioned_services_may_start, action)
    return Line(status=Status.NOT_STARTED, action=action)
