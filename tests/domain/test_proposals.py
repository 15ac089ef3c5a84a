"""What may be proposed, what stands once it is decided, and what a report must say."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalogue.services import complexity_levels, outcomes_offered, service_categories
from service.conflicts import ProposalAlreadyDecided, ProposalLapsed
from service.domain.end_of_service_reports import faults_in_report
from service.domain.lifecycle import IN_HAND, Status
from service.domain.proposals import (
    About,
    Proposed,
    Standing,
    faults_in_proposal,
    in_order,
    is_about_the_same,
    require_undecided,
    standing,
)

SENT = Standing({"acc": "medium", "fbd": "low"}, ("acc_progress", "acc_avoid_loss", "fbd_debt"))
CATEGORIES = st.sampled_from(sorted(service_categories()))
NAMED = sorted(
    {name for one in service_categories() for name in (*outcomes_offered(one, None), *complexity_levels(one))}
)
NAMES = st.sampled_from(NAMED)
PROPOSALS = st.builds(Proposed, st.sampled_from(About), CATEGORIES, NAMES, st.none() | NAMES)
LEVEL, OUTCOME = About.COMPLEXITY, About.OUTCOME
# Everything that may be proposed about that referral.
SOUND = [
    proposed
    for about, category, name, other in itertools.product(About, SENT.levels, NAMED, (None, *SENT.outcomes))
    if not faults_in_proposal(proposed := Proposed(about, category, name, other), SENT, None)
]


@pytest.mark.parametrize(
    ("proposed", "fault"),
    [
        (Proposed(LEVEL, "acc", "high"), None),
        (Proposed(OUTCOME, "acc", "acc_secure_housing"), None),
        (Proposed(OUTCOME, "acc", "acc_secure_housing", "acc_progress"), None),
        (Proposed(LEVEL, "dnr", "high"), ("/category", "not-in-referral")),
        (Proposed(OUTCOME, "dnr", "dnr_access_support"), ("/category", "not-in-referral")),
        (Proposed(LEVEL, "acc", "medium"), ("/proposed", "stands-already")),
        (Proposed(LEVEL, "acc", "very_high"), ("/proposed", "unknown-level")),
        (Proposed(LEVEL, "acc", "high", "acc_progress"), ("/instead_of", "only-for-outcomes")),
        (Proposed(OUTCOME, "acc", "acc_progress"), ("/proposed", "stands-already")),
        (Proposed(OUTCOME, "acc", "fbd_benefits"), ("/proposed", "not-offered")),
        (Proposed(OUTCOME, "acc", "acc_secure_housing", "fbd_debt"), ("/instead_of", "not-in-referral")),
    ],
)
def test_a_proposal_names_a_category_of_the_referral_and_something_else_than_stands(
    proposed: Proposed, fault: tuple[str, str] | None
) -> None:
    found = [(one.pointer, one.code) for one in faults_in_proposal(proposed, SENT, "london")]

    assert found == ([] if fault is None else [fault])


@pytest.mark.parametrize(
    ("outcome", "area", "is_offered"),
    [
        ("soc_networks", "greater_manchester", True),
        ("soc_networks", "london", False),
        ("soc_custody_to_community", "greater_manchester", False),
        ("soc_custody_to_community", "london", True),
        ("soc_custody_to_community", None, True),
    ],
)
def test_an_outcome_is_proposed_only_where_contracts_offer_it(
    outcome: str, area: str | None, *, is_offered: bool
) -> None:
    stands = Standing({"soc": "low"})

    assert (faults_in_proposal(Proposed(OUTCOME, "soc", outcome), stands, area) == []) is is_offered


@given(st.sampled_from(SOUND))
def test_what_may_be_proposed_stands_once_agreed_leaves_no_category_without_and_cannot_be_proposed_again(
    proposed: Proposed,
) -> None:
    now = SENT.with_agreed(proposed)

    assert proposed.proposed in now.of(proposed)
    assert proposed.instead_of not in now.outcomes
    assert now.with_agreed(proposed) == now
    assert faults_in_proposal(proposed, now, None) != []
    assert {one.partition("_")[0] for one in now.outcomes} == set(now.levels)
    assert len(set(now.outcomes)) == len(now.outcomes)


@given(PROPOSALS, PROPOSALS)
def test_whether_two_are_about_the_same_is_the_same_either_way_round(one: Proposed, other: Proposed) -> None:
    assert is_about_the_same(one, other) is is_about_the_same(other, one)
    assert is_about_the_same(one, one)


@given(st.sampled_from(SOUND), st.sampled_from(SOUND))
def test_two_that_are_not_about_the_same_come_to_the_same_whichever_is_decided_first(
    one: Proposed, other: Proposed
) -> None:
    if is_about_the_same(one, other):
        return
    either = [SENT.with_agreed(one).with_agreed(other), SENT.with_agreed(other).with_agreed(one)]

    assert either[0].levels == either[1].levels
    assert set(either[0].outcomes) == set(either[1].outcomes)


@given(st.recursive(st.none() | st.text() | st.integers(), st.lists), st.none() | st.text())
def test_a_version_that_does_not_ask_for_these_has_nothing_that_stands(levels: Any, outcomes: Any) -> None:
    asked = [{"id": "complexity", "value": levels}, {"id": "desired_outcomes", "value": outcomes}, {"id": "other"}]

    assert standing([{"questions": asked}]) == Standing()
    assert standing([]) == Standing()


def test_only_what_was_agreed_since_the_newest_version_was_sent_stands_in_the_order_decided() -> None:
    def row(proposed: str, decision: str | None, version: int, place: int) -> dict[str, Any]:
        said = {"about": "complexity", "category": "acc", "proposed": proposed, "instead_of": None}
        return said | {"decision": decision, "decided_version": version, "decided_at": place}

    rows = [
        row("high", "agreed", 2, 3),
        row("low", "agreed", 2, 2),
        row("low", "agreed", 1, 9),
        row("low", "kept", 2, 9),
        row("low", None, 2, 9),
    ]

    assert [one.proposed for one in in_order(rows, 2)] == ["low", "high"]


@pytest.mark.parametrize("status", list(Status))
def test_a_proposal_is_decided_once_and_only_while_the_referral_is_worked_on(status: Status) -> None:
    with pytest.raises(ProposalAlreadyDecided):
        require_undecided(status, "kept")
    if status in IN_HAND:
        require_undecided(status, None)
        return
    with pytest.raises(ProposalLapsed):
        require_undecided(status, None)


@given(st.sets(NAMES), st.sets(NAMES))
def test_a_report_says_one_thing_of_each_outcome_and_each_fault_is_named(asked: set[str], said: set[str]) -> None:
    found = {(one.pointer.rpartition("/")[2], one.code) for one in faults_in_report(asked, said)}

    assert found == {(one, "missing") for one in asked - said} | {(one, "not-in-referral") for one in said - asked}
