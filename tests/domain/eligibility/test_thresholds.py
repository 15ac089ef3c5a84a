"""Every number can be changed in one place, says where it comes from, and is the only place the rules take it from."""

from datetime import date

import pytest

from service.domain.eligibility.lines import Service
from service.domain.eligibility.periods import Period
from service.domain.eligibility.thresholds import Threshold, Thresholds, read_thresholds
from tests.domain.eligibility.making import in_prison_until, line_for, make_facts, weeks_ago, weeks_ahead

PERIODS = [name for name, field in Thresholds.model_fields.items() if field.annotation is Threshold]


@pytest.mark.parametrize("name", PERIODS)
def test_every_length_of_time_names_its_source(name: str) -> None:
    assert getattr(Thresholds(), name).source


@pytest.mark.parametrize(
    ("name", "period", "service", "before", "after"),
    [
        ("approved_premises_may_start", Period(weeks=1), Service.APPROVED_PREMISES, "not_started", "upcoming"),
        ("commissioned_services_may_start", Period(weeks=1), Service.COMMISSIONED_SERVICES, "not_started", "upcoming"),
        ("duty_to_refer_may_start", Period(weeks=1), Service.DUTY_TO_REFER, "not_started", "upcoming"),
        ("mappa_referral_may_start", Period(weeks=1), Service.MAPPA, "level_not_set", "upcoming"),
        ("mappa_level_due", Period(weeks=1), Service.MAPPA, "level_not_set", "not_started"),
    ],
)
def test_a_changed_number_changes_the_answer(
    name: str, period: Period, service: Service, before: str, after: str
) -> None:
    facts = make_facts(
        current_accommodation=in_prison_until(weeks_ahead(4)),
        mappa={"category": "1", "first_release_on": weeks_ahead(4)},
    )
    changed = Thresholds.model_validate({name: {"period": period, "source": "A new instruction"}})

    assert line_for(service, facts).status == before
    assert line_for(service, facts, thresholds=changed).status == after


def test_a_shorter_life_of_the_duty_to_refer_expires_it_earlier() -> None:
    facts = make_facts(duty_to_refer={"status": "accepted", "submitted_on": weeks_ago(2)})
    changed = Thresholds(duty_to_refer_stays_valid=Threshold(period=Period(weeks=1), source="A new instruction"))

    assert line_for(Service.DUTY_TO_REFER, facts).status == "accepted"
    assert line_for(Service.DUTY_TO_REFER, facts, thresholds=changed).status == "not_started"


def test_the_tiers_approved_premises_take_can_be_changed() -> None:
    changed = Thresholds(approved_premises_tiers_for_men=frozenset({"D2"}))

    assert line_for(Service.APPROVED_PREMISES, make_facts(tier="D2"), thresholds=changed).status == "not_started"
    assert line_for(Service.APPROVED_PREMISES, make_facts(tier="B2"), thresholds=changed).status == "not_eligible"


def test_a_number_the_rules_do_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="duty_to_refer_lasts"):
        Thresholds.model_validate({"duty_to_refer_lasts": {"period": {"weeks": 1}, "source": "x"}})


def test_thresholds_are_read_from_plain_data() -> None:
    read = Thresholds.model_validate(
        {"commissioned_services_may_start": {"period": {"weeks": 16}, "source": "A new instruction"}}
    )
    facts = make_facts(current_accommodation=in_prison_until(weeks_ahead(17)))

    assert line_for(Service.COMMISSIONED_SERVICES, facts, thresholds=read).starts_on == date(2026, 11, 29)


@pytest.mark.parametrize("name", PERIODS)
def test_every_length_of_time_can_be_set_in_words(name: str) -> None:
    set_here = read_thresholds({name: "3 weeks"})

    assert getattr(set_here, name).period == Period(weeks=3)
    assert set_here.model_copy(update={name: getattr(Thresholds(), name)}) == Thresholds()


@pytest.mark.parametrize("name", PERIODS)
def test_a_length_of_time_is_written_as_it_is_said(name: str) -> None:
    said = getattr(Thresholds(), name).period

    assert getattr(read_thresholds({name: str(said)}), name).period == said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("duty_to_refer_may_start", "8"),
        ("duty_to_refer_may_start", "0 weeks"),
        ("duty_to_refer_may_start", "8 hours"),
        ("approved_premises_tiers_for_men", "8 weeks"),
        ("no_such_period", "8 weeks"),
    ],
)
def test_a_length_of_time_that_cannot_be_read_is_named(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name):
        read_thresholds({name: text})
