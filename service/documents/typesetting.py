"""typst, asked to set pages: what it refuses, and where, without repeating a word of what it was setting."""

import re
from collections.abc import Mapping

import typst

_NAMED_LINE = re.compile(r"\.typ:(\d+):\d+$", re.MULTILINE)
# Where typst panics, its Rust binding raises this module's exception, which is no Exception and cannot be imported.
_PANIC_MODULE = "pyo3_runtime"


class PagesRefused(Exception):
    """Typst would not set the pages; `lines` are the lines of the source it named (none, when it failed outright)."""

    def __init__(self, lines: frozenset[int] = frozenset()) -> None:
        super().__init__("The pages could not be set.")
        self.lines = lines


def set_pages(source: bytes, fonts: typst.Fonts, inputs: Mapping[str, str], *, seconds: int) -> bytes:
    """Return the source set as PDF/UA-1, dated `seconds` after the epoch; releases the GIL.

    Raises:
        PagesRefused: on any failure, its cause suppressed, since typst's own words quote the text.
    """
    try:
        return typst.compile(source, sys_inputs=dict(inputs), font_paths=fonts, pdf_standards="ua-1", timestamp=seconds)
    except typst.TypstError as refusal:
        lines = frozenset(int(line) for line in _NAMED_LINE.findall(refusal.diagnostic))
        raise PagesRefused(lines) from None
    except BaseException as failure:
        if type(failure).__module__ == _PANIC_MODULE:
            raise PagesRefused from None
        raise
