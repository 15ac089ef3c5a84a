"""Whether somebody may be referred to CAS3 (transitional accommodation), and how far a referral has come."""

from service.domain.eligibility.facts import Cas3Application, Cas3Assessment, Cas3Booking
from service.domain.eligibility.lines import Action, Line, Reason, Status
from service.domain.eligibility.rules import (
    BOOKINGS_OVER_OR_BEGUN,
    accommodation_referral_is_live,
    all_pass,
    cas3_assessment_is_open_or_led_to_a_booking,
    cas3_referral_exists,
    cas3_referral_went_past_draft_or_rejection,
    cas3_stay_has_not_begun,
    duty_to_refer_was_sent_recently,
    failures,
    home_is_one_cas3_takes_from,
    there_is_no_next_home,
)
from service.domain.eligibility.situations import Situation

LIVE_REFERRAL = (
    cas3_referral_exists,
    cas3_referral_went_past_draft_or_rejection,
    cas3_stay_has_not_begun,
    cas3_assessment_is_open_or_led_to_a_booking,
)
ELIGIBILITY = (home_is_one_cas3_takes_from, there_is_no_next_home)
PREREQUISITES = (duty_to_refer_was_sent_recently, accommodation_referral_is_live)

BY_BOOKING = {
    Cas3Booking.CONFIRMED: (Status.BOOKING_CONFIRMED, None),
    Cas3Booking.PROVISIONAL: (Status.BEDSPACE_OFFERED, Action.REPLY_TO_CAS3_BEDSPACE_OFFER),
    Cas3Booking.NOT_ARRIVED: (Status.NOT_ARRIVED, None),
    Cas3Booking.CANCELLED: (Status.BOOKING_CANCELLED, None),
}
FIRST_FOR_A_MAN = {
    (Reason.DTR_REFERRAL_EXPIRED,): Action.SUBMIT_DTR_BEFORE_CAS3,
    (Reason.CRS_NOT_SUBMITTED,): Action.SUBMIT_CRS_ACCOMMODATION_BEFORE_CAS3,
    (Reason.DTR_REFERRAL_EXPIRED, Reason.CRS_NOT_SUBMITTED): Action.SUBMIT_DTR_AND_CRS_ACCOMMODATION_BEFORE_CAS3,
}
FIRST_FOR_ANYONE_ELSE = {
    (Reason.DTR_REFERRAL_EXPIRED,): Action.SUBMIT_DTR_BEFORE_CAS3,
    (Reason.CRS_NOT_SUBMITTED,): Action.SUBMIT_CRS_BEFORE_CAS3,
    (Reason.DTR_REFERRAL_EXPIRED, Reason.CRS_NOT_SUBMITTED): Action.SUBMIT_DTR_AND_CRS_BEFORE_CAS3,
}


def assess_cas3(situation: Situation) -> Line:
    """Answer for CAS3: the live referral's stage, or else eligibility and what must be sent first.

    A draft is not live: it too is refused or held back when the rules say so.
    """
    if all_pass(LIVE_REFERRAL, situation):
        return _line_of_the_live_referral(situation)
    if reasons := failures(ELIGIBILITY, situation):
        return Line(status=Status.NOT_ELIGIBLE, reasons=reasons)
    if missing := failures(PREREQUISITES, situation):
        first = FIRST_FOR_A_MAN if situation.is_man else FIRST_FOR_ANYONE_ELSE
        return Line(status=Status.CANNOT_START_YET, action=first[tuple(missing)])
    return _line_without_a_live_referral(situation)


def _line_of_the_live_referral(situation: Situation) -> Line:
    status, action = Status.SUBMITTED, None
    if situation.cas3.booking is not None:
        status, action = BY_BOOKING[situation.cas3.booking]
    return Line(status=status, action=action)


def _line_without_a_live_referral(situation: Situation) -> Line:
    """Show the last referral's end: its booking, else its assessment, else the application."""
    cas3 = situation.cas3
    if cas3.booking in BOOKINGS_OVER_OR_BEGUN or cas3.assessment is Cas3Assessment.CLOSED:
        return Line(status=Status.NOT_STARTED, action=Action.START_CAS3_REFERRAL)
    if cas3.assessment is Cas3Assessment.REJECTED or cas3.application is Cas3Application.REJECTED:
        return Line(status=Status.REJECTED, action=Action.START_CAS3_REFERRAL)
    if cas3.application is Cas3Application.DRAFT:
        return Line(status=Status.NOT_SUBMITTED)
    return Line(status=Status.NOT_STARTED, action=Action.START_CAS3_REFERRAL)
