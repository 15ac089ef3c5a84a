"""Whether a private address should be proposed for somebody, and whether one has been confirmed."""

from service.domain.eligibility.lines import Action, Line, Status
from service.domain.eligibility.rules import (
    all_pass,
    failures,
    no_cas3_application_is_running,
    no_premises_application_is_running,
    there_is_no_next_home,
)
from service.domain.eligibility.situations import Situation

STILL_OPEN = (there_is_no_next_home,)
ELIGIBILITY = (no_premises_application_is_running, no_cas3_application_is_running)


def assess_proposed_address(situation: Situation) -> Line:
    """Answer for a proposed address: done once any next home is known, and held back while CAS1 or CAS3 is asked."""
    if not all_pass(STILL_OPEN, situation):
        return Line(status=Status.COMPLETED)
    if reasons := failures(ELIGIBILITY, situation):
        return Line(status=Status.NOT_ELIGIBLE, reasons=reasons)
    return Line(status=Status.NOT_STARTED, action=Action.ADD_AND_CONFIRM_PROPOSED_ADDRESS)
