"""Deadlines worked back from leaving approved premises: they follow the stay, whatever was said before."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.circumstances import Circumstances, StayFact
from service.domain.deadlines import Deadline, KeyDates
from service.domain.eligibility.facts import Facts, HomeKind
from service.domain.eligibility.periods import Period
from service.domain.eligibility.thresholds import Threshold, Thresholds
from service.domain.known_facts import facts_of, key_dates_of
from service.domain.timelines import timeline
from tests.domain.test_circumstances import answered

ARRIVED = date(2027, 9, 1)
LEAVES = ARRIVED + timedelta(weeks=12)
STAY = KeyDates(release_on=ARRIVED, premises_arrived_on=ARRIVED, premises_departure_on=LEAVES)
MOVE_ON = ("move_on_plan", "duty_to_refer", "cas3_referral", "next_home_confirmed")


def found(
    on: date, dates: KeyDates = STAY, numbers: Thresholds | None = None, /, **facts: object
) -> dict[str, Deadline]:
    home = {"current_accommodation": {"kind": "approved_premises", "ends_on": dates.premises_departure_on}}
    known = Facts.model_validate({"sex": "M", "tier": "B2", **home, **facts})
    return {entry.name: entry for entry in timeline(dates, known, numbers or Thresholds(), on)}


@pytest.mark.parametrize(
    ("name", "opens_on", "due_on"),
    [
        ("move_on_plan", ARRIVED, ARRIVED + timedelta(weeks=2)),
        ("duty_to_refer", LEAVES - timedelta(weeks=8), LEAVES - timedelta(weeks=8)),
        ("cas3_referral", date(2027, 8, 24), LEAVES - timedelta(weeks=7)),
        ("next_home_confirmed", LEAVES - timedelta(weeks=8), LEAVES - timedelta(weeks=2)),
    ],
)
def test_each_is_counted_from_the_stay_and_passes_through_its_states(name: str, opens_on: date, due_on: date) -> None:
    entry = found(ARRIVED)[name]

    assert (entry.window_opens_on, entry.due_on) == (opens_on, due_on)
    assert found(due_on)[name].status == "due"
    assert found(due_on + timedelta(days=1))[name].status == "overdue"


@given(st.integers(-60, 200))
def test_when_the_day_of_leaving_moves_so_does_everything_worked_back_from_it(days: int) -> None:
    moved = STAY.model_copy(update={"premises_departure_on": LEAVES + timedelta(days=days)})
    before, after = found(ARRIVED), found(ARRIVED, moved)

    for name in ("duty_to_refer", "next_home_confirmed"):
        assert after[name].due_on == before[name].due_on + timedelta(days=days)  # type: ignore[operator]
    assert after["move_on_plan"].due_on == before["move_on_plan"].due_on


@pytest.mark.parametrize(
    ("planned_on", "status"),
    [(None, "due"), (ARRIVED - timedelta(days=1), "due"), (ARRIVED, "done"), (ARRIVED + timedelta(days=30), "done")],
)
def test_a_plan_made_in_prison_is_looked_at_again_after_the_arrival(planned_on: date | None, status: str) -> None:
    dates = STAY.model_copy(update={"move_on_planned_on": planned_on})

    assert found(ARRIVED + timedelta(days=3), dates)["move_on_plan"].status == status


def test_cas3_is_asked_as_soon_as_what_it_waits_for_stands() -> None:
    sent_on = LEAVES - timedelta(weeks=8, days=-3)
    standing = {
        "duty_to_refer": {"status": "submitted", "submitted_on": sent_on},
        "commissioned_services": {"accommodation_referral": "live"},
    }
    entry = found(sent_on, **standing)["cas3_referral"]

    assert (entry.due_on, entry.waiting_for) == (sent_on + timedelta(weeks=1), [])
    assert found(sent_on)["cas3_referral"].waiting_for == ["duty_to_refer", "commissioned_services_referral"]


def test_cas3_is_never_due_after_the_person_has_left() -> None:
    late = {"duty_to_refer": {"status": "submitted", "submitted_on": LEAVES - timedelta(days=2)}}

    assert found(LEAVES, **late)["cas3_referral"].due_on == LEAVES


def test_a_home_is_confirmed_once_one_is_recorded() -> None:
    assert found(ARRIVED, has_next_accommodation=True)["next_home_confirmed"].status == "done"


@pytest.mark.parametrize("kind", ["prison", "homeless", "cas3", "settled"])
def test_who_does_not_live_in_premises_has_nothing_to_move_on_from(kind: str) -> None:
    entries = found(ARRIVED, current_accommodation={"kind": kind})

    assert {entries[name].status for name in ("move_on_plan", "next_home_confirmed")} == {"not_needed"}


def test_without_a_day_of_arrival_or_leaving_each_says_so() -> None:
    entries = found(ARRIVED, KeyDates())

    assert {entries[name].status for name in MOVE_ON} == {"date_not_known"}


def test_every_number_can_be_set() -> None:
    three = Threshold(period=Period(weeks=3), source="A regional practice")
    names = ("move_on_plan_due", "move_on_duty_to_refer_due", "move_on_cas3_follows", "next_home_confirmed_due")
    entries = found(ARRIVED, STAY, Thresholds().model_copy(update=dict.fromkeys(names, three)))

    assert [entries[name].due_on for name in MOVE_ON] == [
        ARRIVED + timedelta(weeks=3), LEAVES - timedelta(weeks=3), LEAVES, LEAVES - timedelta(weeks=3),
    ]  # fmt: skip
    assert entries["duty_to_refer"].window_opens_on == LEAVES - timedelta(weeks=8)


def test_a_stay_says_where_the_person_is_and_when_they_leave_whatever_the_profile_says() -> None:
    answers = answered({"current_location": "prison", "move_on_plan": "A room."}, "2027-09-10")
    person = Circumstances(answers, stay=StayFact(ARRIVED, LEAVES))
    home, dates = facts_of(person).current_accommodation, key_dates_of(person)

    assert home is not None
    assert (home.kind, home.ends_on) == (HomeKind.APPROVED_PREMISES, LEAVES)
    assert (dates.premises_arrived_on, dates.premises_departure_on) == (ARRIVED, LEAVES)
    assert dates.move_on_planned_on == date(2027, 9, 10)
