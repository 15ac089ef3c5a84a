"""The catalogue that is shipped is sound, and its report says what is in it."""

from collections import Counter
from pathlib import Path

import pytest

from service.catalogue import commands
from service.catalogue.checks.grounds import read_grounds
from service.catalogue.checks.releases import drafts
from service.catalogue.checks.runs import run_checks
from service.catalogue.checks.samples import samples
from service.catalogue.loading import CATALOGUE_FOLDER, catalogue, load_catalogue
from service.catalogue.reports import asked_of, report
from tests.catalogue.make import row, write_catalogue


def test_the_catalogue_of_this_release_is_sound() -> None:
    assert run_checks(catalogue(), CATALOGUE_FOLDER) == []


def test_the_report_kept_in_docs_is_this_catalogues() -> None:
    kept = Path(__file__).parents[2] / "docs" / "catalogue.md"

    assert kept.read_text(encoding="utf-8") == report(catalogue(), CATALOGUE_FOLDER), "run make report"


def test_every_item_can_be_tried_with_answers_it_accepts() -> None:
    items = catalogue().items.values()

    assert [item.name for item in items if len(samples(item.value)) < 1] == []


def test_the_44_rows_of_the_table_are_marked_as_it_marks_them() -> None:
    concepts = read_grounds(catalogue(), CATALOGUE_FOLDER).concepts
    forms = [sum(mark in ("F", "S") for mark in entry.content["marks"].values()) for entry in concepts]
    typed = [sum(mark == "F" for mark in entry.content["marks"].values()) for entry in concepts]
    classes = Counter(entry.content["class"] for entry in concepts)

    assert (len(forms), forms.count(4), sum(n >= 3 for n in forms), sum(n >= 2 for n in forms)) == (44, 20, 36, 42)
    assert (sum(n >= 2 for n in typed), sum(n >= 3 for n in typed)) == (36, 23)
    assert classes == {"A": 20, "A+B": 3, "B": 17, "C": 2, "D": 2}


def test_the_report_counts_every_question_once_and_is_always_the_same(tmp_path: Path) -> None:
    questions = (
        "- item: release_type\n  covers: [cas3.1]\n- item: risk_summary\n- recipient: true\n"
        "- id: late\n  label: Late\n  derive: release_type == 'parole'\n  value: {type: boolean}\n"
        "- id: hurry\n  label: Hurry\n  derive: size(needs) > 1\n  value: {type: boolean}\n"
        "- id: why\n  label: Why\n  value: {type: text}"
    )
    write_catalogue(tmp_path, questions, rows=[row("cas3.1")])
    loaded = load_catalogue(write_catalogue(tmp_path, questions.replace("id: why", "id: other"), name="two", rows=[]))
    asked = asked_of(read_grounds(loaded, tmp_path))

    assert (len(asked.forms_of), len(asked.afresh), len(asked.derived), asked.questions) == (3, 4, 4, 7)
    assert "**0 fields become 7 questions.**" in report(loaded, tmp_path)
    assert report(loaded, tmp_path) == report(load_catalogue(tmp_path), tmp_path)


@pytest.mark.parametrize("pack", [None, "cas3"])
def test_a_fault_is_printed_with_its_place_and_fails_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], pack: str | None
) -> None:
    write_catalogue(tmp_path, "- item: needs\n  required_when: release_type == 'rotl'\n- item: release_type")

    assert commands.check(pack, tmp_path) == 1
    assert "cas3/1.yaml:10: needs.required_when: compares with 'rotl'" in capsys.readouterr().out


def test_a_sound_pack_is_said_to_be_sound_and_a_draft(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_catalogue(tmp_path, "- item: risk_summary\n  covers: [cas3.1]", rows=[row("cas3.1")])

    assert commands.check("cas3", tmp_path) == 0
    assert capsys.readouterr().out == "1 of 1 rows accounted for, 0 of them excused\ncas3/1 is a draft: not released\n"


def test_a_pack_can_be_checked_while_another_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_catalogue(tmp_path, "- item: weather", name="broken")
    write_catalogue(tmp_path, "- item: risk_summary\n  covers: [cas3.1]", rows=[row("cas3.1")])

    assert commands.check("cas3", tmp_path) == 0
    assert commands.check(None, tmp_path) == 1
    assert commands.check("absent", tmp_path) == 1
    assert "packs:1: absent: there is no such pack" in capsys.readouterr().out


def test_nothing_is_released_while_the_catalogue_has_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_catalogue(tmp_path, "- item: risk_summary\n  covers: [cas3.1]", rows=[row("cas3.1")])

    assert commands.release(tmp_path) == 1
    assert drafts(load_catalogue(tmp_path), tmp_path) == ["cas3/1"]
    assert "nothing is released" in capsys.readouterr().out
