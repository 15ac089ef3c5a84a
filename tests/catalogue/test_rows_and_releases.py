"""Every row is accounted for once, shared concepts share their items, and what was released stays as it was."""

from pathlib import Path
from typing import Any

import pytest

from service.catalogue.checks.concepts import concept_faults
from service.catalogue.checks.coverage import coverage_faults
from service.catalogue.checks.holders import holder_faults
from service.catalogue.checks.releases import drafts, release_drafts, release_faults
from service.catalogue.loading import load_catalogue
from service.errors import CatalogueInvalid
from tests.catalogue.make import FIRST_QUESTION_LINE, grounds_of, row, write_catalogue, write_yaml

AT = f"cas3/1.yaml:{FIRST_QUESTION_LINE}:"
QUESTION = "- item: risk_summary\n  covers: [cas3.1]"
ROWS = [row("cas3.1", meaning="What the risk is"), row("cas3.2", meaning="A note of the risk")]


def excuse(folder: Path, **entries: Any) -> Path:
    """Write not_asked.yaml, each row on a line of its own."""
    lines = [
        f"{name.replace('_', '.', 1)}: {{reason: {reason}, note: {note}}}" for name, (reason, note) in entries.items()
    ]
    (folder / "not_asked.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def partial_coverage(folder: Path) -> list[str]:
    """Return the faults of coverage in a catalogue of a few rows."""
    return list(coverage_faults(grounds_of(folder), partial=True))


def test_a_row_neither_covered_nor_excused_is_a_fault(tmp_path: Path) -> None:
    write_catalogue(tmp_path, QUESTION, rows=ROWS)

    assert partial_coverage(tmp_path) == [
        "cas3.json:1: cas3.2: no question covers it and not_asked.yaml does not excuse it"
    ]


def test_a_catalogue_of_fewer_rows_than_the_forms_have_is_a_fault(tmp_path: Path) -> None:
    write_catalogue(tmp_path, QUESTION, rows=ROWS[:1])

    assert list(coverage_faults(grounds_of(tmp_path))) == ["inventory:1: rows: there are 1 rows and not 653"]


def test_a_row_covered_twice_is_a_fault(tmp_path: Path) -> None:
    write_catalogue(tmp_path, f"- item: release_type\n  covers: [cas3.1]\n{QUESTION}", rows=ROWS[:1])

    (fault,) = partial_coverage(tmp_path)

    assert fault == (
        f"cas3/1.yaml:{FIRST_QUESTION_LINE + 2}: risk_summary.covers:"
        f" cas3.1 is already covered by release_type (line {FIRST_QUESTION_LINE})"
    )


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ({"cas3_2": ("dull", "x")}, "1: cas3.2.reason: choose one of shown_only, computed, search_filter, withdrawn"),
        ({"cas3_2": ("computed", "x"), "cas3_9": ("computed", "x")}, "2: cas3.9: there is no such inventory row"),
        ({"cas3_2": ("computed", "x"), "cas3_1": ("computed", "x")}, "2: cas3.1: is covered by cas3.risk_summary"),
        ({"cas3_2": ("part_of_another_row", "x")}, "1: cas3.2.note: name the row it is part of"),
    ],
)
def test_an_excuse_that_does_not_hold_is_a_fault(
    tmp_path: Path, entries: dict[str, tuple[str, str]], told: str
) -> None:
    excuse(write_catalogue(tmp_path, QUESTION, rows=ROWS), **entries)

    (fault,) = partial_coverage(tmp_path)

    assert fault.startswith(f"not_asked.yaml:{told}")


def test_no_more_than_one_row_in_five_is_excused(tmp_path: Path) -> None:
    rows = [row(f"cas3.{number}") for number in range(1, 133)]
    excused = {f"cas3_{number}": ("computed", "worked out") for number in range(2, 133)}
    excuse(write_catalogue(tmp_path, QUESTION, rows=rows), **excused)

    assert partial_coverage(tmp_path) == ["not_asked.yaml:1: rows: 131 are excused, more than one in 5"]


def concept(folder: Path, **changes: Any) -> list[str]:
    """Write one shared concept and return the faults of the table in a catalogue of a few rows."""
    content = {"number": 1, "concept": "Risk", "marks": {"cas3": "F"}, "items": ["risk_summary"], "rows": {"cas3": []}}
    write_yaml(folder / "shared_concepts.yaml", [content | changes])
    return list(concept_faults(grounds_of(folder), partial=True))


def test_a_row_of_a_shared_concept_is_answered_by_its_items(tmp_path: Path) -> None:
    write_catalogue(tmp_path, f"{QUESTION}\n- item: needs\n  covers: [cas3.2]", rows=ROWS)

    assert concept(tmp_path, rows={"cas3": ["cas3.1"]}) == []
    (fault,) = concept(tmp_path, rows={"cas3": ["cas3.2"]})
    assert fault.startswith(f"cas3/1.yaml:{FIRST_QUESTION_LINE + 2}: needs.covers: cas3.2 asks concept 1 (Risk):")
    assert fault.endswith("bind or derive it from risk_summary")


def test_a_derivation_from_nothing_but_a_concepts_items_answers_its_rows(tmp_path: Path) -> None:
    derived = (
        "- id: told\n  label: Told\n  derive: release_type == 'parole'\n  value: {type: boolean}\n  covers: [cas3.1]"
    )
    write_catalogue(tmp_path, derived, rows=ROWS)

    assert concept(tmp_path, items=["release_type"], rows={"cas3": ["cas3.1"]}) == []
    assert concept(tmp_path, items=["needs", "release_type"], rows={"cas3": ["cas3.1"]}) == []
    assert concept(tmp_path, marks={}, items=["needs"], rows={"cas3": ["cas3.1"]}) != []


def test_a_form_the_table_marks_asks_or_shows_one_of_the_items(tmp_path: Path) -> None:
    write_catalogue(tmp_path, QUESTION, rows=ROWS)

    assert concept(tmp_path, items=["needs"]) == [
        "shared_concepts.yaml:1: 1.marks.cas3: the pack neither asks nor shows any of needs"
    ]


def test_the_table_names_items_and_rows_that_there_are(tmp_path: Path) -> None:
    write_catalogue(tmp_path, QUESTION, rows=ROWS)

    assert concept(tmp_path, items=["risk_summary", "weather"], rows={"cas3": ["cas3.9"], "cas9": []}) == [
        "shared_concepts.yaml:1: 1.items: there is no item weather",
        "shared_concepts.yaml:1: 1.rows.cas3: there is no row cas3.9 in this form",
        "shared_concepts.yaml:1: 1.rows.cas9: there is no such form",
    ]


def test_the_whole_table_has_44_rows(tmp_path: Path) -> None:
    write_catalogue(tmp_path, QUESTION, rows=ROWS)
    concept(tmp_path)

    assert "shared_concepts.yaml:1: number: there should be 44, numbered in order, not 1" in list(
        concept_faults(grounds_of(tmp_path))
    )


def test_a_record_system_holds_only_what_a_form_or_the_table_says_it_holds(tmp_path: Path) -> None:
    write_catalogue(tmp_path, QUESTION, rows=[row("cas3.1", held_by="OASys (editable)")])
    items = tmp_path / "items" / "all.yaml"
    items.write_text(
        items.read_text().replace("tier: risk_narrative", "tier: risk_narrative\n  held_by: [oasys, nomis]")
    )

    (fault,) = holder_faults(grounds_of(tmp_path))

    assert fault.startswith("all.yaml:16: risk_summary.held_by: no row it answers and no shared concept names nomis")


def test_a_released_version_never_changes(tmp_path: Path) -> None:
    write_catalogue(tmp_path, QUESTION)
    assert drafts(load_catalogue(tmp_path), tmp_path) == ["cas3/1"]

    assert release_drafts(load_catalogue(tmp_path), tmp_path) == ["cas3/1"]
    assert drafts(load_catalogue(tmp_path), tmp_path) == []
    assert list(release_faults(load_catalogue(tmp_path), tmp_path)) == []

    write_catalogue(tmp_path, f"{QUESTION}\n  label: In other words")
    assert list(release_faults(load_catalogue(tmp_path), tmp_path)) == [
        "cas3/1.yaml:1: cas3/1: this version was released and has changed: write a new version"
    ]


def test_releasing_again_does_not_bless_a_change(tmp_path: Path) -> None:
    release_drafts(load_catalogue(write_catalogue(tmp_path, QUESTION)), tmp_path)
    write_catalogue(tmp_path, f"{QUESTION}\n  label: In other words")
    write_catalogue(tmp_path, QUESTION, version="2")

    assert release_drafts(load_catalogue(tmp_path), tmp_path) == ["cas3/2"]
    assert len(list(release_faults(load_catalogue(tmp_path), tmp_path))) == 1


def test_a_released_version_that_is_gone_is_a_fault(tmp_path: Path) -> None:
    release_drafts(load_catalogue(write_catalogue(tmp_path, QUESTION)), tmp_path)
    write_catalogue(tmp_path, QUESTION, version="2")
    (tmp_path / "packs" / "cas3" / "1.yaml").unlink()

    assert list(release_faults(load_catalogue(tmp_path), tmp_path)) == [
        "released.yaml:2: cas3/1: this version was released, and its file is gone"
    ]


@pytest.mark.parametrize(
    ("questions", "told"),
    [
        ("- item: weather", f"{AT} weather.item: there is no item weather"),
        (
            (
                "- item: needs\n  asked_when: release_type == 'parole'\n"
                "- item: release_type\n  asked_when: \"'sight' in needs\""
            ),
            f"{AT} needs: its conditions go round in a circle: needs → release_type → needs",
        ),
    ],
)
def test_the_loader_refuses_unknown_items_and_cycles(tmp_path: Path, questions: str, told: str) -> None:
    with pytest.raises(CatalogueInvalid) as invalid:
        load_catalogue(write_catalogue(tmp_path, questions))

    assert invalid.value.faults == (told,)
