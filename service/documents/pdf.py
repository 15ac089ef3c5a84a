"""A referral as an accessible PDF (PDF/UA-1), the document a recipient files and prints."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from service.documents.alphabets import FontCoverage, Spelling, find_fonts, spell, write_in_code
from service.documents.contents import ReferralContents
from service.documents.outlines import Outline, outline_referral
from service.documents.typesetting import PagesRefused, set_pages

_TEMPLATE = Path(__file__).with_name("templates") / "referral.typ"


class TypesettingFailed(RuntimeError):
    """The document could not be set at all."""


def render_pdf(referral: ReferralContents, *, with_provenance: bool = False, collapsed: bool = False) -> bytes:
    """Return the referral as PDF/UA-1: tagged, in British English, the same bytes for equal contents and fonts.

    Takes tens of milliseconds of processor time without the GIL, so an async caller moves it off the event loop.

    Raises:
        TypesettingFailed: when typst refuses even a version in plain English letters.
    """
    coverage = find_fonts()
    outline = outline_referral(referral, with_provenance=with_provenance, collapsed=collapsed)
    for spelling in _spellings(outline, coverage):
        try:
            return _typeset(spelling, coverage, int(referral.dated_at.timestamp()))
        except PagesRefused:
            continue
    raise TypesettingFailed("The document could not be typeset.")


def _spellings(outline: Outline, coverage: FontCoverage) -> Iterator[Spelling]:
    """Give ever plainer spellings: letters that pass alone can fail side by side, and codes beat no document."""
    spelling = spell(outline, coverage.find_missing)
    yield spelling
    yield write_in_code(spelling, coverage.find_unsettable(spelling.texts))
    yield write_in_code(spelling, spelling.texts)


def _typeset(spelling: Spelling, coverage: FontCoverage, seconds: int) -> bytes:
    codes = [{"code": code, "name": name} for code, name in spelling.codes]
    data = {**spelling.outline, "codes": codes, "font": coverage.family}
    return set_pages(_template(), coverage.fonts, {"referral": json.dumps(data, ensure_ascii=False)}, seconds=seconds)


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()
