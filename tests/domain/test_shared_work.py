"""Who has the work: whoever was last passed it; and what the premises may know of a form never turns on a value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalogue.definitions import Tier
from service.catalogue.disclosures import disclosure_table
from service.catalogue.loading import catalogue
from service.domain.shared_work import SHARED_PACKS, Act, Side, act_of, holder_of, may_send, shown_to_premises

HIDDEN = {Tier.VICTIM, Tier.MAPPA, Tier.INTELLIGENCE_FLAG}
ONE, OTHER = Side.PRACTITIONER, Side.PREMISES


def passed(side: Side, question: str | None = None) -> dict[str, Any]:
    return {"side": str(side), "question": question}


@pytest.mark.parametrize(
    ("history", "whole", "of_a", "of_b"),
    [
        ([], ONE, ONE, ONE),
        ([passed(OTHER)], OTHER, OTHER, OTHER),
        ([passed(OTHER, "a")], ONE, OTHER, ONE),
        ([passed(OTHER, "a"), passed(OTHER), passed(ONE, "b")], OTHER, OTHER, ONE),
        ([passed(OTHER, "a"), passed(ONE)], ONE, ONE, ONE),
    ],
)
def test_the_whole_takes_its_questions_along_and_a_question_goes_alone(
    history: list[dict[str, Any]], whole: Side, of_a: Side, of_b: Side
) -> None:
    assert (holder_of(history), holder_of(history, "a"), holder_of(history, "b")) == (whole, of_a, of_b)


@pytest.mark.parametrize(
    ("history", "by", "to", "act"),
    [
        ([], ONE, OTHER, Act.GIVEN),
        ([], OTHER, OTHER, Act.TAKEN_OVER),
        ([passed(OTHER)], OTHER, ONE, Act.HANDED_BACK),
        ([passed(OTHER)], ONE, ONE, Act.TAKEN_OVER),
        ([], ONE, ONE, None),
        ([passed(OTHER)], ONE, OTHER, None),
    ],
)
def test_passing_is_giving_taking_over_or_handing_back(
    history: list[dict[str, Any]], by: Side, to: Side, act: Act | None
) -> None:
    assert act_of(history, by, to) is act


sides = st.sampled_from(Side)
acts = st.lists(st.tuples(sides, sides, st.sampled_from([None, "a", "b"])), max_size=20)


@given(acts)
def test_whatever_is_passed_somebody_always_has_every_question(wanted: list[tuple[Side, Side, str | None]]) -> None:
    """An independent account: a table of questions, written over at each passing."""
    history: list[dict[str, Any]] = []
    table = dict.fromkeys([None, "a", "b"], ONE)
    for by, to, question in wanted:
        expected = table[question] is not to
        assert (act_of(history, by, to, question) is not None) is expected
        if expected:
            history.append(passed(to, question))
            table |= dict.fromkeys(table, to) if question is None else {question: to}

    assert {question: holder_of(history, question) for question in table} == table


@pytest.mark.parametrize("name", SHARED_PACKS)
def test_premises_are_shown_no_victim_mappa_or_intelligence_and_no_item_nobody_decided_about(name: str) -> None:
    pack, table = catalogue().pack(name), disclosure_table("premises")
    shown = shown_to_premises(pack, table)

    assert {one.tier for one in shown} & HIDDEN == set()
    decided = {item for _, item in table.rules}
    assert {one.item for one in shown if one.item is not None} <= decided
    assert {one.id for one in pack.questions} - {one.id for one in shown} == (
        {"rm_victim_safety", "mappa_level", "mappa_category"} if name == "cas3" else set()
    )


@pytest.mark.parametrize("name", SHARED_PACKS)
def test_whether_a_question_is_asked_of_premises_turns_on_nothing_kept_from_them(name: str) -> None:
    pack = catalogue().pack(name)
    kept = {one.id for one in pack.questions} - {
        one.id for one in shown_to_premises(pack, disclosure_table("premises"))
    }
    read = {
        one.id: (one.asked_when.sources if one.asked_when else set())
        | (one.required_when.sources if one.required_when else set())
        for one in pack.questions
        if one.id not in kept
    }

    assert {question: sources & kept for question, sources in read.items() if sources & kept} == {}


@pytest.mark.parametrize(
    ("pack", "side", "region", "may"),
    [
        ("duty_to_refer", OTHER, None, True),
        ("supported_housing", OTHER, "london", True),
        ("cas3", OTHER, "london", False),
        ("cas3", OTHER, None, False),
        ("cas3", OTHER, "wales", True),
        ("cas3", ONE, None, True),
    ],
)
def test_premises_send_cas3_only_where_the_region_allows(pack: str, side: Side, region: str | None, may: bool) -> None:
    assert may_send(pack, side, region, {"wales"}) is may
