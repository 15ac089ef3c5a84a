"""People to ask the eligibility rules about: whole ones made by hand, and any at all made by chance."""

from datetime import date, timedelta
from enum import StrEnum

from hypothesis import settings
from hypothesis import strategies as st

from service.domain.deadlines import Deadline, KeyDates
from service.domain.eligibility.assessments import assess
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
    MappaFacts,
    Placement,
    PlacementRequest,
    PremisesApplication,
    Sex,
)
from service.domain.eligibility.lines import Action, Line, Reason, Service, Status
from service.domain.eligibility.thresholds import Thresholds
from service.domain.timelines import timeline

UNHURRIED = settings(deadline=None)  # a busy machine is slow, not wrong

TODAY = date(2026, 11, 22)
IN_ONE_YEAR = date(2027, 11, 22)
LONG_AHEAD = date(2029, 6, 1)

# A person every rule lets through: a man of tier B2 in prison, released in four weeks, nothing yet asked for.
MAN = {
    "sex": "M",
    "tier": "B2",
    "current_accommodation": {"kind": "prison", "ends_on": "2026-12-20"},
    "has_next_accommodation": False,
}
SENT_RECENTLY = {"status": "submitted", "submitted_on": "2026-10-01"}
LIVE_SERVICES = {"accommodation_referral": "live"}

RELEASE = date(2027, 11, 22)
LONG_BEFORE = date(2026, 6, 1)  # no window of the timeline below is open yet
PRISONER = {"sex": "M", "tier": "B2", "current_accommodation": {"kind": "prison"}, "mappa": {"category": "2"}}
RESIDENT = {"kind": "approved_premises", "ends_on": "2027-11-22"}


def make_facts(**changes: object) -> Facts:
    """Return the man above with some facts changed; None takes one away."""
    return Facts.model_validate({**MAN, **changes})


def weeks_ago(count: int, days: int = 0) -> str:
    """Return the day so many weeks and days before today, as facts write it."""
    return (TODAY - timedelta(weeks=count, days=days)).isoformat()


def weeks_ahead(count: int, days: int = 0) -> str:
    """Return the day so many weeks and days after today, as facts write it."""
    return (TODAY + timedelta(weeks=count, days=days)).isoformat()


def in_prison_until(ends_on: str | None) -> dict[str, str | None]:
    """Return the home of somebody in prison with that release date."""
    return {"kind": "prison", "ends_on": ends_on}


def line_for(service: Service, facts: Facts, on: date = TODAY, thresholds: Thresholds | None = None) -> Line:
    """Return one service's answer."""
    return assess(facts, on, thresholds or Thresholds())[service]


def line(status: str, action: str | None = None, starts_on: date | None = None, *reasons: str) -> Line:
    """Return the answer a table row expects."""
    return Line(
        status=Status(status),
        action=Action(action) if action else None,
        starts_on=starts_on,
        reasons=[Reason(reason) for reason in reasons],
    )


def entries(today: date = LONG_BEFORE, dates: KeyDates | None = None, /, **facts: object) -> dict[str, Deadline]:
    """Return the timeline of a man released on 22 November 2027, by name, with some facts changed."""
    known = dates or KeyDates(release_on=RELEASE)
    return {
        each.name: each for each in timeline(known, Facts.model_validate({**PRISONER, **facts}), Thresholds(), today)
    }


def _any_of(codes: type[StrEnum]) -> st.SearchStrategy[StrEnum | None]:
    return st.none() | st.sampled_from(codes)


ANY_DAY = st.dates()
SOME_DAY = st.none() | st.dates(date(2024, 1, 1), date(2030, 12, 31)) | ANY_DAY
ANY_PREMISES = st.builds(
    ApprovedPremisesFacts,
    application=_any_of(PremisesApplication),
    placement_request=_any_of(PlacementRequest),
    placement=_any_of(Placement),
)
ANY_CAS3 = st.builds(
    Cas3Facts, application=_any_of(Cas3Application), assessment=_any_of(Cas3Assessment), booking=_any_of(Cas3Booking)
)
ANY_MAPPA = st.builds(
    MappaFacts,
    category=st.sampled_from([None, "1", "2", "3", "4"]),
    level=st.sampled_from([None, "1", "2", "3"]),
    first_release_on=SOME_DAY,
)
ANY_TIER = st.none() | st.from_regex(r"[A-D][0-3]S?", fullmatch=True)
ANY_FACTS = st.builds(
    Facts,
    sex=_any_of(Sex),
    tier=ANY_TIER,
    current_accommodation=st.none() | st.builds(CurrentAccommodation, kind=_any_of(HomeKind), ends_on=SOME_DAY),
    has_next_accommodation=st.none() | st.booleans(),
    approved_premises=st.none() | ANY_PREMISES,
    cas3=st.none() | ANY_CAS3,
    duty_to_refer=st.none() | st.builds(DutyToReferFacts, status=_any_of(DutyToReferStatus), submitted_on=SOME_DAY),
    commissioned_services=st.none()
    | st.builds(CommissionedServicesFacts, accommodation_referral=_any_of(CommissionedReferral)),
    mappa=st.none() | ANY_MAPPA,
)
ANY_DATES = st.builds(
    KeyDates,
    release_on=SOME_DAY,
    sentence_started_on=SOME_DAY,
    approved_premises_arrival_on=SOME_DAY,
    accommodation_needed_from_on=SOME_DAY,
    oasys_completed_on=SOME_DAY,
)
