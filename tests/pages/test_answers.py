"""Any answer an item can hold goes into a form's fields and comes back the same."""

import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.catalogue.loading import catalogue
from service.catalogue.values import Value, value_of
from service.errors import FieldError
from service.pages import answers

ITEMS = catalogue().items
KINDS = {
    item.value.kind + (f" of {item.value.of.kind}" if item.value.of else ""): item.value for item in ITEMS.values()
}
LEVELS = value_of({"type": "choice_by", "keys": {"a": "A", "b": "B"}, "options": {"low": "Low", "high": "High"}})
DURATION = value_of({"type": "duration"})
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)


def held_by(value: Value) -> st.SearchStrategy[Any]:
    """Return answers that a value can hold."""
    definition = value.definition
    simple: dict[str, Any] = {
        "boolean": st.booleans,
        "date": lambda: st.dates(min_value=datetime.date(1900, 1, 1)).map(datetime.date.isoformat),
        "integer": lambda: st.integers(definition.get("minimum", 0), definition.get("maximum", 10**6)),
        "choice": lambda: st.sampled_from(sorted(value.options)),
        "choices": lambda: st.lists(st.sampled_from(sorted(value.options)), min_size=1, max_size=1),
        "duration": lambda: st.fixed_dictionaries({"years": st.integers(1, 9), "weeks": st.integers(0, 9)}),
        "choice_by": lambda: st.dictionaries(
            st.sampled_from(sorted(definition["keys"])), st.sampled_from(sorted(value.options)), min_size=1
        ),
        "list": lambda: st.lists(held_by(value.of or value), min_size=definition.get("minimum", 0), max_size=3),
        "object": lambda: st.fixed_dictionaries({name: held_by(part) for name, part in value.fields.items()}),
    }
    strategy: st.SearchStrategy[Any] = simple.get(value.kind, lambda: WORDS)()
    return strategy


@pytest.mark.parametrize("value", [*KINDS.values(), LEVELS, DURATION], ids=[*KINDS, "levels", "a duration"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_an_answer_written_into_a_form_is_read_from_it_again(value: Value, data: st.DataObject) -> None:
    answer = data.draw(held_by(value))
    if value.faults(answer, ""):
        return

    read = answers.read(value, "answer", answers.written(value, "answer", value.normalised(answer)))

    assert value.normalised(read) == value.normalised(answer)


@pytest.mark.parametrize("value", [*KINDS.values(), LEVELS], ids=[*KINDS, "levels"])
def test_a_form_that_says_nothing_gives_no_answer_and_can_still_be_drawn(value: Value) -> None:
    assert answers.read(value, "answer", {}) is answers.MISSING
    assert answers.draw(value, "answer", {}, "Label").anchor.startswith("answer")


def test_a_blank_row_between_two_others_is_passed_over() -> None:
    names = ITEMS["aliases"].value
    form = {"answer-0": ["Ann"], "answer-1": ["  "], "answer-2": ["Bea"]}

    drawn = answers.draw(names, "answer", form, "Names")

    assert answers.read(names, "answer", form) == ["Ann", "Bea"]
    assert [row.text for row in drawn.rows] == ["Ann", "Bea"]


def test_none_at_all_is_an_answer_where_somebody_says_so() -> None:
    assert answers.read(ITEMS["aliases"].value, "answer", {"answer-none": ["yes"], "answer-0": [""]}) == []


def test_what_is_wrong_leads_to_the_field_it_is_wrong_in() -> None:
    value = ITEMS["agencies_involved"].value
    form = {"answer-0-agency": ["Police"], "answer-3-named_worker": ["Bea"]}
    drawn = answers.draw(value, "answer", form, "Agencies")
    faults = value.faults(answers.read(value, "answer", form), "/answers/agencies_involved/value")

    placed = answers.placed(faults, "/answers/agencies_involved/value", "answer", drawn)

    assert "answer-0-phone" in placed
    assert "answer-1-agency" in placed
    assert set(placed) <= set(answers.anchors(drawn))


def test_a_day_that_does_not_exist_is_told_in_the_words_of_a_form() -> None:
    value = ITEMS["sentence_release_date"].value
    form = {"answer-day": ["31"], "answer-month": ["2"], "answer-year": ["2027"]}
    drawn = answers.draw(value, "answer", form, "Release date")

    placed = answers.placed(value.faults(answers.read(value, "answer", form), ""), "", "answer", drawn)

    assert placed == {"answer": "Enter a real date, like 27 3 2027."}
    assert answers.anchors(drawn)["answer"] == "answer-day"


def test_a_fault_with_no_field_of_its_own_stands_at_the_whole_answer() -> None:
    drawn = answers.draw(ITEMS["aliases"].value, "answer", {}, "Names")

    assert answers.placed([FieldError("/x/9/8", "odd", "Odd.")], "/x", "answer", drawn) == {"answer": "Odd."}
