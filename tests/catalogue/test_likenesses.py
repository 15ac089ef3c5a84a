"""One thing asked in two ways is found; two things that only sound alike are told apart, with a reason."""

from pathlib import Path

from service.catalogue.checks.likenesses import likeness_faults
from tests.catalogue.make import grounds_of, row, write_catalogue, write_yaml

STAYS = "- id: stays_before\n  label: {label}\n  value: {{type: text}}\n  covers: [cas3.1]"
ROWS = [row("cas3.1", meaning="How the person behaved in an approved premises before")]
TWO_WAYS = (
    "How did the person behave in approved premises before?",
    "Behaviour in an earlier stay in approved premises",
)


def write_two_packs(folder: Path, first: str, second: str, value: str = "text") -> Path:
    """Write two packs with one question of their own each."""
    write_catalogue(folder, STAYS.format(label=first), name="one")
    questions = STAYS.format(label=second).replace("type: text", f"type: {value}")
    return write_catalogue(folder, questions, rows=ROWS, name="two")


def faults(folder: Path) -> list[str]:
    """Return the faults that name the questions of the two packs."""
    return [fault for fault in likeness_faults(grounds_of(folder)) if "stays_before" in fault]


def test_two_packs_asking_one_thing_in_different_words_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(write_two_packs(tmp_path, *TWO_WAYS))

    assert fault.startswith("one/1.yaml:10: stays_before: reads like two.stays_before")


def test_a_question_that_reads_like_an_item_is_a_fault(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "- id: mine\n  label: What is a summary of the risk?\n  value: {type: text}")

    assert [fault.split(": reads")[0] for fault in likeness_faults(grounds_of(tmp_path))] == ["cas3/1.yaml:10: mine"]


def test_questions_that_do_not_read_alike_are_sound(tmp_path: Path) -> None:
    write_two_packs(tmp_path, TWO_WAYS[0], "Which town does the person want to live in?")
    write_catalogue(
        tmp_path, "- id: stays_before\n  label: Which town do they want?\n  value: {type: text}", name="two"
    )

    assert faults(tmp_path) == []


def test_a_date_and_an_account_are_never_one_thing(tmp_path: Path) -> None:
    assert faults(write_two_packs(tmp_path, *TWO_WAYS, value="date")) == []


def test_opposites_are_never_one_thing(tmp_path: Path) -> None:
    assert faults(write_two_packs(tmp_path, "Level of risk to children", "Level of risk to staff")) == []


def test_a_pair_told_apart_with_a_reason_is_sound(tmp_path: Path) -> None:
    write_two_packs(tmp_path, *TWO_WAYS)
    pair = {"a": "two.stays_before", "b": "one.stays_before", "reason": "Two kinds of stay."}
    write_yaml(tmp_path / "distinct.yaml", [pair])
    assert faults(tmp_path) == []

    write_yaml(tmp_path / "distinct.yaml", [pair | {"reason": ""}])
    assert faults(tmp_path) == ["distinct.yaml:1: one.stays_before and two.stays_before.reason: this is missing"]


def test_an_entry_that_is_not_needed_any_more_is_a_fault(tmp_path: Path) -> None:
    write_two_packs(tmp_path, *TWO_WAYS)
    pair = {"a": "one.stays_before", "b": "two.stays_before", "reason": "Two kinds of stay."}
    gone = {"a": "one.stays_before", "b": "needs", "reason": "They differ."}
    absent = {"a": "one.stays_before", "b": "weather", "reason": "They differ."}
    write_yaml(tmp_path / "distinct.yaml", [pair, gone, absent])

    assert faults(tmp_path) == [
        "distinct.yaml:4: needs and one.stays_before: they do not read alike: the entry is not needed",
        "distinct.yaml:7: one.stays_before and weather: nothing is called weather",
    ]
