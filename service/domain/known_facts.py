"""A real person's facts for eligibility and timing, read from what is recorded about them.

What nobody has answered stays unknown.
"""

import datetime
from collections.abc import Sequence
from typing import cast

from service.domain.circumstances import Circumstances, ReferralFact
from service.domain.deadlines import KeyDates
from service.domain.eligibility.facts import (
    ApprovedPremisesFacts,
    Cas3Application,
    Cas3Assessment,
    Cas3Booking,
    Cas3Facts,
    CommissionedReferral,
    CommissionedServicesFacts,
    CurrentAccommodation,
    DutyToReferFacts,
    DutyToReferStatus,
    Facts,
    HomeKind,
    MappaCategory,
    MappaFacts,
    MappaLevel,
    Placement,
    PlacementRequest,
    PremisesApplication,
    Sex,
)
from service.domain.lifecycle import Status
from service.domain.move_on import State, confirmed_homes, furthest

TIERS = frozenset(letter + number for letter in "abcd" for number in "0123")
SEXES = {"male": Sex.M, "female": Sex.F, "indeterminate": Sex.NS, "not_known": Sex.N}
# A home address may be settled or not: it is taken as not, which closes no door that should stay open.
HOMES = {
    "prison": HomeKind.PRISON,
    "hospital": HomeKind.TRANSIENT,
    "approved_premises": HomeKind.APPROVED_PREMISES,
    "cas2": HomeKind.CAS2,
    "cas3": HomeKind.CAS3,
    "community_address": HomeKind.TRANSIENT,
    "no_fixed_abode": HomeKind.HOMELESS,
    "immigration_detention": HomeKind.TRANSIENT,
}
ACCOMMODATION = "acc"
BOOKED = frozenset({"approved_premises", "cas3"})  # the packs whose booking is a home
# What the homes are that people move on to from approved premises; all others are settled.
MOVING_TO = {"cas3": HomeKind.CAS3, **dict.fromkeys(("family_or_partner", "other"), HomeKind.TRANSIENT)}


def facts_of(person: Circumstances) -> Facts:
    """Return the facts that eligibility turns on (design §6)."""
    tier = person.value("tier")
    return Facts(
        sex=SEXES.get(person.value("sex")),
        tier=tier.upper() if tier in TIERS else None,
        current_accommodation=_home(person),
        has_next_accommodation=bool(next_homes_of(person)),
        approved_premises=_approved_premises(person),
        cas3=_cas3(person),
        duty_to_refer=_duty_to_refer(person),
        commissioned_services=_commissioned_services(person),
        mappa=mappa_of(person),
    )


def key_dates_of(person: Circumstances) -> KeyDates:
    """Return the dates the timeline is worked back from."""
    return KeyDates(
        release_on=person.release_on,
        sentence_started_on=person.day("sentence_start_date"),
        approved_premises_arrival_on=_needed_from(person, "approved_premises"),
        accommodation_needed_from_on=_needed_from(person, "cas3"),
        oasys_completed_on=person.day("oasys_completed_on"),
        premises_expected_on=person.expected_on,
        premises_arrived_on=person.stay.arrived_on if person.stay else None,
        premises_departure_on=person.stay.departs_on if person.stay else None,
        move_on_planned_on=_planned_on(person),
    )


def _planned_on(person: Circumstances) -> datetime.date | None:
    """Return when the next home was last planned; in premises a draft or a home looked for does as well."""
    answered_on, stay = _answered_on(person, "move_on_plan"), person.stay
    if stay is None or furthest(stay.prospects) is State.NO_PLAN:
        return answered_on
    return max(filter(None, (answered_on, stay.prospects.planned_on, stay.arrived_on)), default=None)


def _answered_on(person: Circumstances, item: str) -> datetime.date | None:
    answer = person.answers.get(item)
    known = answer is not None and answer["value"] is not None
    return datetime.date.fromisoformat(answer["as_of"]) if answer is not None and known else None


def _home(person: Circumstances) -> CurrentAccommodation | None:
    if person.stay is not None:
        return CurrentAccommodation(kind=HomeKind.APPROVED_PREMISES, ends_on=person.stay.departs_on)
    kind = HOMES.get(person.value("current_location"))
    if kind is None:
        return None
    ends_on = person.release_on if kind is HomeKind.PRISON else _needed_from(person, "cas3")
    return CurrentAccommodation(kind=kind, ends_on=ends_on)


def next_homes_of(person: Circumstances) -> list[HomeKind]:
    """Return the next homes known: each place booked, and a release address that was checked and approved.

    Whoever lives in approved premises has had that release: what counts is what the board calls confirmed.
    """
    if person.stay is not None:
        return [MOVING_TO.get(home.kind, HomeKind.SETTLED) for home in confirmed_homes(person.stay.prospects)]
    booked = [HomeKind(one.pack) for one in person.referrals if one.status is Status.SCHEDULED and one.pack in BOOKED]
    intended = person.value("release_accommodation") or {}
    return booked + [HomeKind.SETTLED] * (intended.get("approved") is True)


def _needed_from(person: Circumstances, pack: str) -> datetime.date | None:
    referral = _newest([one for one in person.referrals if one.pack == pack and one.is_open])
    return referral.needed_from if referral else None


def _newest(referrals: Sequence[ReferralFact]) -> ReferralFact | None:
    return max(referrals, key=lambda referral: referral.created_at, default=None)


# How far an approved-premises application has come, the least telling first; the best one speaks for the person.
_APPLICATIONS: dict[Status, PremisesApplication] = {
    Status.EXPIRED: PremisesApplication.EXPIRED,
    Status.WITHDRAWN: PremisesApplication.WITHDRAWN,
    Status.REJECTED: PremisesApplication.REJECTED,
    Status.COMPLETED: PremisesApplication.PLACEMENT_ALLOCATED,
    Status.DRAFT: PremisesApplication.STARTED,
    Status.SUBMITTED: PremisesApplication.AWAITING_ASSESSMENT,
    Status.RECEIVED: PremisesApplication.ASSESSMENT_IN_PROGRESS,
    Status.QUERY: PremisesApplication.REQUESTED_FURTHER_INFORMATION,
    Status.ACCEPTED: PremisesApplication.AWAITING_PLACEMENT,
    Status.SCHEDULED: PremisesApplication.PLACEMENT_ALLOCATED,
    Status.STARTED: PremisesApplication.PLACEMENT_ALLOCATED,
}
_PLACEMENTS = {
    Status.SCHEDULED: Placement.UPCOMING,
    Status.STARTED: Placement.ARRIVED,
    Status.COMPLETED: Placement.DEPARTED,
}
_RANK = {status: place for place, status in enumerate(_APPLICATIONS)}


def _approved_premises(person: Circumstances) -> ApprovedPremisesFacts | None:
    applications = [referral for referral in person.referrals if referral.pack == "approved_premises"]
    if not applications:
        return None
    best = max(applications, key=lambda referral: (_RANK[referral.status], referral.created_at))
    if best.status is not Status.ACCEPTED:
        return ApprovedPremisesFacts(application=_APPLICATIONS[best.status], placement=_PLACEMENTS.get(best.status))
    if best.lost_booking:
        return ApprovedPremisesFacts(
            application=PremisesApplication.AWAITING_PLACEMENT, placement=Placement(best.lost_booking)
        )
    if (best.needed_from or person.release_on) is None:  # accepted, but nobody can look for a place yet
        return ApprovedPremisesFacts(application=PremisesApplication.PENDING_PLACEMENT_REQUEST)
    return ApprovedPremisesFacts(
        application=PremisesApplication.AWAITING_PLACEMENT, placement_request=PlacementRequest.AWAITING_MATCH
    )


_SUBMITTED = Cas3Application.SUBMITTED
_CAS3: dict[Status, Cas3Facts] = {
    Status.DRAFT: Cas3Facts(application=Cas3Application.DRAFT),
    Status.SUBMITTED: Cas3Facts(application=_SUBMITTED, assessment=Cas3Assessment.UNALLOCATED),
    Status.RECEIVED: Cas3Facts(application=_SUBMITTED, assessment=Cas3Assessment.IN_REVIEW),
    Status.QUERY: Cas3Facts(
        application=Cas3Application.REQUESTED_FURTHER_INFORMATION, assessment=Cas3Assessment.IN_REVIEW
    ),
    Status.ACCEPTED: Cas3Facts(application=_SUBMITTED, assessment=Cas3Assessment.READY_TO_PLACE),
    Status.REJECTED: Cas3Facts(application=Cas3Application.REJECTED, assessment=Cas3Assessment.REJECTED),
    Status.SCHEDULED: Cas3Facts(
        application=_SUBMITTED, assessment=Cas3Assessment.CLOSED, booking=Cas3Booking.CONFIRMED
    ),
    Status.STARTED: Cas3Facts(application=_SUBMITTED, assessment=Cas3Assessment.CLOSED, booking=Cas3Booking.ARRIVED),
    Status.COMPLETED: Cas3Facts(application=_SUBMITTED, assessment=Cas3Assessment.CLOSED, booking=Cas3Booking.DEPARTED),
}


def _cas3(person: Circumstances) -> Cas3Facts | None:
    """Return the newest open CAS3 referral's facts, else the newest ended one's; one withdrawn or expired is none."""
    known = [referral for referral in person.referrals if referral.pack == "cas3" and referral.status in _CAS3]
    referral = _newest([one for one in known if one.is_open]) or _newest(known)
    if referral is None:
        return None
    facts = _CAS3[referral.status]
    if referral.status is Status.ACCEPTED and referral.bed_offered:
        return facts.model_copy(update={"booking": Cas3Booking.PROVISIONAL})
    if referral.status is Status.ACCEPTED and referral.lost_booking:
        return facts.model_copy(update={"booking": Cas3Booking(referral.lost_booking)})
    return facts


_COUNCILS: dict[Status, DutyToReferStatus] = {
    Status.SUBMITTED: DutyToReferStatus.SUBMITTED,
    Status.RECEIVED: DutyToReferStatus.SUBMITTED,
    Status.QUERY: DutyToReferStatus.SUBMITTED,
    Status.EXPIRED: DutyToReferStatus.SUBMITTED,
    Status.ACCEPTED: DutyToReferStatus.ACCEPTED,
    Status.SCHEDULED: DutyToReferStatus.ACCEPTED,
    Status.STARTED: DutyToReferStatus.ACCEPTED,
    Status.COMPLETED: DutyToReferStatus.ACCEPTED,
    Status.REJECTED: DutyToReferStatus.NOT_ACCEPTED,
    Status.WITHDRAWN: DutyToReferStatus.WITHDRAWN,
}


def _duty_to_refer(person: Circumstances) -> DutyToReferFacts | None:
    """Return the duty to refer that counts: the newest we sent, or one the profile says was made elsewhere since.

    One that was withdrawn counts only where no other stands.
    """
    sent = [one for one in person.referrals if one.pack == "duty_to_refer" and one.submitted_on is not None]
    standing = [one for one in sent if one.status is not Status.WITHDRAWN]
    newest = max(standing or sent, key=lambda one: (one.submitted_on, one.created_at), default=None)
    elsewhere = _duty_to_refer_in_profile(person)
    if newest is None or newest.submitted_on is None:
        return elsewhere
    if elsewhere is not None and elsewhere.submitted_on is not None and elsewhere.submitted_on > newest.submitted_on:
        return elsewhere
    return DutyToReferFacts(status=_COUNCILS[newest.status], submitted_on=newest.submitted_on)


def _duty_to_refer_in_profile(person: Circumstances) -> DutyToReferFacts | None:
    made, made_on = person.value("duty_to_refer_made"), person.day("duty_to_refer_made_on")
    if made is False or (made is None and made_on is None):
        return None
    outcome = str(person.value("duty_to_refer_outcome") or "")
    status = DutyToReferStatus.SUBMITTED
    if outcome.startswith("accepted"):
        status = DutyToReferStatus.ACCEPTED
    elif outcome.startswith("rejected"):
        status = DutyToReferStatus.NOT_ACCEPTED
    return DutyToReferFacts(status=status, submitted_on=made_on)


_COMMISSIONED = {
    Status.COMPLETED: CommissionedReferral.COMPLETED,
    Status.REJECTED: CommissionedReferral.WITHDRAWN,
    Status.WITHDRAWN: CommissionedReferral.WITHDRAWN,
}


def _commissioned_services(person: Circumstances) -> CommissionedServicesFacts | None:
    """Return how the accommodation referral stands: one sent by us, or one the profile says was made elsewhere."""
    sent = [
        referral
        for referral in person.referrals
        if referral.pack == "commissioned_services"
        and ACCOMMODATION in referral.categories
        and (referral.status in _COMMISSIONED or (referral.is_open and referral.status is not Status.DRAFT))
    ]
    if any(referral.is_open for referral in sent) or person.value("commissioned_services_referral_made") is True:
        return CommissionedServicesFacts(accommodation_referral=CommissionedReferral.LIVE)
    newest = _newest(sent)
    return CommissionedServicesFacts(accommodation_referral=_COMMISSIONED[newest.status]) if newest else None


def mappa_of(person: Circumstances) -> MappaFacts:
    """Return category and level from the latest screening, or from the profile where its answer is more recent."""
    recorded = person.answers.get("mappa_category")
    screening = person.screening
    first_release_on = person.released_on("earliest_release_date") or person.release_on
    if screening and (recorded is None or screening.screened_on.isoformat() >= recorded["as_of"]):
        return MappaFacts(category=screening.category, level=screening.level, first_release_on=first_release_on)
    return MappaFacts(
        category=category_of(person.value("mappa_category")),
        level=cast("MappaLevel | None", _numbered(person.value("mappa_level"), "level_")),
        first_release_on=first_release_on,
    )


def category_of(code: str | None) -> MappaCategory | None:
    """Return the category that an answer's code stands for."""
    return cast("MappaCategory | None", _numbered(code, "category_"))


def _numbered(code: str | None, prefix: str) -> str | None:
    return code.removeprefix(prefix) if code and code.startswith(prefix) else None
