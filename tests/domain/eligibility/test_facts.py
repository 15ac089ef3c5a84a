"""Facts are all optional, and one nobody knows how to read is refused by name."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from pydantic import ValidationError

from service.domain.eligibility.facts import Facts, SuppliedFacts
from tests.domain.eligibility.making import ANY_FACTS, UNHURRIED

EVERYTHING = {
    "on": "2026-11-22",
    "sex": "M",
    "tier": "B2",
    "current_accommodation": {"kind": "prison", "ends_on": "2027-02-01"},
    "has_next_accommodation": False,
    "approved_premises": {
        "application": "awaiting_placement",
        "placement_request": "awaiting_match",
        "placement": "upcoming",
    },
    "cas3": {"application": "submitted", "assessment": "in_review", "booking": "provisional"},
    "duty_to_refer": {"status": "submitted", "submitted_on": "2026-10-01"},
    "commissioned_services": {"accommodation_referral": "live"},
    "mappa": {"category": "2", "level": "1", "first_release_on": "2027-05-01"},
}


def test_the_whole_body_of_the_what_if_request_is_read() -> None:
    facts = SuppliedFacts.model_validate(EVERYTHING)

    assert facts.on == date(2026, 11, 22)
    assert facts.model_dump(mode="json") == EVERYTHING


def test_nothing_at_all_is_a_valid_set_of_facts() -> None:
    assert Facts.model_validate({}) == Facts.model_validate(dict.fromkeys(Facts.model_fields))


@pytest.mark.parametrize(
    ("group", "name", "value"),
    [
        (None, "sex", "X"),
        (None, "sex", "m"),
        (None, "tier", "E1"),
        (None, "tier", "B4"),
        (None, "tier", "b2"),
        (None, "tier", "B2\n"),
        (None, "has_next_accommodation", "no"),
        (None, "on", "22/11/2026"),
        (None, "on", 1_795_305_600),
        (None, "on", "2026-11-22T00:00:00"),
        (None, "on", "2026-02-29"),
        (None, "on", datetime(2026, 11, 22, tzinfo=UTC)),
        (None, "name", "anybody"),
        ("current_accommodation", "kind", "hotel"),
        ("current_accommodation", "ends_on", "soon"),
        ("current_accommodation", "postcode", "AB1 2CD"),
        ("approved_premises", "application", "awaiting"),
        ("approved_premises", "placement_request", "matched"),
        ("approved_premises", "placement", "Upcoming"),
        ("cas3", "application", "inProgress"),
        ("cas3", "assessment", "archived"),
        ("cas3", "booking", "notMinusArrived"),
        ("duty_to_refer", "status", "not_started"),
        ("duty_to_refer", "submitted_on", 0),
        ("commissioned_services", "accommodation_referral", "started"),
        ("mappa", "category", "5"),
        ("mappa", "category", 2),
        ("mappa", "level", "0"),
        ("mappa", "first_release_on", "2027-5-1"),
    ],
)
def test_an_unknown_code_or_name_is_refused_and_the_field_named(group: str | None, name: str, value: object) -> None:
    body = {name: value} if group is None else {group: {name: value}}

    with pytest.raises(ValidationError) as refused:
        SuppliedFacts.model_validate(body)

    assert [error["loc"] for error in refused.value.errors()] == [(name,) if group is None else (group, name)]


@UNHURRIED
@given(ANY_FACTS)
def test_facts_survive_being_written_as_json(facts: Facts) -> None:
    assert Facts.model_validate(facts.model_dump(mode="json")) == facts
