"""What must be asked for before the next home is needed: commissioned services, the council, and CAS3.

From prison a home is needed on the day of release. For somebody who has left prison it is needed from the day recorded,
or else from the end of the present home, so that a past release date makes nothing late.
"""

from datetime import date

from service.domain.deadlines import NO_RELEASE_DATE, DeadlineName, KeyDates, Plan, Window
from service.domain.eligibility import cas3, commissioned_services, duty_to_refer
from service.domain.eligibility.lines import Reason
from service.domain.eligibility.periods import day_after, day_before, first_day_within
from service.domain.eligibility.rules import all_pass, duty_to_refer_was_made, failures
from service.domain.eligibility.situations import Situation
from service.domain.eligibility.thresholds import Threshold, Thresholds

NO_DAY_A_HOME_IS_NEEDED = "No day is recorded from which the next home is needed, so this has no date yet."
NO_DAY_SENT = "No day is recorded on which it was sent, so it counts as expired."
NONE_SENT = "Not needed: none has been sent."

NOT_NEEDED = {
    Reason.HAS_NEXT_ACCOMMODATION: "Not needed: a next home is recorded.",
    Reason.IS_SETTLED: "Not needed: the present home is settled.",
    Reason.INVALID_CURRENT_ACCOMMODATION_TYPE: "Not needed: CAS3 takes people from prison, CAS1 and CAS2 only.",
}
CAS3_WAITS_FOR = {
    Reason.DTR_REFERRAL_EXPIRED: DeadlineName.DUTY_TO_REFER,
    Reason.CRS_NOT_SUBMITTED: DeadlineName.COMMISSIONED_SERVICES_REFERRAL,
}


def commissioned_services_referral(dates: KeyDates, situation: Situation) -> Plan:
    """Plan the accommodation referral, from twelve weeks before a home is needed."""
    start = situation.thresholds.commissioned_services_may_start
    return Plan(
        name=DeadlineName.COMMISSIONED_SERVICES_REFERRAL,
        window=_window(dates, situation, start),
        why=f"Commissioned services for accommodation can be asked from {start.period} before a home is needed.",
        thresholds=(start,),
        missing=_missing(situation),
        done=all_pass(commissioned_services.LIVE_REFERRAL, situation),
        not_needed=_first_of(failures(commissioned_services.NEED, situation)),
    )


def duty_to_refer_referral(dates: KeyDates, situation: Situation) -> Plan:
    """Plan the referral to a council, from eight weeks before a home is needed."""
    start, due = situation.thresholds.duty_to_refer_may_start, situation.thresholds.move_on_duty_to_refer_due
    moving_on = situation.in_approved_premises
    return Plan(
        name=DeadlineName.DUTY_TO_REFER,
        window=_council_window(dates, situation),
        why=f"A council can be told under the duty to refer from {start.period} before a home is needed."
        + (f" Moving on from approved premises, it is told {due.period} before." if moving_on else ""),
        thresholds=(start, due) if moving_on else (start,),
        missing=_missing(situation),
        done=all_pass(duty_to_refer.STANDING_REFERRAL, situation),
        not_needed=_first_of(failures(duty_to_refer.NEED, situation)),
    )


def _council_window(dates: KeyDates, situation: Situation) -> Window | None:
    """Return when a council is to be told: by the day a home is needed, or moving on from premises well before it."""
    window = _window(dates, situation, situation.thresholds.duty_to_refer_may_start)
    if window is None or not situation.in_approved_premises:
        return window
    due_on = council_told_by(window.due_on, situation.thresholds)
    return Window(min(window.opens_on, due_on), due_on)


def council_told_by(leaves_on: date, thresholds: Thresholds) -> date:
    """Return the last day on which a council is told in time of somebody who leaves approved premises."""
    return day_before(leaves_on, thresholds.move_on_duty_to_refer_due.period)


def duty_to_refer_expiry(_dates: KeyDates, situation: Situation) -> Plan:
    """Plan the renewal of a council referral: its last valid day, whatever the council has answered."""
    valid_for = situation.thresholds.duty_to_refer_stays_valid
    sent_on = situation.duty_to_refer.submitted_on
    last_day = day_after(sent_on, valid_for.period) if sent_on else None
    return Plan(
        name=DeadlineName.DUTY_TO_REFER_EXPIRY,
        window=Window(last_day, last_day) if last_day else None,
        why=f"A duty to refer counts for {valid_for.period} from the day it was sent; after that another is needed.",
        thresholds=(valid_for,),
        missing=NO_DAY_SENT,
        not_needed=None if duty_to_refer_was_made.passes(situation) else NONE_SENT,
    )


def cas3_referral(dates: KeyDates, situation: Situation) -> Plan:
    """Plan the CAS3 referral, and name what must be sent before it."""
    ahead, follows = situation.thresholds.cas3_accepts_dates_ahead, situation.thresholds.move_on_cas3_follows
    valid_for, moving_on = situation.thresholds.duty_to_refer_stays_valid, situation.in_approved_premises
    return Plan(
        name=DeadlineName.CAS3_REFERRAL,
        window=_soon_after_the_council(dates, situation) if moving_on else cas3_window(dates, situation),
        why=f"CAS3 takes dates from the day of sending to {ahead.period} ahead, after a duty to refer no older than "
        f"{valid_for.period} and a live accommodation referral to commissioned services."
        + (f" Moving on from approved premises, it follows the council within {follows.period}." if moving_on else ""),
        thresholds=(ahead, valid_for, follows) if moving_on else (ahead, valid_for),
        missing=_missing(situation),
        done=all_pass(cas3.LIVE_REFERRAL, situation),
        not_needed=_cas3_not_needed(situation),
        waiting_for=[CAS3_WAITS_FOR[reason] for reason in failures(cas3.PREREQUISITES, situation)],
    )


def _soon_after_the_council(dates: KeyDates, situation: Situation) -> Window | None:
    """Return when CAS3 is asked by somebody moving on: as soon as what it waits for stands, and its form takes it."""
    window, told = cas3_window(dates, situation), _council_window(dates, situation)
    if window is None or told is None:
        return window
    sent_on = situation.duty_to_refer.submitted_on
    stands = sent_on is not None and all_pass(duty_to_refer.STANDING_REFERRAL, situation)
    follows_on = day_after(
        sent_on if stands and sent_on else told.due_on, situation.thresholds.move_on_cas3_follows.period
    )
    return Window(window.opens_on, min(window.due_on, max(window.opens_on, follows_on)))


def cas3_window(dates: KeyDates, situation: Situation) -> Window | None:
    """Return the days on which the CAS3 form accepts this person's dates, or None while they are not known.

    From prison both the release date and the day accommodation is needed from must lie between the day of sending and
    three months ahead; moving on from approved premises only the latter. When the two are more than three months apart
    no day will do, and the window opens after it closes.
    """
    needed = needed_on(dates, situation)
    if needed is None:
        return None
    wanted = dates.accommodation_needed_from_on or needed
    must_fit = (wanted,) if situation.has_left_prison else (needed, wanted)
    return Window(first_day_within(max(must_fit), situation.thresholds.cas3_accepts_dates_ahead.period), min(must_fit))


def needed_on(dates: KeyDates, situation: Situation) -> date | None:
    """Return the day from which the next home is needed, or None while it is not known."""
    if not situation.has_left_prison:
        return dates.release_on
    leaves_on = dates.premises_departure_on if situation.in_approved_premises else None
    return leaves_on or dates.accommodation_needed_from_on or situation.home.ends_on


def _missing(situation: Situation) -> str:
    return NO_DAY_A_HOME_IS_NEEDED if situation.has_left_prison else NO_RELEASE_DATE


def _window(dates: KeyDates, situation: Situation, start: Threshold) -> Window | None:
    needed = needed_on(dates, situation)
    return Window(first_day_within(needed, start.period), needed) if needed else None


def _first_of(reasons: list[Reason]) -> str | None:
    return NOT_NEEDED[reasons[0]] if reasons else None


def _cas3_not_needed(situation: Situation) -> str | None:
    """Say why CAS3 is out of the question; a present home nobody has recorded is no reason."""
    reasons = failures(cas3.ELIGIBILITY, situation)
    if situation.home.kind is None:
        reasons = [reason for reason in reasons if reason is not Reason.INVALID_CURRENT_ACCOMMODATION_TYPE]
    return _first_of(reasons)
