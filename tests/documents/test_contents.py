"""What may stand in a document at all, and how it is put into words."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from service.documents.contents import (
    AnswerState,
    Entry,
    Narrative,
    Provenance,
    Section,
    ShortValue,
    Value,
    ValueList,
    ValueTable,
    YesNo,
)
from service.documents.outlines import STATE_WORDS, outline_referral
from tests.documents.make import OASYS, make_entry, make_gap, make_referral

GAPS = [state for state in AnswerState if state is not AnswerState.ANSWERED]


@pytest.mark.parametrize("state", GAPS)
def test_only_an_answered_entry_may_hold_a_value(state: AnswerState) -> None:
    with pytest.raises(ValueError, match="exactly when it is answered"):
        Entry("Victim contact", state, ShortValue("Held"))


def test_an_answered_entry_must_hold_a_value() -> None:
    with pytest.raises(ValueError, match="exactly when it is answered"):
        Entry("Victim contact", AnswerState.ANSWERED)


@pytest.mark.parametrize("state", GAPS)
def test_an_entry_without_a_value_does_not_say_where_one_came_from(state: AnswerState) -> None:
    with pytest.raises(ValueError, match="no provenance"):
        Entry("Victim contact", state, provenance=OASYS)


def test_a_table_row_that_does_not_fit_its_headings_is_refused() -> None:
    with pytest.raises(ValueError, match="one cell for each heading"):
        ValueTable(("Date", "Charge"), (("1 May 2025",),))


def test_a_table_without_headings_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one heading"):
        ValueTable((), ())


@pytest.mark.parametrize("changes", [{"marking": " "}, {"title": ""}])
def test_an_unmarked_or_untitled_document_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a marking and a title"):
        make_referral(**changes)


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        make_referral(dated_at=datetime(2026, 7, 14, 9, 5))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("typed", "paragraphs"),
    [
        ("One.\n\nTwo.", ("One.", "Two.")),
        ("One,\nstill one.\r\n \r\n\r\nTwo.\n", ("One,\nstill one.", "Two.")),
        ("\n\n  \n", ()),
        ("", ()),
    ],
)
def test_typed_text_is_split_at_blank_lines_and_keeps_its_line_ends(typed: str, paragraphs: tuple[str, ...]) -> None:
    assert Narrative.from_text(typed).paragraphs == paragraphs


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (YesNo(is_yes=True), "Yes"),
        (YesNo(is_yes=False), "No"),
        (ShortValue(" "), "Left blank"),
        (Narrative(()), "Left blank"),
        (ValueList(()), "None listed"),
        (ValueTable(("Date",), ()), "None listed"),
    ],
)
def test_an_answer_is_never_an_empty_space(value: Value, shown: str) -> None:
    assert entry_outline(make_entry(value))["paragraphs"] == [shown]


def test_every_state_without_an_answer_has_words_of_its_own() -> None:
    words = [entry_outline(make_gap(state))["paragraphs"] for state in GAPS]
    assert words == [[STATE_WORDS[state]] for state in GAPS]
    assert len(set(STATE_WORDS.values())) == len(GAPS)


@pytest.mark.parametrize(
    ("provenance", "sentence"),
    [
        (OASYS, "Source: OASys, as of 1 June 2026, recorded by J. Okafor."),
        (Provenance("NOMIS", date(2026, 12, 31)), "Source: NOMIS, as of 31 December 2026."),
        (Provenance("the person", None, "A. Reed"), "Source: the person, recorded by A. Reed."),
    ],
)
def test_provenance_is_one_sentence_and_given_on_request_only(provenance: Provenance, sentence: str) -> None:
    entry = make_entry("High", provenance=provenance, note="Reworded for this referral")
    assert entry_outline(entry, with_provenance=True)["notes"] == ["Reworded for this referral", sentence]
    assert entry_outline(entry)["notes"] == ["Reworded for this referral"]


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 7, 14, 9, 5, tzinfo=UTC), "14 July 2026 at 10:05 BST"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "31 December 2026 at 23:59 GMT"),
    ],
)
def test_a_draft_says_so_and_gives_its_instant_in_british_time(at: datetime, shown: str) -> None:
    outline: Any = outline_referral(make_referral(submission=None, dated_at=at), with_provenance=False)
    assert outline["standing"] == "Draft, not submitted"
    assert {"label": "As it stood on", "text": shown} in outline["facts"]


def test_the_tally_counts_each_state_and_explains_only_those_used() -> None:
    unanswered = AnswerState.UNANSWERED
    referral = make_referral(sections=(Section("A", (make_entry(), make_gap(unanswered))), Section("B", ())))
    outline: Any = outline_referral(referral, with_provenance=False)
    assert outline["tally"] == "2 questions: 1 answered, 1 not answered."
    assert [meaning["label"] for meaning in outline["meanings"]] == ["Not answered"]


def entry_outline(entry: Entry, *, with_provenance: bool = False) -> Any:
    outline: Any = outline_referral(make_referral(entry), with_provenance=with_provenance)
    return outline["sections"][0]["entries"][0]


def test_collapsed_a_section_ends_with_the_labels_of_what_does_not_apply() -> None:
    unasked = [make_gap(AnswerState.NOT_APPLICABLE, label) for label in ("Which other?", "When?")]
    section = collapsed_outline(unasked[0], make_entry("Elm", "Where?"), unasked[1], make_gap(AnswerState.UNANSWERED))

    assert [entry["state"] for entry in section["entries"]] == ["answered", "unanswered"]
    assert section["remark"] == "Not applicable: Which other? · When?"


def test_collapsed_a_section_where_nothing_applies_is_its_title() -> None:
    section = collapsed_outline(make_gap(AnswerState.NOT_APPLICABLE), make_gap(AnswerState.NOT_APPLICABLE))

    assert section == {"title": "Accommodation: nothing here applies", "entries": [], "remark": ""}


def test_collapsed_an_unanswered_question_is_never_hidden() -> None:
    section = collapsed_outline(make_gap(AnswerState.UNANSWERED), make_gap(AnswerState.WITHHELD))

    assert [entry["state"] for entry in section["entries"]] == ["unanswered", "withheld"]
    assert section["remark"] == ""


def collapsed_outline(*entries: Entry) -> Any:
    outline: Any = outline_referral(make_referral(*entries), with_provenance=False, collapsed=True)
    return outline["sections"][0]
