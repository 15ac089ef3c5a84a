"""Why a resident is at risk of leaving with nowhere to go: the written rule as a table."""

import pytest
from hypothesis import given

from service.domain import move_on, stays
from service.domain.eligibility.thresholds import Thresholds, read_thresholds
from service.domain.lifecycle import Status as Referred
from service.domain.move_on import HomeState, Resident
from service.domain.move_on_dangers import Danger, dangers_of
from service.domain.person_events import EventKind
from service.domain.premises import Kind
from tests.domain.moving import RESIDENTS, TODAY, day, home, referral, resident

USUAL = Thresholds()


@pytest.mark.parametrize(
    ("one", "dangers"),
    [
        (resident(0), []),
        (resident(13), []),
        (resident(14), [Danger.NO_PLAN_IN_TIME]),
        (resident(14, planned_on=TODAY), []),
        (resident(28, planned_on=TODAY), [Danger.NOTHING_SENT_IN_TIME]),
        (resident(28, referrals=[referral(Referred.SUBMITTED)]), []),
        (resident(55, referrals=[referral(Referred.SUBMITTED)]), []),
        (resident(56, referrals=[referral(Referred.SUBMITTED)]), [Danger.LEAVES_WITHIN_4_WEEKS]),
        (resident(84, referrals=[referral(Referred.ACCEPTED)]), [Danger.LEAVES_WITHIN_4_WEEKS]),
        (resident(85, homes=[home(HomeState.CONFIRMED, -1)]), [Danger.DEPARTURE_PASSED]),
        (resident(70, homes=[home(HomeState.CONFIRMED, 14)]), []),
        (resident(70, homes=[home(HomeState.CONFIRMED, 15)]), [Danger.GAP_BEFORE_NEXT_HOME]),
    ],
)
def test_a_resident_is_at_risk_by_the_written_rule(one: Resident, dangers: list[Danger]) -> None:
    assert dangers_of(one, TODAY, USUAL) == dangers


@given(RESIDENTS)
def test_nobody_with_nothing_confirmed_in_their_last_four_weeks_is_out_of_danger(one: Resident) -> None:
    left = stays.nights_left(one.stay, TODAY)
    if left is not None and left <= 28 and move_on.next_home_of(one) is None:
        assert dangers_of(one, TODAY, USUAL)


def test_only_somebody_in_residence_is_at_risk() -> None:
    away = stays.follow(resident(80).stay, EventKind.RECALL_FIXED_TERM, TODAY, day(3))
    expected = stays.expect(Kind.NORMAL, day(5))

    assert [dangers_of(Resident(stay), TODAY, USUAL) for stay in (away, expected)] == [[], []]


@pytest.mark.parametrize(
    ("name", "one", "danger"),
    [
        ("move_on_plan_due", resident(14), Danger.NO_PLAN_IN_TIME),
        ("move_on_duty_to_refer_due", resident(28, planned_on=TODAY), Danger.NOTHING_SENT_IN_TIME),
    ],
)
def test_what_should_be_done_by_a_day_is_a_danger_from_the_day_that_is_set(
    name: str, one: Resident, danger: Danger
) -> None:
    later, sooner = ("3 weeks", "1 week") if name == "move_on_plan_due" else ("7 weeks", "9 weeks")

    assert danger in dangers_of(one, TODAY, read_thresholds({name: sooner}))
    assert danger not in dangers_of(one, TODAY, read_thresholds({name: later}))
