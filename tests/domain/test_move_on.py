"""Where a resident's move-on stands, whose move is next, and who comes first on the board."""

import datetime
import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import move_on, stays
from service.domain import move_on_outcomes as outcomes
from service.domain.lifecycle import Status as Referred
from service.domain.move_on import (
    PACKS,
    Block,
    Checkpoint,
    Danger,
    DeadlineName,
    Home,
    HomeKind,
    HomeState,
    Mover,
    Outcome,
    Referral,
    Resident,
    State,
)
from service.domain.person_events import EventKind
from service.domain.premises import Kind
from service.domain.stays import MoveOn, Status

TODAY = datetime.date(2026, 11, 23)


def day(number: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=number)


def resident(arrived: int = 0, **known: object) -> Resident:
    """Return somebody who arrived in ordinary premises some days before today."""
    stay = stays.arrive(stays.expect(Kind.NORMAL, day(-arrived)), day(-arrived))
    return replace(Resident(stay), **known)  # type: ignore[arg-type]


def referral(status: Referred, pack: str = "cas3", since: int = -3, **known: object) -> Referral:
    return replace(Referral(uuid.uuid4(), pack, status, day(since)), **known)  # type: ignore[arg-type]


def home(state: HomeState, begins: int | None = None) -> Home:
    begins_on = day(begins) if begins is not None else None
    return Home(uuid.uuid4(), HomeKind.PRIVATE_RENTED, state, day(-2), begins_on)


REFERRALS = st.builds(
    referral, st.sampled_from(Referred), st.sampled_from(PACKS), st.integers(-80, 0), suspended=st.booleans()
)
HOMES = st.builds(home, st.sampled_from(HomeState), st.none() | st.integers(0, 120))
RESIDENTS = st.builds(
    resident,
    st.integers(0, 120),
    planned_on=st.none() | st.just(day(-1)),
    referrals=st.lists(REFERRALS, max_size=4),
    homes=st.lists(HOMES, max_size=3),
)


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


@pytest.mark.parametrize(
    ("one", "dangers"),
    [
        (resident(0), []),
        (resident(13), []),
        (resident(14), [Danger.NO_PLAN_AFTER_2_WEEKS]),
        (resident(14, planned_on=TODAY), []),
        (resident(28, planned_on=TODAY), [Danger.NOTHING_SENT_8_WEEKS_BEFORE]),
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
    assert move_on.dangers_of(one, TODAY) == dangers


@given(RESIDENTS)
def test_nobody_with_nothing_confirmed_in_their_last_four_weeks_is_out_of_danger(one: Resident) -> None:
    left = stays.nights_left(one.stay, TODAY)
    if left is not None and left <= 28 and move_on.next_home_of(one) is None:
        assert move_on.dangers_of(one, TODAY)


def test_only_somebody_in_residence_is_at_risk() -> None:
    away = stays.follow(resident(80).stay, EventKind.RECALL_FIXED_TERM, TODAY, day(3))
    expected = stays.expect(Kind.NORMAL, day(5))

    assert [move_on.dangers_of(Resident(stay), TODAY) for stay in (away, expected)] == [[], []]


@pytest.mark.parametrize(
    ("one", "mover", "since", "block"),
    [
        (resident(3), Mover.PREMISES, -3, Block.NO_PLAN),
        (resident(9, planned_on=day(-4)), Mover.PRACTITIONER, -4, Block.NOTHING_REFERRED),
        (resident(9, referrals=[referral(Referred.DRAFT)]), Mover.PRACTITIONER, -3, Block.DRAFT_NOT_SENT),
        (
            resident(9, referrals=[referral(Referred.DRAFT, held_by_premises=True, passed_on=day(-1))]),
            *(Mover.PREMISES, -1, Block.DRAFT_NOT_SENT),
        ),
        (resident(9, referrals=[referral(Referred.SUBMITTED)]), Mover.RECIPIENT, -3, Block.NOT_RECEIVED),
        (
            resident(9, referrals=[referral(Referred.QUERY, asked_on=day(-2))]),
            *(Mover.PRACTITIONER, -2, Block.QUERY_TO_ANSWER),
        ),
        (
            resident(9, referrals=[referral(Referred.RECEIVED, since=-8), referral(Referred.DRAFT, since=-1)]),
            *(Mover.PRACTITIONER, -1, Block.DRAFT_NOT_SENT),
        ),
        (
            resident(9, referrals=[referral(Referred.REJECTED, since=-8), referral(Referred.RECEIVED, since=-1)]),
            *(Mover.RECIPIENT, -1, Block.NOT_DECIDED),
        ),
        (resident(9, referrals=[referral(Referred.REJECTED)]), Mover.PRACTITIONER, -3, Block.REJECTED),
        (
            resident(9, referrals=[referral(Referred.ACCEPTED, suspended=True)]),
            *(Mover.PRACTITIONER, -3, Block.SUSPENDED_BY_RECALL),
        ),
        (resident(9, homes=[home(HomeState.OFFERED)]), Mover.PREMISES, -2, Block.HOME_TO_CONFIRM),
        (resident(9, homes=[home(HomeState.CONFIRMED)]), Mover.PERSON, None, None),
    ],
)
def test_whose_move_it_is_and_since_when(one: Resident, mover: Mover, since: int | None, block: Block | None) -> None:
    since_on = day(since) if since is not None else None

    assert move_on.move_of(one) == move_on.Move(mover, since_on, block)


@given(RESIDENTS)
def test_somebody_in_residence_with_nothing_confirmed_always_waits_for_somebody(one: Resident) -> None:
    if move_on.next_home_of(one) is None:
        assert move_on.move_of(one).mover in {Mover.PRACTITIONER, Mover.PREMISES, Mover.RECIPIENT}


@pytest.mark.parametrize(
    ("one", "name", "due"),
    [
        (resident(0), DeadlineName.PLAN, 14),
        (resident(0, planned_on=TODAY), DeadlineName.DUTY_TO_REFER, 28),
        (
            resident(0, referrals=[referral(Referred.SUBMITTED, "duty_to_refer")]),
            *(DeadlineName.CAS3, 42),
        ),
        (
            resident(0, referrals=[referral(Referred.SUBMITTED, pack) for pack in ("duty_to_refer", "cas3")]),
            *(DeadlineName.NEXT_HOME, 70),
        ),
        (resident(0, homes=[home(HomeState.CONFIRMED)]), DeadlineName.DEPARTURE, 84),
    ],
)
def test_the_next_deadline_is_worked_back_from_the_day_of_leaving(one: Resident, name: DeadlineName, due: int) -> None:
    assert move_on.next_deadline_of(one) == move_on.Deadline(name, day(due))


@given(RESIDENTS, st.integers(1, 40))
def test_deadlines_move_with_the_day_of_leaving_and_none_is_after_it(one: Resident, later: int) -> None:
    leaves = one.stay.expected_departure_on
    assert leaves is not None
    found = move_on.next_deadline_of(one)
    moved = replace(one, stay=stays.extend(one.stay, leaves + datetime.timedelta(days=later)))
    again = move_on.next_deadline_of(moved)

    assert found is not None
    assert found.due_on <= leaves
    assert again is not None
    assert again.due_on >= found.due_on


@given(RESIDENTS, RESIDENTS)
def test_nothing_confirmed_comes_before_anything_confirmed_and_then_the_soonest_departure(
    one: Resident, another: Resident
) -> None:
    first, second = sorted((one, another), key=move_on.place_of)
    confirmed = [move_on.next_home_of(each) is not None for each in (first, second)]

    assert confirmed in ([False, False], [False, True], [True, True])
    if confirmed[0] is confirmed[1]:
        assert (first.stay.expected_departure_on or TODAY) <= (second.stay.expected_departure_on or TODAY)


@pytest.mark.parametrize(
    ("reason", "category", "outcome"),
    [
        ("planned_move_on", MoveOn.SOCIAL_RENTED, Outcome.SETTLED),
        ("planned_move_on", MoveOn.SUPPORTED_HOUSING, Outcome.SETTLED),
        ("planned_move_on", MoveOn.CAS3, Outcome.TRANSIENT),
        ("planned_move_on", MoveOn.FAMILY_OR_PARTNER, Outcome.TRANSIENT),
        ("bed_withdrawn", MoveOn.NO_FIXED_ABODE, Outcome.HOMELESS),
        ("order_or_licence_expired", MoveOn.DEPORTED_OR_DETAINED, Outcome.UNKNOWN),
        ("recalled", None, Outcome.RECALLED),
        ("curfew_broken", None, Outcome.RECALLED),
        ("absconded", None, Outcome.UNKNOWN),
        ("hospital", None, Outcome.UNKNOWN),
        ("died", None, None),
    ],
)
def test_what_became_of_somebody_at_departure_follows_from_why_and_where_to(
    reason: str, category: MoveOn | None, outcome: Outcome | None
) -> None:
    assert outcomes.outcome_at_departure(reason, category) is outcome


@pytest.mark.parametrize(
    ("said", "lost"),
    [
        ({Checkpoint.DEPARTURE: Outcome.SETTLED, Checkpoint.DAY_28: Outcome.HOMELESS}, True),
        ({Checkpoint.DEPARTURE: Outcome.TRANSIENT, Checkpoint.DAY_84: Outcome.HOMELESS}, True),
        ({Checkpoint.DEPARTURE: Outcome.HOMELESS, Checkpoint.DAY_28: Outcome.SETTLED}, False),
        ({Checkpoint.DEPARTURE: Outcome.SETTLED, Checkpoint.DAY_28: Outcome.RECALLED}, False),
        ({Checkpoint.DEPARTURE: Outcome.SETTLED}, False),
        ({}, False),
    ],
)
def test_a_home_is_lost_when_somebody_housed_is_homeless_within_twelve_weeks(
    said: dict[Checkpoint, Outcome], *, lost: bool
) -> None:
    assert outcomes.is_lost(said) is lost


@pytest.mark.parametrize(
    ("checkpoint", "left", "asked"),
    [
        (Checkpoint.DEPARTURE, 0, True),
        (Checkpoint.DAY_28, -27, False),
        (Checkpoint.DAY_28, -28, True),
        (Checkpoint.DAY_84, -83, False),
        (Checkpoint.DAY_84, -84, True),
    ],
)
def test_what_became_of_somebody_is_asked_from_its_day_on(checkpoint: Checkpoint, left: int, *, asked: bool) -> None:
    assert (outcomes.faults_in_outcome(checkpoint, day(left), TODAY) == []) is asked
