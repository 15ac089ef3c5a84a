"""A fault in what a pack asks, maps or writes is found, at its file, line and key."""

from pathlib import Path
from typing import Any

import pytest

from tests.catalogue.make import FIRST_QUESTION_LINE, faults_of, row, write_catalogue

AT = f"cas3/1.yaml:{FIRST_QUESTION_LINE}:"
NEEDS_ROW = row("cas3.1", "multi-enum", ["hearing", "sight", "none"])
RELEASE_ROW = row("cas3.1", "enum", ["licence", "parole"])


def only_fault(folder: Path, question: str, rows: list[dict[str, Any]] | None = None) -> str:
    """Return the one fault of a pack of these questions."""
    (fault,) = faults_of(write_catalogue(folder, question, rows=rows))
    return fault


def test_a_question_whose_every_answer_the_form_accepts_is_sound(tmp_path: Path) -> None:
    question = "- item: release_type\n  covers: [cas3.1]\n  options: {licence: L, parole: P}"

    assert faults_of(write_catalogue(tmp_path, question, rows=[row("cas3.1", "enum", ["L", "P"])])) == []


@pytest.mark.parametrize(
    ("question", "rows", "told"),
    [
        (
            "- item: release_type\n  covers: [cas3.1]\n  options: {licence: L}",
            [row("cas3.1", "enum", ["L", "parole"])],
            "release_type.options.parole: this option of the item maps nowhere",
        ),
        (
            "- item: release_type\n  covers: [cas3.1]\n  options: {licence: licence, parole: parole, bail: licence}",
            [RELEASE_ROW],
            "release_type.options.bail: is not an option of the item",
        ),
        (
            "- item: release_type\n  covers: [cas3.1]",
            [row("cas3.1", "enum", ["licence"])],
            "release_type.covers: cas3.1 (enum) refuses parole: 'parole' is not an option of the form",
        ),
        (
            "- item: parole_date\n  covers: [cas3.1]",
            [row("cas3.1", "number")],
            "parole_date.covers: cas3.1 (number) refuses str: not a whole number",
        ),
        (
            "- item: risk_summary\n  max_length: 5000\n  covers: [cas3.1]",
            [row("cas3.1")],
            "risk_summary.max_length: 5000, but the item holds 4000",
        ),
        ("- item: risk_summary\n  covers: [cas3.9]", [], "risk_summary.covers: there is no inventory row cas3.9"),
        (
            "- item: risk_summary\n  writes: {cas3.1: \"value + '.'\"}",
            [row("cas3.1")],
            "risk_summary.writes.cas3.1: is not among the rows it covers",
        ),
    ],
)
def test_an_answer_the_form_would_not_take_is_a_fault(
    tmp_path: Path, question: str, rows: list[dict[str, Any]], told: str
) -> None:
    assert only_fault(tmp_path, question, rows) == f"{AT} {told}"


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("release_type == 'liscence'", "compares with 'liscence', which it can never be"),
        ("release_type in ['licence', 'rotl']", "compares with 'rotl', which it can never be"),
        ("'smell' in needs", "compares with 'smell', which it can never be"),
        ("needs == 'sight'", "compares with 'sight', which it can never be"),
        ("release_type == 'parole' || weather == 'wet'", "reads weather, which this pack does not ask"),
        ("release_type", "must be true or false"),
        ("months_until_release_type < 6", "reads months_until_release_type, but release_type is not a date"),
        ("broker_has_sent_housing", "reads broker_has_sent_housing, which this pack does not ask"),
        ("value == 'licence'", "reads value, which this pack does not ask"),
        ("release_type.matches('x')", "packs have no method .matches()"),
        ("has(release_type.x)", "packs have no function has()"),
        ("release_type == null", "compares with null: compare with the option instead"),
        ("earlier_stays.exists(s, s.where == 'x')", "there is no field where here"),
    ],
)
def test_a_condition_may_read_and_compare_only_what_can_be(tmp_path: Path, condition: str, told: str) -> None:
    questions = (
        "- id: why\n  label: Why\n  value: {type: text}\n"
        f'  asked_when: "{condition}"\n- item: release_type\n- item: needs\n- item: earlier_stays'
    )

    assert f"{AT} why.asked_when: {told}" in faults_of(write_catalogue(tmp_path, questions))


@pytest.mark.parametrize(
    "condition",
    [
        "release_type == 'parole' && months_until_parole_date < 6",
        "'sight' in needs || !('hearing' in needs)",
        "release_type != 'parole' || parole_date <= today",
        "size(earlier_stays) > 1 && recipient_is_cohort && !broker_has_sent_cas3",
        "earlier_stays.exists(s, s.place == 'York') ? 'ACC' in recipient_categories : recipient_area == 'North'",
    ],
)
def test_a_condition_in_the_shapes_packs_may_use_is_sound(tmp_path: Path, condition: str) -> None:
    questions = (
        "- item: release_type\n- item: parole_date\n  asked_when: release_type == 'parole'\n- item: needs\n"
        f'- item: earlier_stays\n- id: why\n  label: Why\n  value: {{type: text}}\n  asked_when: "{condition}"'
    )

    assert faults_of(write_catalogue(tmp_path, questions)) == []


def test_a_date_that_is_not_asked_must_be_guarded(tmp_path: Path) -> None:
    questions = (
        "- id: why\n  label: Why\n  value: {type: text}\n  asked_when: months_until_parole_date < 6\n"
        "- item: release_type\n- item: parole_date\n  asked_when: release_type == 'parole'"
    )

    fault = only_fault(tmp_path, questions)

    assert fault.startswith(f"{AT} why.asked_when: raises TypeError")
    assert fault.endswith("when months_until_parole_date is None")


def test_a_field_that_need_not_be_there_may_not_be_read(tmp_path: Path) -> None:
    questions = (
        "- id: ended\n  label: Why\n  derive: earlier_stays.exists(s, s.ended == 'x')\n  value: {type: boolean}\n"
        "- item: earlier_stays"
    )

    assert only_fault(tmp_path, questions).startswith(f"{AT} ended.derive: raises KeyError ('ended') when")


def test_only_a_derivation_reads_items_the_pack_does_not_ask(tmp_path: Path) -> None:
    derived = "- id: late\n  label: Late\n  derive: release_type == 'parole'\n  value: {type: boolean}"
    asked = f"- item: needs\n  asked_when: release_type == 'parole'\n{derived}"

    assert faults_of(write_catalogue(tmp_path / "derived", derived)) == []
    assert "only a derivation may read such an item" in only_fault(tmp_path / "asked", asked)


def test_a_derivation_reads_facts_and_not_narrative(tmp_path: Path) -> None:
    question = "- id: told\n  label: Told\n  derive: size(risk_summary) > 5\n  value: {type: boolean}"

    assert only_fault(tmp_path, question).endswith("an item of class narrative: a derivation reads facts")


def test_a_derivation_gives_a_value_of_its_own_type(tmp_path: Path) -> None:
    question = (
        "- id: kind\n  label: Kind\n  derive: \"release_type == 'parole' ? 'board' : 'plain'\"\n"
        "  value: {type: choice, options: {board: Board, ordinary: Ordinary}}\n- item: release_type"
    )

    assert only_fault(tmp_path, question) == f"{AT} kind.derive: gives 'plain', which is not one of its options"


@pytest.mark.parametrize(
    ("writes", "told"),
    [
        (
            "value == 'parole' ? 1 : 'none'",
            "gives 'none', and cas3.1 refuses it: not a whole number when release_type is licence",
        ),
        ("value", "gives 'licence', and cas3.1 refuses it: not a whole number when release_type is licence"),
        (
            "value == 'parole' ? 1 : null",
            "leaves cas3.1 blank, which the form always needs when release_type is licence",
        ),
    ],
)
def test_what_is_written_in_a_row_must_be_what_the_row_takes(tmp_path: Path, writes: str, told: str) -> None:
    question = f'- item: release_type\n  covers: [cas3.1]\n  writes: {{cas3.1: "{writes}"}}'

    fault = only_fault(tmp_path, question, [row("cas3.1", "number", required_when="always")])

    assert fault == f"{AT} release_type.writes.cas3.1: {told}"


@pytest.mark.parametrize(
    ("when", "faults"),
    [
        ("release_type == 'parole'", []),
        ("value == 'parole'", [f"{AT} release_type.refused_when.no_parole: reads value, which this pack does not ask"]),
        (
            "release_type == 'rotl'",
            [f"{AT} release_type.refused_when.no_parole: compares with 'rotl', which it can never be"],
        ),
    ],
)
def test_what_a_form_refuses_is_read_by_the_questions_own_id(tmp_path: Path, when: str, faults: list[str]) -> None:
    refusal = f'{{when: "{when}", code: no_parole, reason: Not for parole.}}'
    question = f"- item: release_type\n  refused_when:\n    - {refusal}"

    assert faults_of(write_catalogue(tmp_path, question)) == faults


def test_a_question_is_not_asked_or_required_by_its_own_answer(tmp_path: Path) -> None:
    question = "- item: release_type\n  required_when: release_type == 'parole'"

    assert only_fault(tmp_path, question) == (
        f"{AT} release_type.required_when: reads release_type, which is the question itself"
    )


def test_a_form_of_our_own_covers_no_field_of_a_real_one(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "- item: risk_summary\n  covers: [cas3.1]", rows=[row("cas3.1")])
    pack = tmp_path / "packs" / "cas3" / "1.yaml"
    pack.write_text(pack.read_text().replace("form: cas3", "form: none"), encoding="utf-8")

    assert faults_of(tmp_path) == [f"{AT} risk_summary.covers: a form of our own has no inventory to cover"]


def test_a_form_of_our_own_needs_no_field(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "- item: risk_summary")
    pack = tmp_path / "packs" / "cas3" / "1.yaml"
    pack.write_text(pack.read_text().replace("form: cas3", "form: none"), encoding="utf-8")

    assert faults_of(tmp_path) == []
