"""Whoever moves a draft to a new version of its pack is told what changed, and nothing else."""

from pathlib import Path

import pytest

from service.catalogue.differences import Change, Difference, differences
from service.catalogue.loading import load_catalogue
from tests.catalogue.make import write_catalogue

OLD = (
    "- item: release_type\n  covers: [cas3.1]\n- item: needs\n  required_when: release_type == 'parole'\n"
    "- id: why\n  label: Why\n  value: {type: choice, options: {a: A, b: B}}"
)


def changes(folder: Path, new: str) -> list[Difference]:
    """Return what changed from the old version to one with these questions."""
    write_catalogue(folder, OLD, version="1")
    loaded = load_catalogue(write_catalogue(folder, new, version="2"))
    return differences(loaded.pack("cas3", "1"), loaded.pack("cas3", "2"))


def test_a_version_of_the_same_questions_differs_in_nothing(tmp_path: Path) -> None:
    assert changes(tmp_path, OLD) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("label: Why", "label: For what reason", Difference("why", Change.REWORDED, "Why", "For what reason")),
        ("{a: A, b: B}", "{a: A, c: C}", Difference("why", Change.OPTIONS, "A, B", "A, C")),
        (
            "== 'parole'",
            "!= 'parole'",
            Difference("needs", Change.REQUIRED_WHEN, "release_type == 'parole'", "release_type != 'parole'"),
        ),
        ("covers: [cas3.1]", "covers: [cas3.2]", Difference("release_type", Change.ROWS, "cas3.1", "cas3.2")),
        (
            "- item: needs\n  required_when: release_type == 'parole'\n",
            "",
            Difference("needs", Change.REMOVED, "Needs to plan for"),
        ),
        (
            "- id: why",
            "- item: parole_date\n- id: why",
            Difference("parole_date", Change.ADDED, "", "Parole hearing date"),
        ),
    ],
)
def test_each_change_is_told_once(tmp_path: Path, before: str, after: str, told: Difference) -> None:
    assert changes(tmp_path, OLD.replace(before, after)) == [told]


def test_a_question_answered_in_another_way_is_told(tmp_path: Path) -> None:
    found = changes(tmp_path, OLD.replace("{type: choice, options: {a: A, b: B}}", "{type: text, max_length: 90}"))

    assert {change.change for change in found} == {Change.ANSWERED_OTHERWISE, Change.OPTIONS, Change.LENGTH}
