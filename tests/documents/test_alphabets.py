"""Any alphabet a name may need is shown, or written in codes that can be looked up."""

from collections.abc import Collection
from typing import Any

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from service.documents import alphabets
from service.documents.alphabets import FontCoverage, find_fonts, find_none, spell, write_in_code
from service.documents.outlines import Outline
from service.documents.typesetting import PagesRefused, set_pages

PUNJABI_NAME = "ਪਰਮਜੀਤ"
ODD = ["\x00", "\x1b", "\ud800", "\ue000", "\ufffe", "\U0010ffff", "\u202e", "\u2066", "\ufeff"]


@pytest.fixture(scope="module")
def embedded() -> FontCoverage:
    """Return the fonts inside typst alone, so that what is missing is the same on every machine."""
    return FontCoverage(typst.Fonts(include_system_fonts=False))


def spelt(text: str, coverage: FontCoverage | None = None) -> tuple[str, list[tuple[str, str]]]:
    spelling = spell({"text": text}, coverage.find_missing if coverage else find_none)
    return str(spelling.outline["text"]), spelling.codes


def test_an_alphabet_no_font_has_is_written_in_codes_with_their_names(embedded: FontCoverage) -> None:
    text, codes = spelt("Name: ਪਰ.", embedded)
    assert text == "Name: ⟨U+0A2A⟩⟨U+0A30⟩."
    assert codes == [("⟨U+0A2A⟩", "GURMUKHI LETTER PA"), ("⟨U+0A30⟩", "GURMUKHI LETTER RA")]


@pytest.mark.parametrize("text", ["Łukasz Żółć", "Siân", "Ελένη", "Владимир", "£5 \u2013 “quoted” … €", "e\u0301"])
def test_what_the_fonts_have_is_left_as_written(text: str, embedded: FontCoverage) -> None:
    assert spelt(text, embedded) == (text, [])


def test_a_letter_stays_when_only_what_is_drawn_on_it_is_missing(embedded: FontCoverage) -> None:
    text, codes = spelt("e\u1abe!", embedded)
    assert text == "e⟨U+1ABE⟩!"
    assert [code for code, _ in codes] == ["⟨U+1ABE⟩"]


def test_letters_that_no_single_font_can_join_are_told_apart() -> None:
    def find_joined(clusters: Collection[str]) -> Collection[str]:
        return {cluster for cluster in clusters if len(cluster) > 1}

    spelling = spell({"text": "a👩\u200d🚀b"}, find_joined)
    assert spelling.outline["text"] == "a👩⟨U+200D⟩⟨U+1F680⟩b"


@pytest.mark.parametrize("letter", ODD)
def test_a_character_nobody_can_see_is_a_code_in_every_medium(letter: str) -> None:
    text, codes = spelt(f"a{letter}b")
    assert text == f"a⟨U+{ord(letter):04X}⟩b"
    assert len(codes) == 1


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_end_becomes_one(end: str) -> None:
    assert spelt(f"a{end}b") == ("a\nb", [])


def test_right_to_left_and_joining_marks_are_kept() -> None:
    text = "می\u200cخم \u200fשלם"
    assert spelt(text) == (text, [])


def test_texts_at_any_depth_are_spelt_and_listed_once() -> None:
    outline: Outline = {"title": PUNJABI_NAME, "rows": [["plain", "ਪ"], [{"cell": "ਪ"}]]}
    spelling = spell(outline, lambda clusters: clusters)
    assert spelling.outline["rows"] == [["plain", "⟨U+0A2A⟩"], [{"cell": "⟨U+0A2A⟩"}]]
    assert len(spelling.codes) == len(set(PUNJABI_NAME))


def test_letters_that_make_typst_itself_fail_are_written_in_codes(
    embedded: FontCoverage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_over_e_acute(source: bytes, *arguments: Any, **options: Any) -> bytes:
        if rb"\u{e9}" in source:
            raise PagesRefused
        return set_pages(source, *arguments, **options)

    monkeypatch.setattr(alphabets, "set_pages", fail_over_e_acute)
    assert spelt("à é î ਪ ñ", FontCoverage(embedded.fonts))[0] == "à ⟨U+00E9⟩ î ⟨U+0A2A⟩ ñ"


def test_tags_that_hide_text_in_text_are_seen() -> None:
    assert spelt("a\U000e0041")[0] == "a⟨U+E0041⟩"


def test_a_text_that_fails_by_its_neighbours_is_found_and_the_others_are_left(embedded: FontCoverage) -> None:
    fine, failing = "Siân", "a ਪ"
    assert embedded.find_unsettable([fine, failing]) == {failing}


def test_only_the_texts_named_are_written_in_code() -> None:
    spelling = write_in_code(spell({"one": "é\x00", "two": "é", "rows": [["é\x00"]]}, find_none), {"é⟨U+0000⟩"})
    assert spelling.outline == {"one": "⟨U+00E9⟩⟨U+0000⟩", "two": "é", "rows": [["⟨U+00E9⟩⟨U+0000⟩"]]}
    assert [code for code, _ in spelling.codes] == ["⟨U+0000⟩", "⟨U+00E9⟩"]


@given(st.text())
def test_the_last_resort_leaves_plain_english_letters_and_codes_alone(text: str) -> None:
    spelling = spell({"text": text}, find_none)
    plainest = write_in_code(spelling, spelling.texts)
    shown = str(plainest.outline["text"])
    assert shown.replace("⟨", "").replace("⟩", "").isascii()
    assert all(code in shown for code, _ in plainest.codes)


@given(st.text())
def test_what_was_found_showable_is_spelt_the_same_again(text: str) -> None:
    once, _ = spelt(text, find_fonts())
    assert spelt(once, find_fonts()) == (once, [])
