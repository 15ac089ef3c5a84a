"""Whether somebody may be referred to approved premises (CAS1), and how far a referral has come."""

from service.domain.eligibility.facts import Placement, PlacementRequest, PremisesApplication
from service.domain.eligibility.lines import Action, Line, Status
from service.domain.eligibility.rules import (
    all_pass,
    anyone_elses_tier_is_high_risk,
    approved_premises_may_start,
    failures,
    mans_tier_is_high_risk,
    premises_application_exists,
    premises_application_has_not_expired,
    premises_application_is_running_or_led_to_a_request,
    sex_is_known,
    tier_has_no_s_suffix,
)
from service.domain.eligibility.situations import Situation
from service.domain.eligibility.windows import upcoming

VALIDATION = (sex_is_known,)
WINDOW = (approved_premises_may_start,)
LIVE_APPLICATION = (
    premises_application_exists,
    premises_application_has_not_expired,
    premises_application_is_running_or_led_to_a_request,
)
ELIGIBILITY = (tier_has_no_s_suffix, mans_tier_is_high_risk, anyone_elses_tier_is_high_risk)

WITHOUT_A_LIVE_APPLICATION = {
    PremisesApplication.STARTED: (Status.NOT_SUBMITTED, Action.CONTINUE_APPROVED_PREMISE_APPLICATION),
    PremisesApplication.REJECTED: (Status.APPLICATION_REJECTED, Action.START_APPROVED_PREMISE_APPLICATION),
}
BY_PLACEMENT = {
    Placement.UPCOMING: (Status.PLACEMENT_BOOKED, None),
    Placement.ARRIVED: (Status.ARRIVED, None),
    Placement.NOT_ARRIVED: (Status.NOT_ARRIVED, Action.CREATE_PLACEMENT),
    Placement.CANCELLED: (Status.PLACEMENT_CANCELLED, Action.CREATE_PLACEMENT),
    Placement.DEPARTED: (Status.PLACEMENT_REQUEST_NOT_STARTED, Action.CREATE_PLACEMENT),
}
BY_PLACEMENT_REQUEST = {
    PlacementRequest.WITHDRAWN: (Status.PLACEMENT_REQUEST_WITHDRAWN, Action.CREATE_PLACEMENT),
    PlacementRequest.UNSUBMITTED: (Status.PLACEMENT_REQUEST_NOT_STARTED, Action.CREATE_PLACEMENT),
    PlacementRequest.REJECTED: (Status.PLACEMENT_REQUEST_REJECTED, Action.CREATE_PLACEMENT),
    PlacementRequest.SUBMITTED: (Status.PLACEMENT_REQUEST_SUBMITTED, None),
    PlacementRequest.AWAITING_MATCH: (Status.PLACEMENT_REQUEST_SUBMITTED, None),
    PlacementRequest.BOOKED: (Status.PLACEMENT_REQUEST_SUBMITTED, None),
}


def assess_approved_premises(situation: Situation) -> Line:
    """Answer for approved premises: sex known, within a year, then the live application's stage or the tier test.

    A live application is shown whatever the tier. Over a year ahead any application is ignored.
    """
    if reasons := failures(VALIDATION, situation):
        return Line(status=Status.NOT_ELIGIBLE, reasons=reasons)
    if not all_pass(WINDOW, situation):
        threshold = situation.thresholds.approved_premises_may_start
        return _if_tier_allows(situation, upcoming(situation, threshold, Action.START_APPROVED_PREMISE_APPLICATION))
    if not all_pass(LIVE_APPLICATION, situation):
        return _if_tier_allows(situation, _line_without_a_live_application(situation))
    return _line_of_the_live_application(situation)


def _if_tier_allows(situation: Situation, candidate: Line) -> Line:
    reasons = failures(ELIGIBILITY, situation)
    return Line(status=Status.NOT_ELIGIBLE, reasons=reasons) if reasons else candidate


def _line_without_a_live_application(situation: Situation) -> Line:
    start = (Status.NOT_STARTED, Action.START_APPROVED_PREMISE_APPLICATION)
    application = situation.premises.application
    status, action = WITHOUT_A_LIVE_APPLICATION.get(application, start) if application else start
    return Line(status=status, action=action)


def _line_of_the_live_application(situation: Situation) -> Line:
    """Show the furthest stage reached: the place, else the request, else the application."""
    premises = situation.premises
    status, action = Status.SUBMITTED, None
    if premises.placement is not None:
        status, action = BY_PLACEMENT[premises.placement]
    elif premises.placement_request is not None:
        status, action = BY_PLACEMENT_REQUEST[premises.placement_request]
    elif premises.application is PremisesApplication.REQUESTED_FURTHER_INFORMATION:
        status, action = Status.INFO_REQUESTED, Action.PROVIDE_INFORMATION
    return Line(status=status, action=action)
