"""Conditions have three values, and what is once known stays known whatever is answered next."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalogue.checks.expressions import NotInSubset, free_names, literals, parse
from service.catalogue.conditions import UNKNOWN, compile_condition, context_of

NAMES = ("a", "b", "c")
TESTS = {"p": "a == 'x'", "q": "b in ['x', 'y']", "r": "'x' in c"}
ANSWERS: dict[str, list[Any]] = {"a": ["x", "y"], "b": ["x", "z"], "c": [[], ["x"], ["y", "x"]]}


def expressions() -> st.SearchStrategy[str]:
    """Conditions made of comparisons, and, or and not."""
    return st.recursive(
        st.sampled_from(sorted(TESTS.values())),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda part: f"({' '.join(part)})"),
            inner.map(lambda part: f"!({part})"),
        ),
        max_leaves=6,
    )


def states() -> st.SearchStrategy[dict[str, Any]]:
    """Some of the names answered, the others not yet."""
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(ANSWERS[name]) for name in NAMES})


@given(expressions(), states(), st.data())
def test_what_is_known_stays_known_whatever_is_answered_next(
    expression: str, state: dict[str, Any], data: st.DataObject
) -> None:
    condition = compile_condition(expression)
    before = condition.evaluate(context_of(state))
    whole = {name: state.get(name, data.draw(st.sampled_from(ANSWERS[name]), label=name)) for name in NAMES}
    after = condition.evaluate(context_of(whole))

    assert isinstance(after, bool)
    assert before in (UNKNOWN, after)


@given(expressions(), expressions(), states(), st.sampled_from(["&&", "||"]))
def test_the_order_of_a_conditions_parts_does_not_matter(
    left: str, right: str, state: dict[str, Any], sign: str
) -> None:
    one = compile_condition(f"{left} {sign} {right}").evaluate(context_of(state))
    other = compile_condition(f"{right} {sign} {left}").evaluate(context_of(state))

    assert one == other


@given(expressions(), states())
def test_a_condition_is_unknown_only_when_it_reads_something_unanswered(expression: str, state: dict[str, Any]) -> None:
    condition = compile_condition(expression)

    if condition.names <= set(state):
        assert condition.evaluate(context_of(state)) is not UNKNOWN


@given(expressions())
def test_the_checker_reads_the_same_names_as_the_conditions_themselves(expression: str) -> None:
    assert free_names(parse(expression)) == compile_condition(expression).names


@pytest.mark.parametrize(
    ("expression", "state", "value"),
    [
        ("a == 'x' && b == 'y'", {"a": "z"}, False),
        ("a == 'x' || b == 'y'", {"a": "x"}, True),
        ("a == 'x' && b == 'y'", {"a": "x"}, UNKNOWN),
        ("a == 'x' ? b == 'y' : true", {"a": "z"}, True),
        ("a == 'x'", {"a": None}, False),
        ("'x' in c", {}, UNKNOWN),
    ],
)
def test_unknown_is_not_false(expression: str, state: dict[str, Any], value: object) -> None:
    assert compile_condition(expression).evaluate(context_of(state)) is value


def test_anything_but_a_missing_answer_is_raised_and_not_unknown() -> None:
    with pytest.raises(TypeError):
        compile_condition("a < 6").evaluate(context_of({"a": "x"}))


def test_a_comprehensions_own_variable_is_not_a_name_it_reads() -> None:
    tree = parse("stays.exists(s, s.place == 'York' && s.kind in kinds)")

    assert free_names(tree) == {"stays", "kinds"}
    assert list(literals(tree)) == ["York"]


@pytest.mark.parametrize("expression", ["a == ", "a = 'x'", "a == 'x')", "f(a)", "a.matches('x')", "{'a': 1}", "a / 2"])
def test_what_packs_may_not_write_is_refused(expression: str) -> None:
    with pytest.raises(NotInSubset):
        parse(expression)
