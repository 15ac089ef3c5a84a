"""How far a resident's move-on has come, and who comes first on the board."""

from dataclasses import replace

import pytest
from hypothesis import given

from service.domain import move_on, stays
from service.domain.lifecycle import Status as Referred
from service.domain.move_on import HomeState, Referral, Resident, State
from service.domain.person_events import EventKind
from service.domain.stays import Status
from tests.domain.moving import REFERRALS, RESIDENTS, TODAY, day, home, referral, resident


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ({}, State.NO_PLAN),
        ({"planned_on": TODAY}, State.PLAN),
        ({"referrals": [referral(Referred.DRAFT)]}, State.PLAN),
        ({"referrals": [referral(Referred.SUBMITTED)]}, State.REFERRED),
        ({"referrals": [referral(Referred.QUERY)]}, State.REFERRED),
        ({"referrals": [referral(Referred.REJECTED)]}, State.PLAN),
        ({"referrals": [referral(Referred.ACCEPTED)]}, State.OFFERED),
        ({"referrals": [referral(Referred.SCHEDULED)]}, State.CONFIRMED),
        ({"referrals": [referral(Referred.SCHEDULED, "duty_to_refer")]}, State.OFFERED),
        ({"homes": [home(HomeState.LOOKED_FOR)]}, State.PLAN),
        ({"homes": [home(HomeState.OFFERED)]}, State.OFFERED),
        ({"homes": [home(HomeState.CONFIRMED)]}, State.CONFIRMED),
        ({"homes": [home(HomeState.LOST)]}, State.PLAN),
        ({"referrals": [referral(Referred.ACCEPTED)], "homes": [home(HomeState.CONFIRMED)]}, State.CONFIRMED),
    ],
)
def test_the_state_is_the_furthest_that_anything_has_come(known: dict[str, object], state: State) -> None:
    assert move_on.state_of(resident(**known)) is state  # type: ignore[arg-type]


@given(RESIDENTS, REFERRALS)
def test_one_more_referral_never_takes_the_state_back(one: Resident, another: Referral) -> None:
    more = replace(one, referrals=[*one.referrals, another])
    order = list(State)

    assert order.index(move_on.state_of(more)) >= order.index(move_on.state_of(one))


def test_whoever_left_as_planned_has_moved_and_whoever_was_recalled_has_not() -> None:
    one = resident(10, planned_on=day(-5))
    left = replace(one, stay=stays.end(one.stay, Status.DEPARTED, TODAY, "planned_move_on"))
    recalled = replace(one, stay=stays.follow(one.stay, EventKind.RECALL_STANDARD, TODAY))

    assert [move_on.state_of(each) for each in (left, recalled)] == [State.MOVED, State.PLAN]


@given(RESIDENTS, RESIDENTS)
def test_nothing_confirmed_comes_before_anything_confirmed_and_then_the_soonest_departure(
    one: Resident, another: Resident
) -> None:
    first, second = sorted((one, another), key=move_on.place_of)
    confirmed = [move_on.next_home_of(each) is not None for each in (first, second)]

    assert confirmed in ([False, False], [False, True], [True, True])
    if confirmed[0] is confirmed[1]:
        assert (first.stay.expected_departure_on or TODAY) <= (second.stay.expected_departure_on or TODAY)
