"""Whether a council must be told that somebody may become homeless (the duty to refer), and what it has answered."""

from service.domain.eligibility.facts import DutyToReferStatus
from service.domain.eligibility.lines import Action, Line, Status
from service.domain.eligibility.rules import (
    all_pass,
    duty_to_refer_may_start,
    duty_to_refer_was_made,
    duty_to_refer_was_not_withdrawn,
    duty_to_refer_was_sent_recently,
    failures,
    there_is_no_next_home,
)
from service.domain.eligibility.situations import Situation
from service.domain.eligibility.windows import upcoming

STANDING_REFERRAL = (duty_to_refer_was_made, duty_to_refer_was_not_withdrawn, duty_to_refer_was_sent_recently)
NEED = (there_is_no_next_home,)
WINDOW = (duty_to_refer_may_start,)


def assess_duty_to_refer(situation: Situation) -> Line:
    """Answer for the duty to refer: a referral that stands is shown whatever the date and even with a next home."""
    if all_pass(STANDING_REFERRAL, situation):
        return _line_of_the_standing_referral(situation)
    if reasons := failures(NEED, situation):
        return Line(status=Status.NOT_REQUIRED, reasons=reasons)
    if not all_pass(WINDOW, situation):
        return upcoming(situation, situation.thresholds.duty_to_refer_may_start, Action.SUBMIT_DTR_REFERRAL)
    return Line(status=Status.NOT_STARTED, action=Action.ADD_DTR_REFERRAL_DETAILS)


def _line_of_the_standing_referral(situation: Situation) -> Line:
    match situation.duty_to_refer.status:
        case DutyToReferStatus.ACCEPTED:
            return Line(status=Status.ACCEPTED)
        case DutyToReferStatus.NOT_ACCEPTED:
            return Line(status=Status.NOT_ACCEPTED)
        case _:
            return Line(status=Status.SUBMITTED, action=Action.ADD_DTR_OUTCOME)
