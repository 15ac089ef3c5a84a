"""The board's next deadline: the first of the person's timeline that is not met, by the same numbers."""

import datetime
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import stays
from service.domain.board_deadlines import PLANNED_BY, Deadline, DeadlineName, next_deadline_of
from service.domain.circumstances import Circumstances, ReferralFact, StayFact
from service.domain.deadlines import DeadlineName as Named
from service.domain.deadlines import DeadlineStatus
from service.domain.eligibility.periods import Period
from service.domain.eligibility.thresholds import MOVE_ON_PRACTICE, Threshold, Thresholds, read_thresholds
from service.domain.known_facts import facts_of, key_dates_of
from service.domain.lifecycle import Status as Referred
from service.domain.move_on import HomeState, Referral, Resident
from service.domain.person_events import EventKind
from service.domain.premises import Kind
from service.domain.timelines import timeline
from tests.domain.moving import RESIDENTS, TODAY, day, home, referral, resident
from tests.domain.test_circumstances import answered

USUAL = Thresholds()
# Every period of the move-on, and what else its deadlines turn on.
SETTINGS = [name for name in Thresholds.model_fields if name.startswith(("move_on_", "next_home", "duty_to_refer_"))]
PERIODS = st.builds(lambda weeks: Threshold(period=Period(weeks=weeks), source=MOVE_ON_PRACTICE), st.integers(1, 30))
NUMBERS = st.fixed_dictionaries({}, optional=dict.fromkeys(SETTINGS, PERIODS)).map(
    lambda changed: USUAL.model_copy(update=changed)
)
ELSEWHERE = st.fixed_dictionaries(
    {},
    optional={
        "duty_to_refer_made": st.booleans(),
        "duty_to_refer_made_on": st.integers(-250, 0).map(lambda days: day(days).isoformat()),
        "duty_to_refer_outcome": st.sampled_from(["pending", "accepted_priority_need", "rejected_other"]),
        "release_accommodation": st.builds(lambda approved: {"approved": approved}, st.booleans()),
        "move_on_plan": st.just("A room near work."),
    },
)
OF_THE_TIMELINE: dict[DeadlineName, Named] = {
    DeadlineName.PLAN: Named.MOVE_ON_PLAN,
    DeadlineName.DUTY_TO_REFER: Named.DUTY_TO_REFER,
    DeadlineName.CAS3: Named.CAS3_REFERRAL,
    DeadlineName.NEXT_HOME: Named.NEXT_HOME_CONFIRMED,
}


def sent(one: Referral) -> ReferralFact:
    """Return a referral of the board as eligibility and the timeline take it."""
    at = datetime.datetime.combine(one.since, datetime.time(9), tzinfo=datetime.UTC)
    return ReferralFact(one.pack, one.status, at, submitted_on=None if one.status is Referred.DRAFT else one.since)


def known_of(one: Resident, **answers: object) -> Circumstances:
    """Return the circumstances of somebody in residence."""
    stay = StayFact(one.stay.resident_since, one.stay.expected_departure_on, one)
    return Circumstances(answered(dict(answers)), [sent(each) for each in one.referrals], stay=stay)


def next_of(one: Resident, numbers: Thresholds = USUAL, **answers: object) -> Deadline | None:
    return next_deadline_of(one.stay, known_of(one, **answers), TODAY, numbers)


@given(RESIDENTS, ELSEWHERE, NUMBERS)
def test_what_the_board_names_is_the_first_that_the_timeline_has_open_on_the_same_day(
    one: Resident, answers: dict[str, object], numbers: Thresholds
) -> None:
    person = known_of(one, **answers)
    shown = {entry.name: entry for entry in timeline(key_dates_of(person), facts_of(person), numbers, TODAY)}
    found = next_deadline_of(one.stay, person, TODAY, numbers)
    settled = {DeadlineStatus.DONE, DeadlineStatus.NOT_NEEDED}
    open_days = [
        entry.due_on
        for entry in shown.values()
        if entry.name in OF_THE_TIMELINE.values() and entry.status not in settled and entry.due_on
    ]

    assert found is not None
    assert found.due_on == min(filter(None, [*open_days, one.stay.expected_departure_on]))
    if found.name is not DeadlineName.DEPARTURE:
        entry = shown[OF_THE_TIMELINE[found.name]]
        assert entry.status not in settled
        assert (entry.due_on, entry.status == DeadlineStatus.OVERDUE) == (found.due_on, found.due_on < TODAY)


@pytest.mark.parametrize(
    ("setting", "one", "name"),
    [
        ("move_on_plan_due", resident(0), DeadlineName.PLAN),
        ("move_on_duty_to_refer_due", resident(0, planned_on=TODAY), DeadlineName.DUTY_TO_REFER),
        (
            "move_on_cas3_follows",
            resident(0, referrals=[referral(Referred.SUBMITTED, "duty_to_refer", 0)]),
            DeadlineName.CAS3,
        ),
        (
            "next_home_confirmed_due",
            resident(0, referrals=[referral(Referred.SUBMITTED, pack, 0) for pack in ("duty_to_refer", "cas3")]),
            DeadlineName.NEXT_HOME,
        ),
    ],
)
def test_a_number_that_is_set_moves_the_board_and_the_timeline_alike(
    setting: str, one: Resident, name: DeadlineName
) -> None:
    person, numbers = known_of(one), read_thresholds({setting: "3 weeks"})
    (entry,) = [
        entry
        for entry in timeline(key_dates_of(person), facts_of(person), numbers, TODAY)
        if entry.name == OF_THE_TIMELINE[name]
    ]
    before, after = next_of(one), next_of(one, numbers)

    assert before is not None
    assert before.name is name
    assert after == Deadline(name, entry.due_on or TODAY)
    assert after != before


@pytest.mark.parametrize(
    ("one", "name", "due"),
    [
        (resident(0), DeadlineName.PLAN, 14),
        (resident(0, planned_on=TODAY), DeadlineName.DUTY_TO_REFER, 28),
        # CAS3 takes nobody of whom no council was told, and follows a week after.
        (resident(10, referrals=[referral(Referred.SUBMITTED, "duty_to_refer")]), DeadlineName.CAS3, 4),
        (resident(0, referrals=[referral(Referred.SUBMITTED, "cas3")]), DeadlineName.DUTY_TO_REFER, 28),
        (
            resident(0, referrals=[referral(Referred.SUBMITTED, pack) for pack in ("duty_to_refer", "cas3")]),
            *(DeadlineName.NEXT_HOME, 70),
        ),
        # A council that refused has been told; a CAS3 referral that was rejected has to be made again.
        (
            resident(10, referrals=[referral(Referred.REJECTED, pack) for pack in ("duty_to_refer", "cas3")]),
            *(DeadlineName.CAS3, 4),
        ),
        (resident(0, homes=[home(HomeState.CONFIRMED)]), DeadlineName.DEPARTURE, 84),
    ],
)
def test_the_next_deadline_is_the_first_thing_not_done(one: Resident, name: DeadlineName, due: int) -> None:
    assert next_of(one) == Deadline(name, day(due))


def test_a_duty_to_refer_that_was_made_elsewhere_meets_its_deadline() -> None:
    one = resident(30, planned_on=TODAY)
    elsewhere: dict[str, Any] = {"duty_to_refer_made": True, "duty_to_refer_made_on": day(-5).isoformat()}

    assert next_of(one) == Deadline(DeadlineName.DUTY_TO_REFER, day(-2))
    assert next_of(one, **elsewhere) == Deadline(DeadlineName.CAS3, day(2))


def test_the_address_approved_for_a_release_that_has_been_is_no_home_to_move_on_to() -> None:
    approved: dict[str, Any] = {"release_accommodation": {"address": "1 Invented Street", "approved": True}}

    assert next_of(resident(0), **approved) == next_of(resident(0))


@given(RESIDENTS, st.integers(1, 40))
def test_deadlines_move_with_the_day_of_leaving_and_none_is_after_it(one: Resident, later: int) -> None:
    leaves = one.stay.expected_departure_on
    assert leaves is not None
    found = next_of(one)
    moved = replace(one, stay=stays.extend(one.stay, leaves + datetime.timedelta(days=later)))
    again = next_of(moved)

    assert found is not None
    assert found.due_on <= leaves
    assert again is not None
    assert again.due_on >= found.due_on


def test_whoever_does_not_live_there_is_told_of_the_day_of_leaving_alone() -> None:
    expected = Resident(stays.expect(Kind.NORMAL, day(5)))
    away = Resident(stays.follow(resident(30).stay, EventKind.RECALL_FIXED_TERM, TODAY, day(28)))
    nobody_knows = Resident(stays.follow(resident(30).stay, EventKind.RECALL_FIXED_TERM, TODAY))
    gone = Resident(stays.end(resident(30).stay, stays.Status.DEPARTED, TODAY, "planned_move_on"))
    found = [next_deadline_of(one.stay, Circumstances({}), TODAY, USUAL) for one in (expected, away)]

    assert found == [Deadline(DeadlineName.DEPARTURE, day(days)) for days in (5 + 84, 28 + 84)]
    assert [next_deadline_of(one.stay, Circumstances({}), TODAY, USUAL) for one in (nobody_knows, gone)] == [None, None]


def test_every_deadline_of_the_board_but_the_departure_is_one_of_the_timelines() -> None:
    assert {*PLANNED_BY, DeadlineName.DEPARTURE} == set(DeadlineName)
