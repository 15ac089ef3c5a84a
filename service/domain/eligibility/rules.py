"""The small named rules every eligibility answer is made of: one test each, its source, and what failing it means.

A service's module says only in what order its rules are asked and what follows; a rule itself is changed here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.domain.eligibility.facts import (
    ApprovedPremisesFacts,
    Cas3Application,
    Cas3Assessment,
    Cas3Booking,
    Cas3Facts,
    CommissionedReferral,
    DutyToReferFacts,
    DutyToReferStatus,
    HomeKind,
    Placement,
    PremisesApplication,
)
from service.domain.eligibility.lines import Reason
from service.domain.eligibility.periods import day_after
from service.domain.eligibility.situations import Situation
from service.domain.eligibility.thresholds import SINGLE_ACCOMMODATION_SERVICE
from service.domain.eligibility.windows import home_ends_within

MAPPA_GUIDANCE = "MAPPA guidance, chapter 7 (2019); the Scottish text says the same of category 3"

APPLICATIONS_WITHOUT_A_REFERRAL = frozenset(
    {
        PremisesApplication.STARTED,
        PremisesApplication.REJECTED,
        PremisesApplication.EXPIRED,
        PremisesApplication.INAPPLICABLE,
        PremisesApplication.WITHDRAWN,
    }
)
BOOKINGS_OVER_OR_BEGUN = frozenset({Cas3Booking.ARRIVED, Cas3Booking.DEPARTED, Cas3Booking.CLOSED})
HOMES_CAS3_TAKES_FROM = frozenset({HomeKind.PRISON, HomeKind.APPROVED_PREMISES, HomeKind.CAS2})


@dataclass(frozen=True, slots=True)
class Rule:
    """One test of a situation, its source, and the reason given when it fails (none when failing only moves on)."""

    name: str
    source: str
    reason: Reason | None
    passes: Callable[[Situation], bool]


def rule(
    reason: Reason | None = None, *, source: str = SINGLE_ACCOMMODATION_SERVICE
) -> Callable[[Callable[[Situation], bool]], Rule]:
    """Make a rule of a test, named after it."""

    def named(passes: Callable[[Situation], bool]) -> Rule:
        return Rule(name=passes.__name__, source=source, reason=reason, passes=passes)

    return named


def failures(rules: Sequence[Rule], situation: Situation) -> list[Reason]:
    """Ask every rule and return the reason of each that fails, in the rules' order."""
    return [each.reason for each in rules if each.reason is not None and not each.passes(situation)]


def all_pass(rules: Sequence[Rule], situation: Situation) -> bool:
    """Tell whether every rule passes."""
    return all(each.passes(situation) for each in rules)


@rule()
def approved_premises_may_start(situation: Situation) -> bool:
    return home_ends_within(situation, situation.thresholds.approved_premises_may_start)


@rule()
def commissioned_services_may_start(situation: Situation) -> bool:
    return home_ends_within(situation, situation.thresholds.commissioned_services_may_start)


@rule()
def duty_to_refer_may_start(situation: Situation) -> bool:
    return home_ends_within(situation, situation.thresholds.duty_to_refer_may_start)


@rule(Reason.SEX_DATA_NOT_AVAILABLE)
def sex_is_known(situation: Situation) -> bool:
    return situation.sex is not None


@rule(Reason.S_TIER)
def tier_has_no_s_suffix(situation: Situation) -> bool:
    return not (situation.tier or "").endswith("S")


@rule(Reason.MALE_NOT_HIGH_RISK_TIER)
def mans_tier_is_high_risk(situation: Situation) -> bool:
    tiers = situation.thresholds.approved_premises_tiers_for_men
    return not situation.is_man or _tier_without_suffix(situation) in tiers


@rule(Reason.NON_MALE_NOT_HIGH_RISK_TIER)
def anyone_elses_tier_is_high_risk(situation: Situation) -> bool:
    tiers = situation.thresholds.approved_premises_tiers_for_others
    return situation.is_man or _tier_without_suffix(situation) in tiers


def _tier_without_suffix(situation: Situation) -> str:
    return (situation.tier or "").removesuffix("S")


@rule()
def premises_application_exists(situation: Situation) -> bool:
    # A request or a place cannot be without an application, so either is enough when a caller leaves it out.
    return situation.premises != ApprovedPremisesFacts()


@rule()
def premises_application_has_not_expired(situation: Situation) -> bool:
    in_use = situation.premises.placement in {Placement.UPCOMING, Placement.ARRIVED}
    return in_use or situation.premises.application is not PremisesApplication.EXPIRED


@rule()
def premises_application_is_running_or_led_to_a_request(situation: Situation) -> bool:
    premises = situation.premises
    led_on = premises.placement_request is not None or premises.placement is not None
    return led_on or premises.application not in APPLICATIONS_WITHOUT_A_REFERRAL


@rule()
def cas3_referral_exists(situation: Situation) -> bool:
    return situation.cas3 != Cas3Facts()


@rule()
def cas3_referral_went_past_draft_or_rejection(situation: Situation) -> bool:
    cas3 = situation.cas3
    led_on = cas3.assessment is not None or cas3.booking is not None
    return led_on or cas3.application not in {Cas3Application.DRAFT, Cas3Application.REJECTED}


@rule()
def cas3_stay_has_not_begun(situation: Situation) -> bool:
    return situation.cas3.booking not in BOOKINGS_OVER_OR_BEGUN


@rule()
def cas3_assessment_is_open_or_led_to_a_booking(situation: Situation) -> bool:
    cas3 = situation.cas3
    return cas3.booking is not None or cas3.assessment not in {Cas3Assessment.CLOSED, Cas3Assessment.REJECTED}


@rule(Reason.INVALID_CURRENT_ACCOMMODATION_TYPE)
def home_is_one_cas3_takes_from(situation: Situation) -> bool:
    return situation.home.kind in HOMES_CAS3_TAKES_FROM


@rule(Reason.HAS_NEXT_ACCOMMODATION)
def there_is_no_next_home(situation: Situation) -> bool:
    return not situation.has_next_home


@rule(Reason.IS_SETTLED)
def home_is_not_settled(situation: Situation) -> bool:
    return situation.home.kind is not HomeKind.SETTLED


@rule()
def duty_to_refer_was_made(situation: Situation) -> bool:
    return situation.duty_to_refer != DutyToReferFacts()


@rule()
def duty_to_refer_was_not_withdrawn(situation: Situation) -> bool:
    return situation.duty_to_refer.status is not DutyToReferStatus.WITHDRAWN


@rule(Reason.DTR_REFERRAL_EXPIRED)
def duty_to_refer_was_sent_recently(situation: Situation) -> bool:
    # Only the day it was sent counts here: a refused or withdrawn referral is still recent, and no day is expired.
    sent_on = situation.duty_to_refer.submitted_on
    valid_for = situation.thresholds.duty_to_refer_stays_valid.period
    return sent_on is not None and situation.on <= day_after(sent_on, valid_for)


@rule(Reason.CRS_NOT_SUBMITTED)
def accommodation_referral_is_live(situation: Situation) -> bool:
    return situation.services.accommodation_referral is CommissionedReferral.LIVE


@rule(Reason.SUITABLE_CAS1_APPLICATION)
def no_premises_application_is_running(situation: Situation) -> bool:
    application = situation.premises.application
    return application is None or application in APPLICATIONS_WITHOUT_A_REFERRAL


@rule(Reason.SUITABLE_CAS3_APPLICATION)
def no_cas3_application_is_running(situation: Situation) -> bool:
    running = {Cas3Application.SUBMITTED, Cas3Application.REQUESTED_FURTHER_INFORMATION}
    return situation.cas3.application not in running


@rule(Reason.NO_CATEGORY, source=MAPPA_GUIDANCE)
def mappa_category_is_known(situation: Situation) -> bool:
    return situation.mappa.category is not None


@rule(Reason.CATEGORY_3_NEEDS_LEVEL_2, source=MAPPA_GUIDANCE)
def category_3_is_managed_above_level_1(situation: Situation) -> bool:
    return situation.mappa.category != "3" or situation.mappa.level != "1"
