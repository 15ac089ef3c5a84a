"""The web page says what the PDF says, in a structure a screen reader can follow, and runs nothing."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.documents.contents import (
    AnswerState,
    Change,
    Narrative,
    Person,
    ReferralContents,
    Section,
    ValueList,
    ValueTable,
)
from service.documents.html import CONTENT_SECURITY_POLICY, STYLE_HASH, render_html
from tests.documents.make import OASYS, STORY, make_entry, make_gap, make_referral

VOID = {"meta", "link", "br", "hr", "img", "input"}
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% raw %}",
    "</style></title></dd>",
    "&lt;b&gt; &amp; <!-- --> ]]>",
    "javascript:alert(1)",
]


class Page(HTMLParser):
    """What a page is made of; refuses tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
            self.words.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.words[self.open[-1]][-1] += data

    def with_tag(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def full_referral(text: str = "Text") -> ReferralContents:
    table = ValueTable((text, "Charge"), ((text, "Telephone"),))
    gaps = [make_gap(state, text, text) for state in AnswerState if state is not AnswerState.ANSWERED]
    answered = [make_entry(STORY, provenance=OASYS), make_entry(table), make_entry(ValueList((text,)), note=text)]
    return make_referral(
        marking=f"OFFICIAL {text}",
        title=f"Referral {text}",
        recipient=text,
        person=Person(text, text, details=((text, text),)),
        content_hash=text,
        sections=(Section(text, (*answered, *gaps)), Section("Empty", ())),
        changes=(Change(text, text, None),),
    )


def test_the_page_is_in_british_english_and_titled() -> None:
    page = Page(render_html(full_referral()))
    assert page.with_tag("html") == [{"lang": "en-GB"}]
    assert page.words["title"] == ["Referral Text"]
    assert {"charset": "utf-8"} in page.with_tag("meta")


def test_headings_stand_in_order_under_one_first() -> None:
    page = Page(render_html(full_referral()))
    headings = [tag for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert headings[0] == "h1"
    assert set(headings[1:]) == {"h2"}


def test_a_skip_link_comes_first_and_every_link_and_name_leads_somewhere() -> None:
    page = Page(render_html(full_referral("ਪ\x00")))
    places = [str(attributes["id"]) for _, attributes in page.tags if "id" in attributes]
    links = [str(attributes["href"]) for attributes in page.with_tag("a")]
    names = [attributes["aria-labelledby"] for _, attributes in page.tags if "aria-labelledby" in attributes]
    assert links[0] == "#content"
    assert len(places) == len(set(places))
    assert {link.removeprefix("#") for link in links} | set(names) <= set(places)


def test_every_question_is_a_term_and_every_answer_its_description() -> None:
    page = Page(render_html(make_referral(make_entry("Elm", "Where?"), make_gap(AnswerState.UNANSWERED, "When?"))))
    assert [term for term in page.words["dt"] if term.endswith("?")] == ["Where?", "When?"]
    assert len(page.with_tag("dt")) == len(page.with_tag("dd"))
    assert page.words["p"].count("Elm") == 1


def test_tables_name_themselves_and_their_headings_have_a_scope() -> None:
    page = Page(render_html(full_referral()))
    assert len(page.with_tag("table")) == 2
    assert all(table.get("aria-labelledby") for table in page.with_tag("table"))
    assert all(heading.get("scope") in {"col", "row"} for heading in page.with_tag("th"))


def test_unanswered_and_not_applicable_are_told_apart_in_words() -> None:
    gaps = [make_gap(state) for state in AnswerState if state is not AnswerState.ANSWERED]
    words = Page(render_html(make_referral(*gaps))).words["p"]
    assert [word for word in words if word in {"Not answered", "Not applicable", "Withheld", "Redacted"}] == [
        "Not answered",
        "Not applicable",
        "Withheld",
        "Redacted",
    ]


def test_the_marking_stands_at_top_and_bottom_and_repeats_on_every_printed_page() -> None:
    text = render_html(make_referral())
    page = Page(text)
    markings = [attributes for attributes in page.with_tag("p") if attributes.get("class") == "marking"]
    assert len(markings) == 2
    assert "header { display: table-header-group;" in text
    assert "footer { display: table-footer-group;" in text
    assert 'content: "Page " counter(page) " of " counter(pages)' in text


def test_nothing_runs_nothing_is_fetched_and_no_style_is_inline() -> None:
    page = Page(render_html(full_referral(), with_provenance=True))
    assert not page.with_tag("script", "link", "img", "iframe", "object", "form", "base")
    names = {name for _, attributes in page.tags for name in attributes}
    assert not {name for name in names if name.startswith("on")} | (names & {"style", "src", "srcset"})
    assert "url(" not in page.words["style"][0]
    assert "@import" not in page.words["style"][0]


def test_the_policy_allows_exactly_the_style_in_the_page() -> None:
    [style] = Page(render_html(make_referral())).words["style"]
    assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" == STYLE_HASH
    assert f"style-src {STYLE_HASH};" in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none';")
    assert "unsafe" not in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_is_ever_markup(attack: str) -> None:
    plain, attacked = Page(render_html(full_referral())), Page(render_html(full_referral(attack)))
    assert [tag for tag, _ in attacked.tags] == [tag for tag, _ in plain.tags]
    assert attacked.words["title"] == [f"Referral {attack}"]
    assert attack in attacked.words["li"]
    assert attack in attacked.words["td"]


def test_paragraphs_stay_apart_and_line_ends_inside_them_stay() -> None:
    words = Page(render_html(make_referral(make_entry(Narrative.from_text("One,\nstill.\n\nTwo."))))).words["p"]
    assert [word for word in words if word.startswith(("One", "Two"))] == ["One,\nstill.", "Two."]


def test_any_alphabet_is_left_to_the_browser_and_characters_nobody_sees_are_listed() -> None:
    text = render_html(make_referral(make_entry("ਪਰਮਜੀਤ 王小明 👩\u200d🚀"), make_entry("a\x00b\u202ec")))
    assert "ਪਰਮਜੀਤ 王小明 👩\u200d🚀" in text
    assert "a⟨U+0000⟩b⟨U+202E⟩c" in text
    assert "RIGHT-TO-LEFT OVERRIDE" in text
    assert "GURMUKHI" not in text


def test_provenance_and_changes_are_shown_as_asked() -> None:
    referral = make_referral(make_entry(provenance=OASYS), changes=())
    assert "Source: OASys" not in render_html(referral)
    assert "Source: OASys, as of 1 June 2026" in render_html(referral, with_provenance=True)
    assert "No answer has changed." in render_html(referral)
    assert "Changed since" not in render_html(make_referral())


def test_checks_it_was_sent_past_are_said_before_the_first_section() -> None:
    page = render_html(make_referral(checks_outstanding=("domestic abuse check",)))

    assert page.index("Sent while the domestic abuse check was not answered") < page.index("<h2")


@given(st.text())
def test_whatever_was_typed_the_page_is_whole_and_can_be_sent(text: str) -> None:
    page = render_html(full_referral(text))
    assert page.encode().decode() == page
    assert len(Page(page).with_tag("main")) == 1


def test_equal_contents_give_equal_pages() -> None:
    assert render_html(full_referral()) == render_html(full_referral())
