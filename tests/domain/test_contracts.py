"""Which contracts a person could be referred to: the table of reasons, and what is said where a fact is unknown."""

import datetime
from dataclasses import replace
from typing import Any

import pytest

from service.domain.contracts import Fact, Fit, Misfit, Referred, Terms, judge, referred_of

TODAY = datetime.date(2026, 11, 23)
TERMS = Terms(
    id="crs-acc",
    area_kind="region",
    areas=["east_of_england", "London"],
    categories=["acc"],
    sex="female",
    minimum_age=18,
    maximum_age=25,
    starts_on=datetime.date(2026, 1, 1),
    ends_on=datetime.date(2026, 12, 31),
)
PERSON = Referred(region="east_of_england", police_area="metropolitan", sex="female", age=20)
POLICE: dict[str, Any] = {"area_kind": "police_area", "areas": ["Metropolitan"]}
A_DAY = datetime.timedelta(days=1)
REASONS: list[tuple[str, dict[str, Any], dict[str, Any], str | None, list[Misfit]]] = [
    ("everything fits", {}, {}, "acc", []),
    ("no category is asked about", {}, {}, None, []),
    ("another category", {}, {}, "ete", [Misfit.ANOTHER_CATEGORY]),
    ("its first day", {"starts_on": TODAY}, {}, None, []),
    ("the day before its first", {"starts_on": TODAY + A_DAY}, {}, None, [Misfit.NOT_BEGUN]),
    ("its last day", {"ends_on": TODAY}, {}, None, []),
    ("the day after its last", {"ends_on": TODAY - A_DAY}, {}, None, [Misfit.ENDED]),
    ("no last day", {"ends_on": None}, {}, None, []),
    ("its prime is suspended", {"prime_active": False}, {}, None, [Misfit.ORGANISATION_SUSPENDED]),
    ("its recipient is not active", {"recipient_active": False}, {}, None, [Misfit.RECIPIENT_INACTIVE]),
    ("the region as others write it", {"areas": ["East of England"]}, {}, None, []),
    ("another region", {}, {"region": "wales"}, None, [Misfit.ANOTHER_PLACE]),
    ("the police area", POLICE, {}, None, []),
    ("another police area", POLICE, {"police_area": "kent"}, None, [Misfit.ANOTHER_PLACE]),
    ("a region is no police area", {**POLICE, "areas": ["east_of_england"]}, {}, None, [Misfit.ANOTHER_PLACE]),
    ("another sex", {}, {"sex": "male"}, None, [Misfit.ANOTHER_SEX]),
    ("anybody's sex", {"sex": "any"}, {"sex": "male"}, None, []),
    ("the lowest age", {}, {"age": 18}, None, []),
    ("below it", {}, {"age": 17}, None, [Misfit.TOO_YOUNG]),
    ("the highest age", {}, {"age": 25}, None, []),
    ("above it", {}, {"age": 26}, None, [Misfit.TOO_OLD]),
    (
        "every reason at once",
        {"ends_on": TODAY - A_DAY, "prime_active": False},
        {"region": "wales", "sex": "male", "age": 40},
        "ete",
        [
            *(Misfit.ENDED, Misfit.ORGANISATION_SUSPENDED, Misfit.ANOTHER_CATEGORY),
            *(Misfit.ANOTHER_PLACE, Misfit.ANOTHER_SEX, Misfit.TOO_OLD),
        ],
    ),
]


@pytest.mark.parametrize(("terms", "person", "category", "reasons"), [row[1:] for row in REASONS], ids=lambda row: "")
def test_every_reason_is_named_and_no_other(
    terms: dict[str, Any], person: dict[str, Any], category: str | None, reasons: list[Misfit]
) -> None:
    judgement = judge(replace(TERMS, **terms), replace(PERSON, **person), category, TODAY)

    assert (judgement.reasons, judgement.unknown) == (reasons, [])
    assert judgement.fit is (Fit.DOES_NOT_FIT if reasons else Fit.FITS)


@pytest.mark.parametrize(
    ("terms", "missing", "unknown"),
    [
        ({}, "region", [Fact.REGION]),
        ({}, "police_area", []),
        (POLICE, "police_area", [Fact.POLICE_AREA]),
        (POLICE, "region", []),
        ({}, "sex", [Fact.SEX]),
        ({"sex": "any"}, "sex", []),
        ({}, "age", [Fact.AGE]),
    ],
)
def test_a_fact_nobody_has_said_is_named_by_the_contracts_that_turn_on_it(
    terms: dict[str, Any], missing: str, unknown: list[Fact]
) -> None:
    judgement = judge(replace(TERMS, **terms), replace(PERSON, **{missing: None}), None, TODAY)

    assert (judgement.reasons, judgement.unknown) == ([], unknown)
    assert judgement.fit is (Fit.CANNOT_TELL if unknown else Fit.FITS)


def test_one_reason_is_enough_whatever_is_unknown_besides() -> None:
    judgement = judge(TERMS, Referred(region="wales"), None, TODAY)

    assert (judgement.fit, judgement.unknown) == (Fit.DOES_NOT_FIT, [Fact.SEX, Fact.AGE])


def answers(**values: Any) -> Any:
    return {item: {"value": value} for item, value in values.items()}


@pytest.mark.parametrize(
    ("said", "region", "known"),
    [
        ({}, None, Referred()),
        ({"sex": "male"}, "wales", Referred(region="wales", sex="male")),
        ({"practitioner_region": "london"}, None, Referred(region="london")),
        ({"practitioner_region": "london"}, "wales", Referred(region="wales")),
        ({"sex": "indeterminate"}, None, Referred()),
        ({"sex": None}, None, Referred()),
        ({"date_of_birth": "2000-11-23"}, None, Referred(age=26)),
        ({"date_of_birth": "2000-11-24"}, None, Referred(age=25)),
        ({"date_of_birth": "2000-02-29"}, None, Referred(age=26)),
    ],
)
def test_the_facts_are_those_on_record_and_the_others_stay_unknown(
    said: dict[str, Any], region: str | None, known: Referred
) -> None:
    assert referred_of(answers(**said), region, None, TODAY) == known
