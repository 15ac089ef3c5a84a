"""What is on record about somebody becomes the facts that eligibility and timing turn on, and nothing is invented."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalogue.loading import catalogue
from service.domain.circumstances import ITEMS, Booking, Circumstances, ReferralFact, ScreeningFact
from service.domain.deadlines import DeadlineName
from service.domain.eligibility.assessments import assess
from service.domain.eligibility.facts import Facts, HomeKind, MappaFacts
from service.domain.eligibility.thresholds import Thresholds
from service.domain.known_facts import HOMES, SEXES, TIERS, facts_of, key_dates_of, next_homes_of
from service.domain.lifecycle import Status
from service.domain.profiles import Answer
from service.domain.timelines import timeline

NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)


def answered(values: dict[str, Any], as_of: str = "2026-11-01") -> dict[str, Answer]:
    return {
        item: Answer(value=value, source="delius", as_of=as_of, recorded_by="r", recorded_at="-", revision=1)
        for item, value in values.items()
    }


def referral(pack: str, status: str, days_old: int = 0, **more: Any) -> ReferralFact:
    return ReferralFact(pack, Status(status), NOON - datetime.timedelta(days=days_old), **more)


def facts(*referrals: ReferralFact, **values: Any) -> Facts:
    return facts_of(Circumstances(answered(values), referrals))


def test_every_item_read_is_a_shared_item_of_the_catalogue() -> None:
    items = catalogue().items

    assert all(items[item].reuse.shared for item in ITEMS)


def test_every_option_of_the_items_is_known_here() -> None:
    items = catalogue().items

    assert set(items["sex"].value.options) == set(SEXES)
    assert set(items["current_location"].value.options) == set(HOMES)
    assert set(items["tier"].value.options) >= TIERS
    assert set(items["mappa_category"].value.options) == {f"category_{number}" for number in "1234"} | {"none"}
    assert items["release_accommodation"].value.fields["approved"].kind == "boolean"
    assert set(items["mappa_level"].value.options) == {f"level_{number}" for number in "123"} | {"not_set"}


def test_of_somebody_nobody_knows_anything_about_nothing_is_invented() -> None:
    assert facts() == Facts(has_next_accommodation=False, mappa=MappaFacts())


@pytest.mark.parametrize(
    ("tier", "expected"), [("b2", "B2"), ("a0", "A0"), ("not_held", None), ("a", None), ("g", None), (None, None)]
)
def test_a_tier_of_the_rules_own_kind_is_a_fact(tier: str | None, expected: str | None) -> None:
    assert facts(**({"tier": tier} if tier else {})).tier == expected


def test_prison_ends_on_the_release_date_while_that_is_known() -> None:
    known = facts(current_location="prison", sentence_release_date="2027-05-01")
    unknown = facts(current_location="prison", sentence_release_date="2027-05-01", release_date_known=False)

    assert known.current_accommodation
    assert known.current_accommodation.ends_on == datetime.date(2027, 5, 1)
    assert unknown.current_accommodation
    assert unknown.current_accommodation.ends_on is None


def test_another_home_ends_on_the_day_the_open_cas3_form_asks_accommodation_from() -> None:
    needed = datetime.date(2027, 3, 1)
    found = facts(
        referral("cas3", "draft", needed_from=needed),
        referral("cas3", "rejected", needed_from=datetime.date(2026, 1, 1)),
        current_location="approved_premises",
        sentence_release_date="2026-10-19",
    )

    assert found.current_accommodation
    assert found.current_accommodation.ends_on == needed


@pytest.mark.parametrize(
    ("status", "application", "placement"),
    [
        ("draft", "started", None),
        ("submitted", "awaiting_assessment", None),
        ("received", "assessment_in_progress", None),
        ("query", "requested_further_information", None),
        ("accepted", "pending_placement_request", None),
        ("scheduled", "placement_allocated", "upcoming"),
        ("started", "placement_allocated", "arrived"),
        ("completed", "placement_allocated", "departed"),
        ("rejected", "rejected", None),
        ("withdrawn", "withdrawn", None),
        ("expired", "expired", None),
    ],
)
def test_an_approved_premises_referral_is_as_far_as_its_status(
    status: str, application: str, placement: str | None
) -> None:
    found = facts(referral("approved_premises", status)).approved_premises

    assert found
    assert (found.application, found.placement_request, found.placement) == (application, None, placement)


@pytest.mark.parametrize(
    ("lost", "placement"), [(Booking.CANCELLED, "cancelled"), (Booking.NOT_ARRIVED, "not_arrived")]
)
def test_a_booking_that_was_lost_is_remembered(lost: Booking, placement: str) -> None:
    premises = facts(referral("approved_premises", "accepted", lost_booking=lost)).approved_premises
    cas3 = facts(referral("cas3", "accepted", lost_booking=lost)).cas3

    assert premises
    assert (premises.application, premises.placement) == ("awaiting_placement", placement)
    assert cas3
    assert cas3.booking == placement


def test_an_accepted_application_with_a_day_to_arrive_waits_for_a_match() -> None:
    found = facts(referral("approved_premises", "accepted"), sentence_release_date="2027-05-01").approved_premises

    assert found
    assert (found.application, found.placement_request) == ("awaiting_placement", "awaiting_match")


def test_the_application_that_came_furthest_speaks_for_the_person_and_of_two_alike_the_newest() -> None:
    furthest = facts(
        referral("approved_premises", "rejected"),
        referral("approved_premises", "received", 30),
        referral("approved_premises", "withdrawn"),
    ).approved_premises

    assert furthest
    assert furthest.application == "assessment_in_progress"


@pytest.mark.parametrize(
    ("status", "application", "assessment", "booking"),
    [
        ("draft", "draft", None, None),
        ("submitted", "submitted", "unallocated", None),
        ("received", "submitted", "in_review", None),
        ("query", "requested_further_information", "in_review", None),
        ("accepted", "submitted", "ready_to_place", None),
        ("scheduled", "submitted", "closed", "confirmed"),
        ("started", "submitted", "closed", "arrived"),
        ("completed", "submitted", "closed", "departed"),
        ("rejected", "rejected", "rejected", None),
    ],
)
def test_a_cas3_referral_is_as_far_as_its_status(
    status: str, application: str, assessment: str | None, booking: str | None
) -> None:
    found = facts(referral("cas3", status)).cas3

    assert found
    assert (found.application, found.assessment, found.booking) == (application, assessment, booking)


def test_an_open_cas3_referral_counts_before_a_newer_ended_one_and_a_withdrawn_one_not_at_all() -> None:
    found = facts(referral("cas3", "received", 60), referral("cas3", "rejected", 1)).cas3

    assert found
    assert found.assessment == "in_review"
    assert facts(referral("cas3", "withdrawn"), referral("cas3", "expired")).cas3 is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({"duty_to_refer_made": False, "duty_to_refer_made_on": "2026-10-01"}, None),
        ({"duty_to_refer_made": True}, ("submitted", None)),
        ({"duty_to_refer_made_on": "2026-10-01"}, ("submitted", "2026-10-01")),
        ({"duty_to_refer_made": True, "duty_to_refer_outcome": "pending"}, ("submitted", None)),
        ({"duty_to_refer_made": True, "duty_to_refer_outcome": "accepted_priority_need"}, ("accepted", None)),
        ({"duty_to_refer_made": True, "duty_to_refer_outcome": "rejected_other"}, ("not_accepted", None)),
    ],
)
def test_a_duty_to_refer_is_read_from_the_profile(
    values: dict[str, Any], expected: tuple[str, str | None] | None
) -> None:
    found = facts(**values).duty_to_refer
    on = found.submitted_on.isoformat() if found and found.submitted_on else None

    assert (found and (found.status, on)) == expected


@pytest.mark.parametrize(
    ("status", "categories", "made_elsewhere", "expected"),
    [
        ("received", {"acc"}, False, "live"),
        ("started", {"acc", "ete"}, False, "live"),
        ("received", {"ete"}, False, None),
        ("draft", {"acc"}, False, None),
        ("expired", {"acc"}, False, None),
        ("completed", {"acc"}, False, "completed"),
        ("withdrawn", {"acc"}, False, "withdrawn"),
        ("rejected", {"acc"}, False, "withdrawn"),
        ("withdrawn", {"acc"}, True, "live"),
    ],
)
def test_a_commissioned_referral_counts_when_it_was_sent_and_is_for_accommodation(
    status: str, categories: set[str], made_elsewhere: bool, expected: str | None
) -> None:
    sent = referral("commissioned_services", status, categories=frozenset(categories))
    found = facts(sent, commissioned_services_referral_made=made_elsewhere).commissioned_services

    assert (found and found.accommodation_referral) == expected


@pytest.mark.parametrize(
    ("as_of", "expected"), [("2026-11-19", ("3", "2")), ("2026-11-20", ("3", "2")), ("2026-11-21", ("2", "1"))]
)
def test_a_screening_counts_unless_the_record_is_later(as_of: str, expected: tuple[str, str]) -> None:
    recorded = answered({"mappa_category": "category_2", "mappa_level": "level_1"}, as_of)
    screening = ScreeningFact("3", "2", datetime.date(2026, 11, 20))
    found = facts_of(Circumstances(recorded, (), screening)).mappa

    assert found
    assert (found.category, found.level) == expected


def test_the_first_possible_release_is_the_earliest_known_and_else_the_release() -> None:
    dates = {"sentence_release_date": "2027-05-01"}
    early = facts(**dates, earliest_release_date="2027-02-01").mappa
    plain = facts(**dates).mappa

    assert early
    assert early.first_release_on == datetime.date(2027, 2, 1)
    assert plain
    assert plain.first_release_on == datetime.date(2027, 5, 1)


def test_a_place_booked_and_an_approved_address_are_next_homes() -> None:
    person = Circumstances(
        answered({"release_accommodation": {"address": "1 Invented Street", "approved": True}}),
        [referral("cas3", "scheduled"), referral("mappa", "scheduled"), referral("approved_premises", "started")],
    )

    assert next_homes_of(person) == [HomeKind.CAS3, HomeKind.SETTLED]


def test_key_dates_come_from_the_profile_and_the_open_forms() -> None:
    person = Circumstances(
        answered({"sentence_release_date": "2027-05-01", "sentence_start_date": "2020-01-01"}),
        [
            referral("approved_premises", "draft", needed_from=datetime.date(2027, 5, 2)),
            referral("cas3", "withdrawn", needed_from=datetime.date(2027, 5, 3)),
        ],
    )
    dates = key_dates_of(person)

    assert (dates.release_on, dates.sentence_started_on) == (datetime.date(2027, 5, 1), datetime.date(2020, 1, 1))
    assert (dates.approved_premises_arrival_on, dates.accommodation_needed_from_on) == (datetime.date(2027, 5, 2), None)


def any_value(item: str) -> st.SearchStrategy[Any]:
    """Values an item of those read here can hold."""
    value = catalogue().items[item].value
    if value.kind == "choice":
        return st.sampled_from(sorted(value.options))
    if value.kind == "object":
        return st.fixed_dictionaries({"approved": st.booleans()})
    return st.dates().map(str) if value.kind == "date" else st.booleans()


@given(
    values=st.fixed_dictionaries({}, optional={item: any_value(item) for item in ITEMS}),
    referrals=st.lists(
        st.builds(
            ReferralFact,
            st.sampled_from(["approved_premises", "cas3", "commissioned_services", "mappa"]),
            st.sampled_from(Status),
            st.datetimes(timezones=st.just(datetime.UTC)),
            st.frozensets(st.sampled_from(["acc", "ete"])),
            st.none() | st.dates(),
            st.none() | st.sampled_from(Booking),
        ),
        max_size=6,
    ),
    today=st.dates(),
)
def test_whatever_is_on_record_there_is_an_answer_and_the_order_of_referrals_does_not_matter(
    values: dict[str, Any], referrals: list[ReferralFact], today: datetime.date
) -> None:
    person = Circumstances(answered(values), referrals)
    turned = Circumstances(answered(values), sorted(referrals, key=lambda one: (one.created_at, one.pack, one.status)))

    assert len(assess(facts_of(person), today, Thresholds())) == 6
    assert len(timeline(key_dates_of(person), facts_of(person), Thresholds(), today)) == len(DeadlineName)
    if len({one.created_at for one in referrals}) == len(referrals):
        assert facts_of(person) == facts_of(turned)
