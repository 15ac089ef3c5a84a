"""Every number the eligibility rules and the timeline turn on, each with where it comes from.

A number is changed here, or by building `Thresholds` with another value; no rule holds one of its own.
"""

from pydantic import BaseModel, ConfigDict

from service.domain.eligibility.periods import Period

SINGLE_ACCOMMODATION_SERVICE = "Single accommodation service eligibility rules, 21 August 2026"
INSPECTION_2023 = "HM Inspectorate of Probation, Offender Management in Custody: post-release, March 2023"
MAPPA_PRACTICE = "MAPPA practice, not checked against the current guidance"
APPROVED_PREMISES_FORM = "Approved premises application form, August 2026"
CAS3_FORM = "CAS3 referral form, 5 August 2026"

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
    mappa_referral_may_start: Threshold = _months(9, MAPPA_PRACTICE)
    mappa_referral_due: Threshold = _months(8, MAPPA_PRACTICE)
    mappa_level_due: Threshold = _months(6, INSPECTION_2023)
    oasys_stays_current: Threshold = _months(6, f"{APPROVED_PREMISES_FORM}: OASys completed within the last six months")
