"""What holds for anybody on any day: an answer, always the same one, and none that goes back in time."""

from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from service.domain.eligibility.assessments import ASSESSED_BY, assess
from service.domain.eligibility.cases import next_steps
from service.domain.eligibility.facts import Facts
from service.domain.eligibility.lines import Line, Service, Status
from service.domain.eligibility.thresholds import Thresholds
from tests.domain.eligibility.making import ANY_DAY, ANY_FACTS, UNHURRIED

THRESHOLDS = Thresholds()
WITH_REASONS = {Status.NOT_ELIGIBLE, Status.NOT_REQUIRED}
NEAR_DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
LATER_BY = st.integers(min_value=1, max_value=1500).map(lambda days: timedelta(days=days))


@UNHURRIED
@given(facts=ANY_FACTS, on=ANY_DAY)
def test_anybody_gets_one_answer_from_every_service(facts: Facts, on: date) -> None:
    lines = assess(facts, on, THRESHOLDS)

    assert set(lines) == {service.value for service in Service} == {service.value for service in ASSESSED_BY}
    assert {step.service for step in next_steps(lines)} <= {name for name, line in lines.items() if line.action}


@UNHURRIED
@given(facts=ANY_FACTS, on=ANY_DAY)
def test_the_same_facts_on_the_same_day_give_the_same_answer(facts: Facts, on: date) -> None:
    again = Facts.model_validate(facts.model_dump(mode="json"))

    assert assess(facts, on, THRESHOLDS) == assess(again, on, Thresholds())


@UNHURRIED
@given(facts=ANY_FACTS, on=ANY_DAY)
def test_reasons_stand_only_on_refusals_and_every_refusal_has_one(facts: Facts, on: date) -> None:
    for line in assess(facts, on, THRESHOLDS).values():
        assert bool(line.reasons) == (line.status in WITH_REASONS)
        assert len(set(line.reasons)) == len(line.reasons)


@UNHURRIED
@given(facts=ANY_FACTS, on=ANY_DAY)
def test_nobody_who_is_refused_is_told_to_act(facts: Facts, on: date) -> None:
    assert not any(line.action for line in assess(facts, on, THRESHOLDS).values() if line.status in WITH_REASONS)


@UNHURRIED
@given(facts=ANY_FACTS, on=ANY_DAY)
def test_only_what_is_upcoming_has_a_day_and_it_is_ahead(facts: Facts, on: date) -> None:
    for line in assess(facts, on, THRESHOLDS).values():
        assert (line.starts_on is not None) == (line.status is Status.UPCOMING)
        assert line.starts_on is None or line.starts_on > on


@UNHURRIED
@given(facts=ANY_FACTS, on=NEAR_DAYS)
def test_what_is_upcoming_is_so_until_its_day_and_not_from_it_on(facts: Facts, on: date) -> None:
    for service, line in assess(facts, on, THRESHOLDS).items():
        if line.starts_on is not None:
            day_before = line.starts_on - timedelta(days=1)
            assert assess(facts, day_before, THRESHOLDS)[service] == line
            assert assess(facts, line.starts_on, THRESHOLDS)[service].status is not Status.UPCOMING


@UNHURRIED
@given(facts=ANY_FACTS, on=NEAR_DAYS, later_by=LATER_BY)
def test_time_alone_never_makes_anything_upcoming_again(facts: Facts, on: date, later_by: timedelta) -> None:
    first, later = assess(facts, on, THRESHOLDS), assess(facts, on + later_by, THRESHOLDS)
    for service in Service:
        if _could_go_back(service, first[service]):
            continue
        assert first[service].status is Status.UPCOMING or later[service].status is not Status.UPCOMING


def _could_go_back(service: Service, line: Line) -> bool:
    """Tell whether a council referral stands: once it expires, a new one may indeed still be too early."""
    standing = {Status.SUBMITTED, Status.ACCEPTED, Status.NOT_ACCEPTED}
    return service is Service.DUTY_TO_REFER and line.status in standing


@UNHURRIED
@given(facts=ANY_FACTS, on=NEAR_DAYS, later_by=LATER_BY)
def test_time_alone_never_makes_a_refused_tier_eligible(facts: Facts, on: date, later_by: timedelta) -> None:
    assume(facts.approved_premises is None)
    first = assess(facts, on, THRESHOLDS)[Service.APPROVED_PREMISES]
    later = assess(facts, on + later_by, THRESHOLDS)[Service.APPROVED_PREMISES]

    assert (first.status is Status.NOT_ELIGIBLE) == (later.status is Status.NOT_ELIGIBLE)
    assert first.reasons == later.reasons


@UNHURRIED
@given(facts=ANY_FACTS, on=NEAR_DAYS)
def test_a_next_home_never_opens_anything_but_the_address(facts: Facts, on: date) -> None:
    without = assess(facts.model_copy(update={"has_next_accommodation": False}), on, THRESHOLDS)
    with_one = assess(facts.model_copy(update={"has_next_accommodation": True}), on, THRESHOLDS)

    assert with_one["proposed_address"].status is Status.COMPLETED
    assert with_one["approved_premises"] == without["approved_premises"]
    assert with_one["mappa"] == without["mappa"]
    for service in ("cas3", "commissioned_services", "duty_to_refer"):
        assert with_one[service] == without[service] or with_one[service].reasons
