"""When two spellings are one family name."""

import pytest

from service.domain.searches import is_same_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Smith", "SMITH"),
        ("O'Neill", "O\N{RIGHT SINGLE QUOTATION MARK}Néill"),
        ("Smith-Jones", "Smith Jones"),
        ("Strauß", "Strauss"),
        ("ਸਿੰਘ", "ਸਿੰਘ "),
        ("张", "张"),
    ],
)
def test_capitals_accents_and_punctuation_do_not_matter(one: str, other: str) -> None:
    assert is_same_name(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("Smith", "Smyth"), ("Smith", None), (None, None), ("张", "王"), ("ਸਿੰਘ", "ਸੰਘ"), ("-", "'")]
)
def test_other_letters_or_none_are_not_the_same_name(one: str | None, other: str | None) -> None:
    assert not is_same_name(one, other)
