"""A hand-over loses nothing: after any sequence of them each piece of work has an owner, or is named as nobody's."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from service.domain.hand_overs import (
    Holder,
    Meeting,
    Owned,
    Unowned,
    Work,
    WorkKind,
    faults_in_meeting,
    faults_in_plan,
    handed_over,
    holders_after,
    is_late,
    lacks,
    outstanding,
    owner_of,
    plain,
)

TODAY = datetime.date(2026, 11, 23)
OFFICERS = ("Ada", "Ben", "Cat", "Dee")
CAPACITIES = ("community", "prison")
works = st.builds(
    Work,
    kind=st.sampled_from(WorkKind),
    id=st.uuids().map(str),
    why=st.just("It waits."),
    due_on=st.none() | st.dates(),
    doer=st.none() | st.sampled_from((*OFFICERS, "Long gone")),
    kept_from=st.frozensets(st.sampled_from(OFFICERS).map(plain), max_size=3),
)
holders = st.lists(st.sampled_from(OFFICERS).map(Holder), unique=True, max_size=3)


def work(doer: str | None = None, *kept_from: str) -> Work:
    return Work(WorkKind.DRAFT, "1", "It waits.", doer=doer, kept_from=frozenset(plain(one) for one in kept_from))


@pytest.mark.parametrize(
    ("one", "having", "owner", "unowned"),
    [
        (work(), ["Ada", "Ben"], "Ada", None),
        (work("Ben"), ["Ada", "Ben"], "Ben", None),
        (work("Cat"), ["Ada", "Ben"], "Ada", None),
        (work("Ada", "Ada"), ["Ada", "Ben"], "Ben", None),
        (work("Ada", " ada "), ["Ada"], None, Unowned.MUST_NOT_RECEIVE),
        (work("Ada"), [], None, Unowned.NOBODY_HOLDS_THE_CASE),
    ],
)
def test_whose_a_piece_of_work_is(one: Work, having: list[str], owner: str | None, unowned: Unowned | None) -> None:
    assert owner_of(one, [Holder(name) for name in having]) == Owned(one, owner, unowned)


def test_an_officer_is_kept_from_a_referral_by_name_as_well() -> None:
    assert not Holder("a.worker", "Ada  Invented").may_have(work(None, "ada invented"))


@given(st.lists(works, max_size=8), holders, st.sampled_from(OFFICERS), st.sampled_from(OFFICERS), st.booleans())
def test_after_a_hand_over_everything_is_there_once_with_an_owner_who_holds_the_case_or_named(
    under_way: list[Work], before: list[Holder], departing: str, arriving: str, stays: bool
) -> None:
    after = holders_after(before, departing, Holder(arriving), keeps_another_capacity=stays)
    found = handed_over(under_way, before, after)

    assert sorted(one.work.id for one in found) == sorted(one.id for one in under_way)
    for one in found:
        assert (one.owner is None) == (one.unowned is not None)
        assert one.owner is None or one.owner in {holder.worker_id for holder in after}
        if departing != arriving and not stays:
            assert one.owner != departing
        if not one.work.kept_from:
            assert one.owner is not None
        assert one.owner is None or plain(one.owner) not in one.work.kept_from


@given(st.lists(works, max_size=8), holders)
def test_what_is_nobodys_comes_first(under_way: list[Work], having: list[Holder]) -> None:
    owned = [one.owner is not None for one in outstanding(under_way, having)]

    assert owned == sorted(owned)


class OfficersComeAndGo(RuleBasedStateMachine):
    """A case over the years: officers come, go and hand over, and pieces of work begin and end meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.having: dict[str, str] = {"community": "Ada"}
        self.works: dict[str, Work] = {}
        self.last: list[Owned] = []

    @property
    def holders(self) -> list[Holder]:
        return [Holder(name) for name in dict.fromkeys(self.having.values())]

    @rule(one=works)
    def begins(self, one: Work) -> None:
        self.works[one.id] = one

    @rule(data=st.data())
    def ends(self, data: st.DataObject) -> None:
        if self.works:
            del self.works[data.draw(st.sampled_from(sorted(self.works)))]

    @rule(capacity=st.sampled_from(CAPACITIES), officer=st.sampled_from(OFFICERS))
    def joins(self, capacity: str, officer: str) -> None:
        self.having.setdefault(capacity, officer)

    @rule(where=st.sampled_from(CAPACITIES), to=st.sampled_from(CAPACITIES), arriving=st.sampled_from(OFFICERS))
    def hands_over(self, where: str, to: str, arriving: str) -> None:
        departing = self.having.get(where)
        if departing is None or departing == arriving or self.having.get(to, departing) not in {departing, arriving}:
            return
        before = self.holders
        del self.having[where]
        self.having[to] = arriving
        keeps = departing in self.having.values()
        after = holders_after(before, departing, Holder(arriving), keeps_another_capacity=keeps)
        self.last = handed_over(self.works.values(), before, after)
        assert {one.worker_id for one in after} == set(self.having.values())
        assert {one.work.id for one in self.last} == set(self.works)
        for one in self.last:
            assert one.owner in self.having.values() or one.unowned is not None

    @invariant()
    def nothing_is_unowned_unless_it_is_named(self) -> None:
        found = outstanding(self.works.values(), self.holders)
        assert {one.work.id for one in found} == set(self.works)
        for one in found:
            assert (one.owner in self.having.values()) != (one.unowned is not None)


TestOfficersComeAndGo = OfficersComeAndGo.TestCase


@pytest.mark.parametrize(
    ("planned_on", "arriving", "pointers"),
    [
        ("2026-11-23", "Ben", []),
        ("2026-11-23", None, []),
        ("2026-11-22", "Ben", ["/planned_on"]),
        ("2028-11-23", "Ben", []),
        ("2028-11-24", "Ben", ["/planned_on"]),
        ("2026-11-22", "Ada", ["/planned_on", "/to_worker_id"]),
    ],
)
def test_what_can_be_planned(planned_on: str, arriving: str | None, pointers: list[str]) -> None:
    found = faults_in_plan(datetime.date.fromisoformat(planned_on), "Ada", arriving, TODAY)

    assert [fault.pointer for fault in found] == pointers


@pytest.mark.parametrize(
    ("meeting", "pointers"),
    [
        (Meeting(held=True, held_on=TODAY), []),
        (Meeting(held=False, because="The prison was locked down."), []),
        (Meeting(held=True), ["/meeting/held_on"]),
        (Meeting(held=True, held_on=TODAY + datetime.timedelta(days=1)), ["/meeting/held_on"]),
        (Meeting(held=True, held_on=TODAY, because="It was."), ["/meeting/because"]),
        (Meeting(held=False), ["/meeting/because"]),
        (Meeting(held=False, held_on=TODAY, because="It was not."), ["/meeting/held_on"]),
    ],
)
def test_how_a_meeting_is_recorded(meeting: Meeting, pointers: list[str]) -> None:
    assert [fault.pointer for fault in faults_in_meeting(meeting, TODAY)] == pointers


@pytest.mark.parametrize(
    ("arriving", "said", "pointers"),
    [("Ben", True, []), (None, True, ["/to_worker_id"]), (None, False, ["/to_worker_id", "/meeting"])],
)
def test_what_is_still_missing(arriving: str | None, said: Any, pointers: list[str]) -> None:
    assert [fault.pointer for fault in lacks(arriving, meeting_said=said)] == pointers


@pytest.mark.parametrize(
    ("status", "days", "late"), [("planned", 0, False), ("planned", 1, True), ("completed", 9, False)]
)
def test_a_hand_over_is_late_the_day_after_it_was_planned_for(status: str, days: int, late: bool) -> None:
    assert is_late(status, TODAY - datetime.timedelta(days=days), TODAY) is late
