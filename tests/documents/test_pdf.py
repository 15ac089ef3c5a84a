"""The PDF holds every answer once, can be read by everybody, and stays the same."""

import io
import re
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import Mock

import pypdf
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from service.documents import pdf
from service.documents.alphabets import FontCoverage, find_fonts
from service.documents.contents import (
    AnswerState,
    Change,
    Narrative,
    Person,
    ReferralContents,
    Section,
    ValueList,
    ValueTable,
    YesNo,
)
from service.documents.pdf import TypesettingFailed, render_pdf
from service.documents.typesetting import PagesRefused, set_pages
from tests.documents.make import OASYS, make_entry, make_gap, make_referral

SPECIAL = r"""#let x; *bold* _it_ `raw` $x^2$ \ <label> @ref = Head // /* no */ ~ -- --- ... "q" 'q' <b>&amp;</b>[{}]"""
RIGHT_MARGIN = 595.3 - 62.4
MARKUP_LINES = "= Not a heading\n- not a list\n+ nor an enumeration\n/ nor: a term\n#panic()\n```raw```"


def read(referral: ReferralContents, **options: bool) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(render_pdf(referral, **options)))


def texts(reader: pypdf.PdfReader) -> list[str]:
    return [page.extract_text() for page in reader.pages]


def squeezed(text: str) -> str:
    """Return text without what a line's end may add or take."""
    return re.sub(r"[\s\u200b\u00ad]", "", text)


def pieces_of(page: pypdf.PageObject) -> list[tuple[float, float, str]]:
    """Return where each piece of small text starts and, at half an em a letter, at least ends, in points; and its text.

    Half an em is less than what figures and most letters of a sans-serif take: a piece is seldom shorter than that.
    """
    found = []

    def note(text: str, matrix: list[float], within: list[float], _: object, size: float) -> None:
        piece = text.strip().replace("\u200b", "")
        if piece and size < 10:
            start = matrix[4] + within[4]
            found.append((start, start + len(piece) * size / 2, piece))

    page.extract_text(visitor_text=note)
    return found


def tags(reader: pypdf.PdfReader) -> Counter[str]:
    catalogue: Any = reader.trailer["/Root"]
    return Counter(_walk(catalogue["/StructTreeRoot"]["/K"]))


def _walk(node: Any) -> Iterator[str]:
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from _walk(child)
    elif isinstance(node, dict) and "/S" in node:
        yield str(node["/S"])
        if "/K" in node:
            yield from _walk(node["/K"])


def long_referral() -> ReferralContents:
    sections = tuple(
        Section(f"Part {part}", tuple(make_entry(f"Answer {part}-{n}.", f"Question {part}-{n}?") for n in range(30)))
        for part in range(10)
    )
    return make_referral(sections=sections)


def test_three_hundred_answers_each_stand_once() -> None:
    text = "\n".join(texts(read(long_referral())))
    for part in range(10):
        for n in range(30):
            assert text.count(f"Answer {part}-{n}.") == 1
            assert text.count(f"Question {part}-{n}?") == 1


def test_every_page_is_marked_at_top_and_bottom_and_says_whose_it_is_and_where_it_ends() -> None:
    pages = texts(read(long_referral()))
    assert len(pages) > 5
    for number, page in enumerate(pages, start=1):
        assert page.count("OFFICIAL-SENSITIVE") == (3 if number == 1 else 2)
        assert f"Page {number} of {len(pages)}" in page
        assert "To: Elm House" in page
        assert "CRN: X320741" in page


def test_the_document_is_tagged_titled_and_in_british_english() -> None:
    table = ValueTable(("Date", "Charge"), (("1 May 2025", "Telephone"), ("2 May 2025", "Late")))
    reader = read(make_referral(make_entry(), make_entry(table), make_entry(ValueList(("One", "Two")))))
    catalogue: Any = reader.trailer["/Root"]
    assert catalogue["/Lang"] == "en-GB"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Approved premises referral"
    assert b"pdfuaid" in catalogue["/Metadata"].get_data()
    found = tags(reader)
    assert found["/TH"] == 2
    assert found["/TD"] == 4
    assert found["/Title"] == 1
    assert found["/H1"] == 1
    assert found["/Lbl"] == found["/LBody"] == found["/LI"]


def test_sections_keep_their_order_and_are_bookmarked() -> None:
    sections = tuple(Section(title, (make_entry(),)) for title in ("Zeal", "Alpha", "Middle"))
    reader = read(make_referral(sections=sections))
    bookmarks: Any = reader.outline
    assert [bookmark.title for bookmark in bookmarks] == ["Contents", "Zeal", "Alpha", "Middle"]


@pytest.mark.parametrize("text", [SPECIAL, *MARKUP_LINES.split("\n"), MARKUP_LINES, "a  b", "100% of £5 & <more>"])
def test_no_text_is_ever_markup(text: str) -> None:
    table = ValueTable((text,), ((text,),))
    referral = make_referral(make_entry(text), make_entry(table), make_entry(ValueList((text,))))
    assert squeezed("".join(texts(read(referral)))).count(squeezed(text)) == 4


def test_text_in_every_other_place_is_no_markup_either() -> None:
    referral = make_referral(
        marking=SPECIAL,
        title=SPECIAL,
        pack=SPECIAL,
        recipient=SPECIAL,
        status=SPECIAL,
        content_hash=SPECIAL,
        person=Person(SPECIAL, SPECIAL, details=((SPECIAL, SPECIAL),)),
        sections=(Section(SPECIAL, (make_gap(AnswerState.REDACTED, SPECIAL, SPECIAL),)), Section("Empty", ())),
        changes=(Change(SPECIAL, SPECIAL, SPECIAL),),
    )
    assert squeezed("".join(texts(read(referral)))).count(squeezed(SPECIAL)) > 15


def test_a_narrative_of_twenty_thousand_characters_runs_over_pages_and_loses_nothing() -> None:
    words = [f"word{n}" for n in range(2500)]
    paragraphs = tuple(" ".join(words[start : start + 250]) for start in range(0, 2500, 250))
    reader = read(make_referral(make_entry("Before."), make_entry(Narrative(paragraphs)), make_entry("After.")))
    assert sum(map(len, paragraphs)) > 20_000
    assert len(reader.pages) > 3
    assert re.findall(r"word\d+", "\n".join(texts(reader))) == words


@pytest.mark.parametrize(("piece", "times"), [("W", 500), ("path/", 200), ("xy", 1500), ("Ж", 400)])
def test_a_word_too_long_for_its_line_is_broken_and_complete(piece: str, times: int) -> None:
    table = ValueTable(("One", "Two", "Three", "Four", "Five"), ((piece * times, "b", "c", "d", "e"),))
    text = "\n".join(texts(read(make_referral(make_entry(piece * times), make_entry(table))))).replace("\u200b", "")
    # By letter, because a page may end inside a piece.
    assert all(text.count(letter) >= 2 * times * piece.count(letter) for letter in piece)
    assert max(map(len, text.split("\n"))) < 110


@pytest.mark.parametrize(
    "token",
    [
        "d0000001-0000-4000-8000-000000000001",
        "https://records.example.gov.uk/documents/2026/10/19/1.pdf?version=1&page=2",
        "casey.invented@probation.example.gov.uk",
        "0123456789" * 4,
        "Institutionalisations",
    ],
)
def test_no_text_of_a_cell_reaches_into_the_next_column(token: str) -> None:
    headings = ("Id in the record system", "Title", "Date", "Description", "Kind")
    row = (token, "Prison information report", "23 December 2021", "What the prison knows of him", token)
    reader = read(make_referral(make_entry(ValueTable(headings, (row, row))), content_hash=None))
    found = pieces_of(reader.pages[0])
    columns = sorted({start for start, _, text in found if text in {"Id in the record", *headings[1:]}})

    assert len(columns) == len(headings)
    for start, end, text in found:
        if start >= columns[0]:  # further left stand the header and the footer
            assert end <= min((column for column in columns if column > start), default=RIGHT_MARGIN), text
    assert squeezed("".join(texts(reader))).replace("-", "").count(token.replace("-", "")) == 4


def test_unanswered_and_not_applicable_are_told_apart_in_words() -> None:
    gaps = [make_gap(state, f"About {state}") for state in AnswerState if state is not AnswerState.ANSWERED]
    text = "\n".join(texts(read(make_referral(*gaps))))
    for label, words in [
        ("About unanswered", "Not answered"),
        ("About not_applicable", "Not applicable"),
        ("About withheld", "Withheld"),
        ("About redacted", "Redacted"),
    ]:
        assert f"{label}\n{words}" in text


def test_provenance_stands_in_the_document_on_request_only() -> None:
    referral = make_referral(make_entry(YesNo(is_yes=True), provenance=OASYS))
    assert "Source: OASys" not in "".join(texts(read(referral)))
    assert "Source: OASys, as of 1 June 2026, recorded by J. Okafor." in "".join(
        texts(read(referral, with_provenance=True))
    )


def test_what_changed_since_the_version_before_is_listed_or_said_to_be_nothing() -> None:
    changed = "".join(texts(read(make_referral(changes=(Change("Diet", None, "Halal"),)))))
    assert re.search(r"Diet\s+Not answered\s+Halal", changed)
    assert "No answer has changed." in "".join(texts(read(make_referral(changes=()))))
    assert "Changed since" not in "".join(texts(read(make_referral())))


def test_collapsed_it_says_in_one_line_what_does_not_apply() -> None:
    unasked = make_gap(AnswerState.NOT_APPLICABLE, "When was that?")
    referral = make_referral(sections=(Section("Diet", (make_entry(), unasked)), Section("Prison", (unasked,))))
    collapsed, whole = ("".join(texts(read(referral, collapsed=chosen))) for chosen in (True, False))

    assert "Not applicable: When was that?" in collapsed
    assert "Prison: nothing here applies" in collapsed
    assert "nothing here applies" not in whole


def test_equal_contents_give_equal_bytes() -> None:
    first = render_pdf(long_referral())
    render_pdf(make_referral(make_entry("ਪਰਮਜੀਤ")))
    assert render_pdf(long_referral()) == first


def test_threads_may_render_at_once() -> None:
    referrals = [make_referral(make_entry(f"Answer {n} ਪ Ж")) for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(render_pdf, referrals))
    assert together == [render_pdf(referral) for referral in referrals]


def test_an_alphabet_without_a_font_is_written_in_codes_listed_on_the_last_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embedded = FontCoverage(typst.Fonts(include_system_fonts=False))
    monkeypatch.setattr(pdf, "find_fonts", lambda: embedded)
    pages = texts(read(make_referral(make_entry("ਪਰ"), person=Person("ਪਰ", "X320741"))))
    assert "⟨U+0A2A⟩⟨U+0A30⟩" in squeezed(pages[0])
    assert "GURMUKHI LETTER PA" in pages[-1]
    assert "GURMUKHI LETTER RA" in pages[-1]
    assert "GURMUKHI" not in pages[0]


def test_one_text_the_fonts_fail_at_leaves_the_others_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    hopeful = FontCoverage(typst.Fonts(include_system_fonts=False))
    monkeypatch.setattr(hopeful, "find_missing", lambda clusters: set())
    monkeypatch.setattr(pdf, "find_fonts", lambda: hopeful)
    text = "".join(texts(read(make_referral(make_entry("é ਪ"), make_entry("Siân")))))
    assert "⟨U+00E9⟩ ⟨U+0A2A⟩" in text
    assert "Siân" in text


def test_when_nothing_else_can_be_set_there_is_a_document_in_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    hopeless = FontCoverage(typst.Fonts(include_system_fonts=False))
    monkeypatch.setattr(hopeless, "find_missing", lambda clusters: set())
    monkeypatch.setattr(hopeless, "find_unsettable", lambda clusters: set())
    monkeypatch.setattr(pdf, "find_fonts", lambda: hopeless)
    text = "".join(texts(read(make_referral(make_entry("ਪ"), make_entry("Siân")))))
    assert "⟨U+0A2A⟩" in text
    assert "Si⟨U+00E2⟩n" in text


def test_a_failure_to_typeset_does_not_repeat_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_template", lambda: b"#panic(sys.inputs.referral)")
    with pytest.raises(TypesettingFailed) as failure:
        render_pdf(make_referral())
    assert "Ashdown" not in "".join(traceback.format_exception(failure.value))


def test_a_crash_inside_typst_is_a_refusal_and_an_interrupt_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})
    for raised, expected in [(panic("a private matter"), PagesRefused), (KeyboardInterrupt(), KeyboardInterrupt)]:
        monkeypatch.setattr(typst, "compile", Mock(side_effect=raised))
        with pytest.raises(expected) as failure:
            set_pages(b"", find_fonts().fonts, {}, seconds=0)
        assert "private" not in "".join(traceback.format_exception(failure.value))


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_whatever_was_typed_there_is_a_document(answer: str, name: str) -> None:
    table = ValueTable((answer, "b"), ((name, answer),))
    referral = make_referral(make_entry(Narrative.from_text(answer)), make_entry(table), person=Person(name, "X320741"))
    assert len(read(referral).pages) >= 1
