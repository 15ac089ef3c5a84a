"""What must be ready by the day of release: the MAPPA referral and level, approved premises, and a current OASys."""

from datetime import date

from service.domain.deadlines import NO_RELEASE_DATE, DeadlineName, KeyDates, Plan, Window
from service.domain.eligibility.approved_premises import ELIGIBILITY, LIVE_APPLICATION
from service.domain.eligibility.facts import HomeKind
from service.domain.eligibility.mappa import CATEGORY, level_in_force
from service.domain.eligibility.periods import day_after, day_before, first_day_within
from service.domain.eligibility.rules import all_pass, failures
from service.domain.eligibility.situations import Situation
from service.domain.eligibility.thresholds import Threshold

NO_OASYS_DATE = "No completed OASys is recorded, so this has no date yet."
NO_CATEGORY = "Not needed: no MAPPA category is recorded."
LEVEL_1 = "Not needed: level 1 is managed without a referral."
TIER_NOT_TAKEN = "Not needed: approved premises do not take the tier recorded."
ALREADY_RELEASED = "Not needed: the person has left prison and no arrival is planned."


def mappa_referral(dates: KeyDates, situation: Situation) -> Plan:
    """Plan the level 2 or 3 referral, which level 1 does without."""
    start, due = situation.thresholds.mappa_referral_may_start, situation.thresholds.mappa_referral_due
    level = level_in_force(situation)
    return Plan(
        name=DeadlineName.MAPPA_REFERRAL,
        window=_window(_first_release_on(dates, situation), start, due),
        why=f"A level 2 or 3 referral is made {start.period} to {due.period} before the first possible release, "
        "so that a meeting is held before the level is due.",
        thresholds=(start, due),
        missing=NO_RELEASE_DATE,
        done=level in {"2", "3"},
        not_needed=LEVEL_1 if level == "1" else _no_category(situation),
    )


def mappa_level(dates: KeyDates, situation: Situation) -> Plan:
    """Plan the setting of the level; when the sentence is shorter than the notice asked, at once."""
    start, due = situation.thresholds.mappa_referral_may_start, situation.thresholds.mappa_level_due
    window = _window(_first_release_on(dates, situation), start, due)
    if window and dates.sentence_started_on:
        window = Window(window.opens_on, max(window.due_on, dates.sentence_started_on))
    return Plan(
        name=DeadlineName.MAPPA_LEVEL,
        window=window,
        why=f"The MAPPA level is set at least {due.period} before the first possible release, "
        "or at once when the sentence is shorter.",
        thresholds=(due, start),
        missing=NO_RELEASE_DATE,
        done=level_in_force(situation) is not None,
        not_needed=_no_category(situation),
    )


def approved_premises_application(dates: KeyDates, situation: Situation) -> Plan:
    """Plan the application: in time from the day it is accepted until a reason for lateness is asked."""
    start = situation.thresholds.approved_premises_may_start
    late = situation.thresholds.approved_premises_late_reason
    return Plan(
        name=DeadlineName.APPROVED_PREMISES_APPLICATION,
        window=_window(
            dates.premises_expected_on or dates.approved_premises_arrival_on or dates.release_on, start, late
        ),
        why=f"Approved premises can be applied for from {start.period} before arrival; "
        f"under {late.period} before it the form asks why the application is late.",
        thresholds=(start, late),
        missing=NO_RELEASE_DATE,
        done=situation.home.kind is HomeKind.APPROVED_PREMISES
        or dates.premises_expected_on is not None
        or all_pass(LIVE_APPLICATION, situation),
        not_needed=_no_application_needed(dates, situation),
    )


def oasys_review(dates: KeyDates, situation: Situation) -> Plan:
    """Plan the renewal of the OASys: its last day of use is both when it falls due and how long it may wait."""
    current = situation.thresholds.oasys_stays_current
    last_day = day_after(dates.oasys_completed_on, current.period) if dates.oasys_completed_on else None
    return Plan(
        name=DeadlineName.OASYS_REVIEW,
        window=Window(last_day, last_day) if last_day else None,
        why=f"Referrals rely on an OASys completed within the last {current.period}.",
        thresholds=(current,),
        missing=NO_OASYS_DATE,
    )


def _window(event: date | None, start: Threshold, due: Threshold) -> Window | None:
    return Window(first_day_within(event, start.period), day_before(event, due.period)) if event else None


def _first_release_on(dates: KeyDates, situation: Situation) -> date | None:
    return situation.mappa.first_release_on or dates.release_on


def _no_category(situation: Situation) -> str | None:
    return NO_CATEGORY if failures(CATEGORY, situation) else None


def _no_application_needed(dates: KeyDates, situation: Situation) -> str | None:
    """Say why no application is called for; a tier or sex nobody has recorded is no reason."""
    tier_can_be_judged = situation.sex is not None and situation.tier is not None
    if tier_can_be_judged and failures(ELIGIBILITY, situation):
        return TIER_NOT_TAKEN
    if situation.has_left_prison and dates.approved_premises_arrival_on is None:
        return ALREADY_RELEASED
    return None
