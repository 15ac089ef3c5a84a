"""A referral moves only along the one table, whatever anybody tries, and every act is somebody's."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from service.catalogue.reasons import ALWAYS_REASONED, Reason, reasons
from service.conflicts import ReferralSuspended, TransitionNotAllowed
from service.domain.lifecycle import (
    HELD_BY_RECALL,
    IN_HAND,
    OPEN_STATUSES,
    TRANSITIONS,
    Action,
    Condition,
    Side,
    Status,
    allowed_from,
    faults_in_day,
    faults_in_reason,
    move,
    require_amendable,
)
from service.models.referrals import OPEN

# Written out once more, by status, as the design tells it: what the table may never go beyond.
LEADS_TO = {
    "draft": {"draft", "submitted", "withdrawn", "expired"},
    "submitted": {"submitted", "received", "withdrawn", "expired"},
    "received": {"received", "query", "accepted", "rejected", "withdrawn", "expired"},
    "query": {"query", "received", "withdrawn", "expired"},
    "accepted": {"accepted", "rejected", "scheduled", "withdrawn", "expired"},
    "rejected": {"received"},
    "scheduled": {"scheduled", "accepted", "started", "withdrawn", "expired"},
    "started": {"started", "completed", "withdrawn", "expired"},
    "completed": set(),
    "withdrawn": set(),
    "expired": set(),
}


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("submission", "draft", "submitted"),
        ("receipt", "submitted", "received"),
        ("query", "received", "query"),
        ("query", "query", "query"),
        ("answer", "query", "received"),
        ("acceptance", "received", "accepted"),
        ("rejection", "received", "rejected"),
        ("rejection", "accepted", "rejected"),
        ("scheduling", "accepted", "scheduled"),
        ("cancellation", "scheduled", "accepted"),
        ("start", "scheduled", "started"),
        ("outcome", "started", "completed"),
        ("reopening", "rejected", "received"),
        *(("withdrawal", status, "withdrawn") for status in OPEN_STATUSES),
        *(("expiry", status, "expired") for status in OPEN_STATUSES),
    ],
)
def test_each_act_leads_where_the_table_says(action: str, before: str, after: str) -> None:
    assert move(before, Action(action)).to_status == after


def test_the_table_allows_nothing_beyond_the_design() -> None:
    found: dict[str, set[str]] = {str(status): set() for status in Status}
    for transition in TRANSITIONS:
        found[transition.from_status].add(str(transition.to_status))

    assert found == LEADS_TO


@given(status=st.sampled_from(Status), action=st.sampled_from(Action), holds=st.sets(st.sampled_from(Condition)))
def test_an_act_the_table_does_not_know_is_refused_and_the_refusal_names_what_may_be_done(
    status: Status, action: Action, holds: set[Condition]
) -> None:
    allowed = allowed_from(status, holds)
    if action in allowed:
        assert move(status, action, holds).to_status in LEADS_TO[status]
        return
    for side in Side:
        with pytest.raises((TransitionNotAllowed, ReferralSuspended)) as refusal:
            move(status, action, holds, side)
        if refusal.type is TransitionNotAllowed:
            theirs = [str(act) for act in allowed_from(status, holds, [side])]
            assert refusal.value.context == {"status_now": str(status), "allowed": theirs}
        else:
            assert action in HELD_BY_RECALL
            assert Condition.SUSPENDED in holds


@given(status=st.sampled_from(Status), holds=st.sets(st.sampled_from(Condition)))
def test_each_side_is_told_of_its_own_acts_only(status: Status, holds: set[Condition]) -> None:
    assert Action.EXPIRY not in allowed_from(status, holds, [Side.SENDER, Side.RECIPIENT])
    assert not {Action.WITHDRAWAL, Action.RESUMPTION} & set(allowed_from(status, holds, [Side.RECIPIENT]))
    assert not {Action.RECEIPT, Action.ACCEPTANCE} & set(allowed_from(status, holds, [Side.SENDER]))


@pytest.mark.parametrize("status", OPEN_STATUSES)
def test_a_suspended_referral_takes_no_promise_and_is_resumed_where_it_stood(status: Status) -> None:
    holds = {Condition.SUSPENDED}

    assert move(status, Action.RESUMPTION, holds).to_status is status
    assert not HELD_BY_RECALL & set(allowed_from(status, holds))


def test_an_answer_leaves_the_referral_waiting_while_another_question_is_open() -> None:
    assert move("query", Action.ANSWER, {Condition.OTHER_QUERIES_OPEN}).to_status is Status.QUERY


@pytest.mark.parametrize("status", IN_HAND)
def test_a_newer_version_is_received_without_moving_the_referral(status: Status) -> None:
    assert move(status, Action.RECEIPT, {Condition.NEWER_VERSION}).to_status is status
    with pytest.raises(TransitionNotAllowed):
        move(status, Action.RECEIPT)


@pytest.mark.parametrize("status", ["completed", "withdrawn", "expired"])
def test_nothing_follows_the_end_of_a_referral(status: str) -> None:
    assert allowed_from(status, set(Condition)) == []


def test_the_open_statuses_are_those_of_the_unique_index() -> None:
    assert f"status IN ({', '.join(repr(str(status)) for status in OPEN_STATUSES)})" == OPEN


def test_only_what_was_sent_and_is_still_open_can_be_amended() -> None:
    amendable = []
    for status in Status:
        try:
            require_amendable(status)
        except TransitionNotAllowed:
            continue
        amendable.append(str(status))

    assert amendable == ["submitted", "received", "query", "accepted", "scheduled", "started"]


def test_every_act_that_needs_a_reason_has_reasons_in_every_pack() -> None:
    needing = {str(line.action) for line in TRANSITIONS if line.needs_reason}

    assert needing == set(ALWAYS_REASONED)
    for pack in reasons().packs.values():
        assert all(pack.offered(action) for action in needing)


class Referral(RuleBasedStateMachine):
    """A referral, and two sides (and a clock) who try anything in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.status = Status.DRAFT
        self.before = Status.DRAFT
        self.version = self.received = self.queries = 0
        self.suspended = False

    def conditions(self) -> set[Condition]:
        holds = set()
        if self.version > self.received:
            holds.add(Condition.NEWER_VERSION)
        if self.queries > 1:
            holds.add(Condition.OTHER_QUERIES_OPEN)
        if self.suspended:
            holds.add(Condition.SUSPENDED)
        return holds

    @rule(action=st.sampled_from(Action), side=st.sampled_from(Side))
    def act(self, action: Action, side: Side) -> None:
        """Try an act; count what follows from it as the operations do."""
        try:
            transition = move(self.status, action, self.conditions())
        except (TransitionNotAllowed, ReferralSuspended):
            return
        if side not in transition.sides:
            return
        assert not (self.suspended and action in HELD_BY_RECALL)
        self.suspended = self.suspended and action is not Action.RESUMPTION
        self.before, self.status = self.status, transition.to_status
        self.version += action is Action.SUBMISSION
        self.received = self.version if action is Action.RECEIPT else self.received
        self.queries += (action is Action.QUERY) - (action is Action.ANSWER)

    @rule()
    def recall(self) -> None:
        """Recall the person for a fixed term, which suspends what is open."""
        self.suspended = self.suspended or self.status in OPEN_STATUSES

    @rule()
    def amend(self) -> None:
        """Send a new version, where that may be done."""
        try:
            require_amendable(self.status)
        except TransitionNotAllowed:
            return
        self.version += 1

    @invariant()
    def the_status_came_along_the_table(self) -> None:
        assert self.status == self.before or self.status in LEADS_TO[self.before]

    @invariant()
    def a_referral_waits_for_answers_exactly_while_questions_are_open(self) -> None:
        assert self.queries >= 0
        if self.status in IN_HAND:
            assert (self.status is Status.QUERY) == (self.queries > 0)

    @invariant()
    def nobody_decides_on_what_was_never_sent_and_received(self) -> None:
        assert self.received <= self.version
        if self.status not in {Status.DRAFT, Status.SUBMITTED, Status.WITHDRAWN, Status.EXPIRED}:
            assert self.received > 0


TestReferral = Referral.TestCase


def _reason(**changes: object) -> Reason:
    return Reason(**{"code": "full", "label": "Full", "source": "Ours", "verified": False, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "note", "offered", "expected"),
    [
        (None, None, {}, []),
        (None, None, {"full": _reason()}, [("/reason", "missing")]),
        ("full", None, {}, [("/reason", "unknown-reason")]),
        ("other", None, {"full": _reason()}, [("/reason", "unknown-reason")]),
        ("full", None, {"full": _reason()}, []),
        ("full", None, {"full": _reason(needs_note=True)}, [("/note", "missing")]),
        ("full", "Until May", {"full": _reason(needs_note=True)}, []),
        ("full", None, {"full": _reason(only_from=("started",))}, [("/reason", "not-offered")]),
    ],
)
def test_a_reason_is_one_the_pack_offers_here_with_the_note_it_needs(
    code: str | None, note: str | None, offered: dict[str, Reason], expected: list[tuple[str, str]]
) -> None:
    faults = faults_in_reason(code, note, offered, "received")

    assert [(fault.pointer, fault.code) for fault in faults] == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-11-19", ["before-sending"]),
        ("2026-11-20", []),
        ("2026-11-23", []),
        ("2026-11-24", ["in-the-future"]),
    ],
)
def test_what_has_happened_happened_between_sending_and_today(day: str, expected: list[str]) -> None:
    sent_on, today = datetime.date(2026, 11, 20), datetime.date(2026, 11, 23)

    faults = faults_in_day(datetime.date.fromisoformat(day), "started_on", sent_on=sent_on, today=today)

    assert [fault.code for fault in faults] == expected


def test_what_is_planned_may_lie_ahead() -> None:
    assert faults_in_day(datetime.date(2027, 5, 1), "scheduled_on", sent_on=datetime.date(2026, 11, 20)) == []
