"""Every number the eligibility rules, the timeline and the checks turn on, each with where it comes from.

A number is changed here, or by building `Thresholds` with another value, as a setting does; no rule holds one of its
own.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from service.domain.eligibility.periods import Period, read_period

SINGLE_ACCOMMODATION_SERVICE = "Single accommodation service eligibility rules, 21 August 2026"
INSPECTION_2023 = "HM Inspectorate of Probation, Offender Management in Custody: post-release, March 2023"
MAPPA_PRACTICE = "MAPPA practice, not checked against the current guidance"
APPROVED_PREMISES_FORM = "Approved premises application form, August 2026"
CAS3_FORM = "CAS3 referral form, 5 August 2026"

MOVE_ON_PRACTICE = "Move-on from approved premises as this service plans it; nothing prescribes the number"
CHECKS_PRACTICE = "When a check is overdue as this service sees it; nothing prescribes the number"

SET_HERE = "Set for this place of work"

TIERS_A_AND_B = frozenset({"A1", "A2", "A3", "B1", "B2", "B3"})


class Threshold(BaseModel):
    """One length of time a rule turns on, and the guidance or code it was read in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    period: Period
    source: str


def _weeks(count: int, source: str) -> Threshold:
    return Threshold(period=Period(weeks=count), source=source)


def _months(count: int, source: str) -> Threshold:
    return Threshold(period=Period(months=count), source=source)


def _years(count: int, source: str) -> Threshold:
    return Threshold(period=Period(years=count), source=source)


class Thresholds(BaseModel):
    """The numbers in force. Tiers are written without their S suffix, which a rule of its own refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    approved_premises_tiers_for_men: frozenset[str] = TIERS_A_AND_B
    approved_premises_tiers_for_others: frozenset[str] = TIERS_A_AND_B | {"C3"}
    approved_premises_may_start: Threshold = _years(1, SINGLE_ACCOMMODATION_SERVICE)
    approved_premises_late_reason: Threshold = _months(
        6, f"{APPROVED_PREMISES_FORM}: the national standard is six months"
    )
    commissioned_services_may_start: Threshold = _weeks(12, SINGLE_ACCOMMODATION_SERVICE)
    duty_to_refer_may_start: Threshold = _weeks(8, SINGLE_ACCOMMODATION_SERVICE)
    duty_to_refer_stays_valid: Threshold = _weeks(26, SINGLE_ACCOMMODATION_SERVICE)
    cas3_accepts_dates_ahead: Threshold = _months(3, f"{CAS3_FORM}: dates from today to three months ahead")
    move_on_plan_due: Threshold = _weeks(2, MOVE_ON_PRACTICE)
    move_on_duty_to_refer_due: Threshold = _weeks(8, MOVE_ON_PRACTICE)
    move_on_cas3_follows: Threshold = _weeks(1, MOVE_ON_PRACTICE)
    next_home_confirmed_due: Threshold = _weeks(2, MOVE_ON_PRACTICE)
    mappa_referral_may_start: Threshold = _months(9, MAPPA_PRACTICE)
    mappa_referral_due: Threshold = _months(8, MAPPA_PRACTICE)
    mappa_level_due: Threshold = _months(6, INSPECTION_2023)
    oasys_stays_current: Threshold = _months(6, f"{APPROVED_PREMISES_FORM}: OASys completed within the last six months")
    # From what made a check due, and from the asking: the last day in time.
    check_asked_within: Threshold = _weeks(1, CHECKS_PRACTICE)
    check_answered_within: Threshold = _weeks(2, CHECKS_PRACTICE)


def read_thresholds(written: Mapping[str, str]) -> Thresholds:
    """Return the thresholds with some periods set as text, `3 weeks` or `1 year`; ValueError names what is wrong."""
    changed = {}
    for name, text in written.items():
        if not isinstance(getattr(Thresholds(), name, None), Threshold):
            message = f"eligibility period {name}: there is none of this name"
            raise ValueError(message)  # noqa: TRY004  a name that is wrong, and no type
        try:
            changed[name] = Threshold(period=read_period(text), source=SET_HERE)
        except ValueError as wrong:
            message = f"eligibility period {name}: {wrong}"
            raise ValueError(message) from None
    return Thresholds().model_copy(update=changed)
